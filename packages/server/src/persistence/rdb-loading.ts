import type { File } from '@kvartz/base';
import { RdbError, SnapshotLoader } from '@kvartz/persistence';
import type { Kernel } from '../kernel.ts';
import { DataFileError } from './data-file-error.ts';
import type { Loading } from './loading.ts';
import { StreamPlace } from './stream-place.ts';
import { systemErrorCode, systemErrorText } from './system-error-text.ts';

const readBytes = 2 ** 20;
/** Bytes that are taken in between two looks at the clock. */
const usualPieceBytes = 2 ** 17;
/** With `key-load-delay`: a key or two. */
const slowPieceBytes = 32;

const advice =
  "Look at it with 'kvartz rdb check', put a good copy in its place, or move it away to start without its data";

/**
 * Loads the snapshot at `path` into the databases. False: there is no such file. Rejects with a DataFileError when it is not whole
 * and right; the databases then hold what came before. Clients must be kept out meanwhile (Gate.loading). A replica leaves it to its
 * master to remove what has expired (`expiredBeforeMs` -Infinity).
 */
export async function loadRdb(
  kernel: Kernel,
  path: string,
  loading: Loading,
  expiredBeforeMs: number = kernel.replication.isReplica ? -Infinity : kernel.nowMs,
): Promise<boolean> {
  let file: File;
  try {
    file = await kernel.env.disk.open(path, 'read');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw new DataFileError(path, systemErrorText(error), 'Make it readable, or move it away', error);
  }
  try {
    loading.begin(await file.sizeBytes());
    await loadRdbPart(kernel, file, 0, loading, expiredBeforeMs);
  } catch (error) {
    if (error instanceof RdbError) throw new DataFileError(path, error.message, advice, error);
    if (systemErrorCode(error) === undefined || error instanceof DataFileError) throw error;
    throw new DataFileError(path, systemErrorText(error), 'The disk may be failing', error);
  } finally {
    loading.end();
    await file.close();
  }
  return true;
}

/**
 * Loads the snapshot that begins at an offset of a file; returns where it ended. `loading` has begun. Rejects with an RdbError, whose
 * offset counts from where the snapshot begins, with a DataFileError where the memory does not suffice, or with a SystemError. Keys
 * that expired before `expiredBeforeMs` are left out; what commands follow may count on all of them (-Infinity).
 */
export async function loadRdbPart(
  kernel: Kernel,
  file: File,
  offset: number,
  loading: Loading,
  expiredBeforeMs: number,
): Promise<number> {
  const { databases, log, persistence } = kernel;
  const place = new StreamPlace();
  loading.place = place;
  const loader = new SnapshotLoader({
    databases,
    expiredBeforeMs,
    isChecksummed: kernel.config.rdbChecksum,
    onAux: (name, value) => {
      noteAux(kernel, loading, name, value);
      place.note(name, value);
    },
    onFunctionLibrary: (code) => persistence.functionLibraries.push(code.slice()),
    onModuleAux: (name) => log.warning(`The RDB file has data of the module ${name}, which are left out`),
  });
  const [{ expiryMode }] = databases;
  for (const database of databases) database.expiryMode = 'ignore';
  try {
    await feed(kernel, loader, file, offset, loading);
    loader.finish();
  } catch (error) {
    if (!(error instanceof RdbError)) leaveOff(loader);
    throw error;
  } finally {
    for (const database of databases) database.expiryMode = expiryMode;
  }
  const { emptyKeys, expiredKeys, isOutOfMemory, loadedKeys } = loader;
  loading.keysLoaded = loadedKeys;
  loading.keysExpired = expiredKeys;
  if (isOutOfMemory) {
    const reason = `there is no memory for more than its first ${loadedKeys} keys (offset ${offset + loader.offset})`;
    throw new DataFileError(file.path, reason, 'Give the server more memory');
  }
  log.notice(
    `Done loading RDB, keys loaded: ${loadedKeys}, keys expired: ${expiredKeys}, empty keys skipped: ${emptyKeys}.`,
  );
  return offset + loader.offset;
}

/** The disk has failed, or the server ends: a key that has begun does not stay. */
function leaveOff(loader: SnapshotLoader): void {
  try {
    loader.finish();
  } catch {
    // It was not whole, of course.
  }
}

/** The next bytes are read while those before them are taken in. */
async function feed(
  { config, env }: Kernel,
  loader: SnapshotLoader,
  file: File,
  offset: number,
  loading: Loading,
): Promise<void> {
  const delayUs = config.keyLoadDelayUs;
  const pieceBytes = delayUs > 0 ? slowPieceBytes : usualPieceBytes;
  let [current, ahead] = [new Uint8Array(readBytes), new Uint8Array(readBytes)];
  let at = offset;
  let reading = file.read(current, at);
  for (;;) {
    const gotBytes = await reading;
    if (gotBytes === 0) return;
    at += gotBytes;
    reading = file.read(ahead, at);
    // A failed read is told of when its turn has come; until then nobody waits for it.
    reading.catch(() => {});
    for (let start = 0; start < gotBytes && !loader.isDone && !loader.isOutOfMemory; start += pieceBytes) {
      const end = Math.min(gotBytes, start + pieceBytes);
      loader.feed(current.subarray(start, end));
      const delayMs = ((loader.loadedKeys - loading.keysLoaded) * delayUs) / 1000;
      loading.keysLoaded = loader.loadedKeys;
      loading.keysExpired = loader.expiredKeys;
      await loading.advance(end - start);
      if (delayMs > 0) await new Promise<void>((resolve) => void env.timers.after(delayMs, resolve));
    }
    if (loader.isDone || loader.isOutOfMemory) return void (await reading);
    [current, ahead] = [ahead, current];
  }
}

/** Log lines in Redis's words. */
function noteAux({ log, nowMs }: Kernel, loading: Loading, name: string, value: string): void {
  if (name === 'redis-ver') log.notice(`Loading RDB produced by version ${value}`);
  else if (name === 'ctime') {
    const age = Math.max(0, Math.floor(nowMs / 1000) - Number(value));
    log.notice(`RDB age ${age} seconds`);
  } else if (name === 'used-mem') {
    loading.usedMemoryBytes = Number(value);
    log.notice(`RDB memory usage when created ${(Number(value) / (1024 * 1024)).toFixed(2)} Mb`);
  } else if (name === 'aof-base' && value === '1') log.notice('RDB is base AOF');
}
