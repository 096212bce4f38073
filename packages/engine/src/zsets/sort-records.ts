import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { compareBytes } from '../compare-bytes.ts';
import { recordMemberAt, scoreOfRecord } from './record.ts';

/** Runs of this length are sorted by insertion before they are merged. */
const runLength = 16;

/** Sorts records by score, then by member. False when the runtime has no memory for it: then they are as they were. */
export function sortByScore(arena: Arena, records: Uint32Array, count: number): boolean {
  if (isSorted(arena, records, count, 1)) return true;
  // As in files of servers.
  if (isSorted(arena, records, count, -1)) {
    records.subarray(0, count).reverse();
    return true;
  }
  let scores: Float64Array;
  let otherScores: Float64Array;
  let other: Uint32Array;
  try {
    scores = new Float64Array(count);
    otherScores = new Float64Array(count);
    other = new Uint32Array(count);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
  for (let i = 0; i < count; i++) scores[i] = scoreOfRecord(arena, records[i]);
  for (let start = 0; start < count; start += runLength) {
    insertionSort(arena, scores, records, start, Math.min(start + runLength, count));
  }
  let from = records;
  let to = other;
  for (let length = runLength; length < count; length *= 2) {
    for (let start = 0; start < count; start += 2 * length) {
      const middle = Math.min(start + length, count);
      merge(arena, scores, from, start, middle, Math.min(middle + length, count), otherScores, to);
    }
    [from, to] = [to, from];
    [scores, otherScores] = [otherScores, scores];
  }
  if (from !== records) records.set(from.subarray(0, count));
  return true;
}

/** Whether they rise (`sign` 1) or fall (-1). */
function isSorted(arena: Arena, records: Uint32Array, count: number, sign: 1 | -1): boolean {
  if (count === 0) return true;
  let a = scoreOfRecord(arena, records[0]);
  for (let i = 1; i < count; i++) {
    const b = scoreOfRecord(arena, records[i]);
    const difference = a === b ? compareMembers(arena, records[i - 1], records[i]) : a < b ? -1 : 1;
    if (difference * sign > 0) return false;
    a = b;
  }
  return true;
}

function insertionSort(arena: Arena, scores: Float64Array, records: Uint32Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const score = scores[i];
    const record = records[i];
    let j = i;
    for (; j > start; j--) {
      const before = scores[j - 1];
      if (before < score || (before === score && compareMembers(arena, records[j - 1], record) < 0)) break;
      scores[j] = before;
      records[j] = records[j - 1];
    }
    scores[j] = score;
    records[j] = record;
  }
}

function merge(
  arena: Arena,
  scores: Float64Array,
  records: Uint32Array,
  start: number,
  middle: number,
  end: number,
  toScores: Float64Array,
  to: Uint32Array,
): void {
  let i = start;
  let j = middle;
  for (let k = start; k < end; k++) {
    let isLeft = j === end;
    if (!isLeft && i < middle) {
      const a = scores[i];
      const b = scores[j];
      isLeft = a < b || (a === b && compareMembers(arena, records[i], records[j]) < 0);
    }
    const from = isLeft ? i++ : j++;
    toScores[k] = scores[from];
    to[k] = records[from];
  }
}

function compareMembers(arena: Arena, a: BlockRef, b: BlockRef): number {
  const aBuffer = bytesOf(arena, a);
  const aStart = byteOf(arena, a) + recordMemberAt;
  const bBuffer = bytesOf(arena, b);
  const bStart = byteOf(arena, b) + recordMemberAt;
  const aEnd = aStart + aBuffer.dv.getUint32(aStart - recordMemberAt, true);
  const bEnd = bStart + bBuffer.dv.getUint32(bStart - recordMemberAt, true);
  return compareBytes(aBuffer, aStart, aEnd, bBuffer, bStart, bEnd);
}
