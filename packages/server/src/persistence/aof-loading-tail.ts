import type { Disk, File } from '@kvartz/base';
import type { AofEnd } from '@kvartz/persistence';
import type { Kernel } from '../kernel.ts';
import { systemErrorCode, systemErrorText } from './system-error-text.ts';

const pieceBytes = 2 ** 20;
/** Files of one name that are kept. */
const namesMax = 1000;

const found: Readonly<Record<AofEnd['kind'], string>> = {
  whole: 'ends as it should',
  cut: 'ends in the middle of a command',
  zeros: 'ends with zero bytes',
  openTransaction: 'ends between MULTI and EXEC',
};

/** How the file ends, for people. */
export function describeEnd({ expected, kind, offset }: AofEnd): string {
  const text = `it ${found[kind]} at offset ${offset}`;
  return expected === '' ? text : `${text}, where ${expected} should follow`;
}

/** Cuts off what cannot be run, so that what is written next follows a whole command, and says so in the log. */
export async function cutTail({ env, log }: Kernel, path: string, end: AofEnd): Promise<void> {
  const { droppedCommands, safeOffset, sizeBytes } = end;
  const kept = await cutFile(env.disk, path, safeOffset);
  const partial = end.kind === 'cut' ? ' and one that was not whole' : '';
  log.warning(
    `Append-only file ${path}: ${describeEnd(end)}. Cut off ${sizeBytes - safeOffset} bytes from offset ${safeOffset} on ` +
      `(${droppedCommands} commands${partial}); they are ${kept}.`,
  );
}

/**
 * Cuts a file, and keeps what was cut off in a file beside it; says which (`kept in ...`). Where there is no room to keep it, it goes all
 * the same: nobody was told that it had been written. Rejects with a SystemError when the file cannot be cut.
 */
export async function cutFile(disk: Disk, path: string, sizeBytes: number): Promise<string> {
  let kept: string;
  try {
    kept = `kept in ${await keepTail(disk, path, sizeBytes)}`;
  } catch (error) {
    kept = `not kept (${systemErrorText(error)})`;
  }
  const file = await disk.open(path, 'append');
  try {
    await file.truncate(sizeBytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return kept;
}

/** The name of the file that holds what stands behind `offset`. */
async function keepTail(disk: Disk, path: string, offset: number): Promise<string> {
  const [name, copy] = await openNew(disk, `${path}.tail-${offset}`);
  try {
    const source = await disk.open(path, 'read');
    try {
      await copyFrom(source, offset, copy);
    } finally {
      await source.close();
    }
    await copy.sync();
  } catch (error) {
    await copy.close();
    await disk.remove(name).catch(() => {}); // the first error is the one to tell
    throw error;
  }
  await copy.close();
  await disk.syncFolder(path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '.');
  return name;
}

async function openNew(disk: Disk, path: string): Promise<[name: string, file: File]> {
  for (let i = 1; ; i++) {
    const name = i === 1 ? path : `${path}.${i}`;
    try {
      return [name, await disk.open(name, 'exclusive')];
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST' || i === namesMax) throw error;
    }
  }
}

async function copyFrom(source: File, offset: number, target: File): Promise<void> {
  const piece = new Uint8Array(pieceBytes);
  let at = offset;
  for (;;) {
    const gotBytes = await source.read(piece, at);
    if (gotBytes === 0) return;
    await target.write(piece.subarray(0, gotBytes));
    at += gotBytes;
  }
}
