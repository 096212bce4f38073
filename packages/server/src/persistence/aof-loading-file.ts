import { ByteBuffer, type File } from '@kvartz/base';
import { type AofEnd, AofEvent, AofReader, beginsWithRdb } from '@kvartz/persistence';
import { RequestBatch } from '@kvartz/resp';
import type { Kernel } from '../kernel.ts';
import type { AofCommands } from './aof-loading-commands.ts';
import type { Loading } from './loading.ts';
import { loadRdbPart } from './rdb-loading.ts';

const readBytes = 2 ** 20;
/** Misses of so many keys overlap. */
const batchSize = 16;
/** Between two looks at the clock. */
const batchesPerLook = 32;
const headBytes = 5;

/**
 * Runs what stands in a file of an append-only file: commands, an RDB file, or an RDB file and then commands. Rejects with an
 * AofError, an AofCommandError, an RdbError or a SystemError.
 */
export async function loadAofFile(
  kernel: Kernel,
  commands: AofCommands,
  file: File,
  loading: Loading,
): Promise<AofEnd> {
  const head = new Uint8Array(headBytes);
  const gotBytes = await file.read(head, 0);
  let offset = 0;
  if (beginsWithRdb(head.subarray(0, gotBytes)) === true) {
    offset = await loadRdbPart(kernel, file, 0, loading, -Infinity);
    setExpiryMode(kernel, 'ignore');
  }
  return runCommands(kernel, commands, file, offset, loading);
}

/** `ignore`: time does nothing to keys; only the file says what becomes of them. */
export function setExpiryMode({ databases }: Kernel, mode: 'ignore' | 'delete'): void {
  for (const database of databases) database.expiryMode = mode;
}

/** The next bytes are read while those before them are run. */
async function runCommands(
  kernel: Kernel,
  commands: AofCommands,
  file: File,
  offset: number,
  loading: Loading,
): Promise<AofEnd> {
  const reader = new AofReader(offset);
  let [current, ahead] = [new ByteBuffer(readBytes), new ByteBuffer(readBytes)];
  let at = offset;
  let reading = file.read(current.u8, at);
  for (;;) {
    const gotBytes = await reading;
    if (gotBytes === 0) return reader.finish();
    at += gotBytes;
    reading = file.read(ahead.u8, at);
    // A failed read is told of when its turn has come; until then nobody waits for it.
    reading.catch(() => {});
    reader.feed(current, 0, gotBytes);
    if (kernel.config.keyLoadDelayUs > 0) await runSlowly(kernel, commands, reader, loading);
    else await runAll(commands, reader, loading);
    [current, ahead] = [ahead, current];
  }
}

/** What has been fed. */
async function runAll(commands: AofCommands, reader: AofReader, loading: Loading): Promise<void> {
  const batch = new RequestBatch(batchSize);
  let before = reader.offset;
  for (let looks = 1; ; looks++) {
    const base = reader.inputOffset;
    if (reader.nextBatch(batch) > 0) commands.runBatch(batch, base);
    else if (!runNext(commands, reader)) break;
    if (looks % batchesPerLook !== 0) continue;
    await loading.advance(reader.offset - before);
    before = reader.offset;
  }
  await loading.advance(reader.offset - before);
}

/** With `key-load-delay`: a pause after each command. */
async function runSlowly(kernel: Kernel, commands: AofCommands, reader: AofReader, loading: Loading): Promise<void> {
  const { config, env } = kernel;
  for (;;) {
    const before = reader.offset;
    const isMore = runNext(commands, reader);
    await loading.advance(reader.offset - before);
    if (!isMore) return;
    await new Promise<void>((resolve) => void env.timers.after(config.keyLoadDelayUs / 1000, resolve));
  }
}

/** False: the reader wants more. */
function runNext(commands: AofCommands, reader: AofReader): boolean {
  switch (reader.next()) {
    case AofEvent.needMore:
      return false;
    case AofEvent.command:
      commands.run(reader.args, reader.itemOffset);
      return true;
    case AofEvent.multi:
      commands.multi();
      return true;
    case AofEvent.exec:
      commands.exec();
      return true;
    default:
      return true;
  }
}
