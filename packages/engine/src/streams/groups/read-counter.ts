import type { Arena, BlockRef } from '../../arena.ts';
import { readRootId, rootWord, StreamWord } from '../layout.ts';
import { StreamId } from '../stream-id.ts';
import { type GroupRef, GroupWord, setWordAt, wordAt } from './layout.ts';

/*
 * How many entries of its stream a group has read: a number that XADD's counter minus the group's gives the group's lag. It is not
 * known when entries were deleted between the group's last one and the end; then it is reckoned from what is known of the
 * first entry, the last one, and the highest ID that was deleted, as in Redis 7.
 */

/** High and low word of a counter that is not known: -1, as Redis has it. */
const unknownWord = 0xffff_ffff;
const bound = new StreamId();
const firstId = new StreamId();
const reckoned = new Uint32Array(2);

export function isReadKnown(arena: Arena, group: GroupRef): boolean {
  return !isUnknown(wordAt(arena, group, GroupWord.entriesRead), wordAt(arena, group, GroupWord.entriesRead + 1));
}

function isUnknown(high: number, low: number): boolean {
  return high === unknownWord && low === unknownWord;
}

/** As a signed number: -1 when it is not known. */
export function entriesRead(arena: Arena, group: GroupRef): bigint {
  const high = wordAt(arena, group, GroupWord.entriesRead);
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(wordAt(arena, group, GroupWord.entriesRead + 1)));
}

export function setEntriesRead(arena: Arena, group: GroupRef, count: bigint): void {
  setWordAt(arena, group, GroupWord.entriesRead, Number(BigInt.asUintN(32, count >> 32n)));
  setWordAt(arena, group, GroupWord.entriesRead + 1, Number(BigInt.asUintN(32, count)));
}

/** Entry `id` of the stream under `root`, of `count` entries, which comes after all that the group has read, is read. */
export function noteRead(arena: Arena, root: BlockRef, count: number, group: GroupRef, id: StreamId): void {
  if (isReadKnown(arena, group) && !isTornFrom(arena, root, count, id)) {
    const low = wordAt(arena, group, GroupWord.entriesRead + 1) + 1;
    if (low <= unknownWord) return setWordAt(arena, group, GroupWord.entriesRead + 1, low);
    setWordAt(arena, group, GroupWord.entriesRead + 1, 0);
    setWordAt(arena, group, GroupWord.entriesRead, wordAt(arena, group, GroupWord.entriesRead) + 1);
  } else if (!hasAddedNone(arena, root)) {
    reckon(arena, root, count, id);
    setWordAt(arena, group, GroupWord.entriesRead, reckoned[0]);
    setWordAt(arena, group, GroupWord.entriesRead + 1, reckoned[1]);
  }
}

/** Entries that the group has still to read; undefined: it is not known. */
export function lagOf(arena: Arena, root: BlockRef, count: number, group: GroupRef): bigint | undefined {
  if (hasAddedNone(arena, root)) return 0n;
  const added = BigInt(rootWord(arena, root, StreamWord.entriesAdded));
  const total = (added << 32n) | BigInt(rootWord(arena, root, StreamWord.entriesAdded + 1));
  const lastId = new StreamId().readFrom(
    arena.segments[group >>> arena.refShift].u32,
    ((group & arena.refMask) << 1) + GroupWord.lastId,
  );
  if (isReadKnown(arena, group) && !isTornFrom(arena, root, count, lastId)) {
    return BigInt.asIntN(64, total - entriesRead(arena, group));
  }
  reckon(arena, root, count, lastId);
  if (isUnknown(reckoned[0], reckoned[1])) return undefined;
  return BigInt.asIntN(64, total - ((BigInt(reckoned[0]) << 32n) | BigInt(reckoned[1])));
}

/** Whether entries at or behind `id` may have been deleted. */
function isTornFrom(arena: Arena, root: BlockRef, count: number, id: StreamId): boolean {
  if (count === 0) return false;
  const deleted = readRootId(arena, root, StreamWord.maxDeletedId, bound);
  // What was deleted before the first entry leaves no gap.
  if (deleted.isMin || readRootId(arena, root, StreamWord.firstId, firstId).compare(deleted) > 0) return false;
  return id.compare(deleted) <= 0;
}

function hasAddedNone(arena: Arena, root: BlockRef): boolean {
  const high = rootWord(arena, root, StreamWord.entriesAdded);
  return high === 0 && rootWord(arena, root, StreamWord.entriesAdded + 1) === 0;
}

/** Into `reckoned`: how many entries had been added when `id` was, as far as that can be told. */
function reckon(arena: Arena, root: BlockRef, count: number, id: StreamId): void {
  const toLast = id.compare(readRootId(arena, root, StreamWord.lastId, bound));
  if (toLast === 0 || (count === 0 && toLast < 0)) return reckonAdded(arena, root, 0);
  reckoned.fill(unknownWord);
  if (toLast > 0) return;
  const first = readRootId(arena, root, StreamWord.firstId, firstId);
  const deleted = readRootId(arena, root, StreamWord.maxDeletedId, bound);
  if (!deleted.isMin && deleted.compare(first) >= 0) return;
  const toFirst = id.compare(first);
  if (toFirst < 0) reckonAdded(arena, root, count);
  else if (toFirst === 0) reckonAdded(arena, root, count - 1);
}

/** All entries that were ever added, but for some. */
function reckonAdded(arena: Arena, root: BlockRef, less: number): void {
  const low = rootWord(arena, root, StreamWord.entriesAdded + 1) - less;
  reckoned[0] = rootWord(arena, root, StreamWord.entriesAdded) - (low < 0 ? 1 : 0);
  reckoned[1] = low;
}
