import { copyBytes } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';

/*
 * Nodes of the tree under a sorted set. A leaf holds members, an inner node children; both in columns, so that a search reads
 * few cache lines and both are searched by the same code:
 *
 *   0  entries u16 | capacity u16 | unused u32
 *   8  scores      float64 x capacity    of the member, or of the first member under the child
 *   .  records     u32     x capacity    the same member's record
 *   .  children    u32     x capacity    inner nodes only
 *   .  counts      u32     x capacity    inner nodes only: members under the child
 *
 * Blocks grow with what they hold, in steps: a leaf that has just been split is not as large as a full one.
 */
export const nodeScoresAt = 8;
export const leafEntryBytes = 12;
export const innerEntryBytes = 20;
/** Entries of the largest node. Separators and children of one are 1.2 KiB, scores and records of a leaf 760 bytes. */
export const entriesMax = 63;
/** With fewer, a node that has a neighbour takes from it, or becomes one with it. */
export const entriesMin = 21;
/** Two nodes become one when it is at most this full, so that the next insert does not split it again. */
export const mergedMax = 54;

/** Entries of a block, by steps that fill the arena's size classes: 128, 256, 416, 512, 640 and 768 bytes. */
const leafCapacities = [10, 20, 34, 42, 52, entriesMax];
/** 128, 256, 512, 704, 1024 and 1280 bytes. */
const innerCapacities = [6, 12, 25, 34, 50, entriesMax];

/** By number of entries: the capacity of the smallest block that holds them. */
const leafCapacityFor = capacitiesFor(leafCapacities);
const innerCapacityFor = capacitiesFor(innerCapacities);

function capacitiesFor(capacities: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: entriesMax + 1 }, (_, entries) => {
    return capacities.find((capacity) => capacity >= entries)!;
  });
}

export function capacityFor(entries: number, isLeaf: boolean): number {
  return isLeaf ? leafCapacityFor[entries] : innerCapacityFor[entries];
}

/** A new node without entries, with room for at least `entries`; 0 when there is no memory. */
export function createNode(arena: Arena, entries: number, isLeaf: boolean): BlockRef {
  const capacity = capacityFor(entries, isLeaf);
  const node = arena.alloc(nodeScoresAt + capacity * (isLeaf ? leafEntryBytes : innerEntryBytes));
  if (node === 0) return 0;
  const { u32 } = arena.segments[node >>> arena.refShift];
  const word = (node & arena.refMask) << 1;
  u32[word] = capacity << 16;
  u32[word + 1] = 0;
  return node;
}

export function entriesOf(arena: Arena, node: BlockRef): number {
  return arena.segments[node >>> arena.refShift].u32[(node & arena.refMask) << 1] & 0xffff;
}

export function capacityOf(arena: Arena, node: BlockRef): number {
  return arena.segments[node >>> arena.refShift].u32[(node & arena.refMask) << 1] >>> 16;
}

export function addEntries(arena: Arena, node: BlockRef, by: number): void {
  arena.segments[node >>> arena.refShift].u32[(node & arena.refMask) << 1] += by;
}

export function scoreAt(arena: Arena, node: BlockRef, i: number): number {
  return arena.segments[node >>> arena.refShift].dv.getFloat64(
    ((node & arena.refMask) << 3) + nodeScoresAt + i * 8,
    true,
  );
}

/** Index, among the words of the segment, of the first record, and from it of the first child and the first count. */
function recordsWord(arena: Arena, node: BlockRef, capacity: number): number {
  return ((node & arena.refMask) << 1) + 2 + capacity * 2;
}

export function recordAt(arena: Arena, node: BlockRef, i: number): BlockRef {
  const { u32 } = arena.segments[node >>> arena.refShift];
  return u32[recordsWord(arena, node, u32[(node & arena.refMask) << 1] >>> 16) + i];
}

export function childAt(arena: Arena, node: BlockRef, i: number): BlockRef {
  const { u32 } = arena.segments[node >>> arena.refShift];
  const capacity = u32[(node & arena.refMask) << 1] >>> 16;
  return u32[recordsWord(arena, node, capacity) + capacity + i];
}

export function setChild(arena: Arena, node: BlockRef, i: number, child: BlockRef): void {
  const { u32 } = arena.segments[node >>> arena.refShift];
  const capacity = u32[(node & arena.refMask) << 1] >>> 16;
  u32[recordsWord(arena, node, capacity) + capacity + i] = child;
}

/** Members under child `i`. */
export function countAt(arena: Arena, node: BlockRef, i: number): number {
  const { u32 } = arena.segments[node >>> arena.refShift];
  const capacity = u32[(node & arena.refMask) << 1] >>> 16;
  return u32[recordsWord(arena, node, capacity) + 2 * capacity + i];
}

export function addCount(arena: Arena, node: BlockRef, i: number, by: number): void {
  const { u32 } = arena.segments[node >>> arena.refShift];
  const capacity = u32[(node & arena.refMask) << 1] >>> 16;
  u32[recordsWord(arena, node, capacity) + 2 * capacity + i] += by;
}

/** Score and record of entry `i`. */
export function setEntry(arena: Arena, node: BlockRef, i: number, score: number, record: BlockRef): void {
  const { u32, dv } = arena.segments[node >>> arena.refShift];
  dv.setFloat64(((node & arena.refMask) << 3) + nodeScoresAt + i * 8, score, true);
  u32[recordsWord(arena, node, u32[(node & arena.refMask) << 1] >>> 16) + i] = record;
}

/** Score and record of entry `i` become those of entry `j` of another node. */
export function copyEntry(arena: Arena, node: BlockRef, i: number, from: BlockRef, j: number): void {
  setEntry(arena, node, i, scoreAt(arena, from, j), recordAt(arena, from, j));
}

/** Makes entry `i` of an inner node stand for `child`: first member and number of members are read from it. */
export function setChildEntry(arena: Arena, node: BlockRef, i: number, child: BlockRef, isLeaf: boolean): void {
  const { u32 } = arena.segments[node >>> arena.refShift];
  const capacity = u32[(node & arena.refMask) << 1] >>> 16;
  const word = recordsWord(arena, node, capacity) + i;
  copyEntry(arena, node, i, child, 0);
  u32[word + capacity] = child;
  u32[word + 2 * capacity] = membersUnder(arena, child, isLeaf);
}

export function membersUnder(arena: Arena, node: BlockRef, isLeaf: boolean): number {
  const { u32 } = arena.segments[node >>> arena.refShift];
  const head = u32[(node & arena.refMask) << 1];
  const entries = head & 0xffff;
  if (isLeaf) return entries;
  const counts = recordsWord(arena, node, head >>> 16) + 2 * (head >>> 16);
  let sum = 0;
  for (let i = counts; i < counts + entries; i++) sum += u32[i];
  return sum;
}

/** Copies `n` entries, to another place of the same node or to another node; no number of entries changes. */
export function copyEntries(
  arena: Arena,
  from: BlockRef,
  i: number,
  n: number,
  to: BlockRef,
  j: number,
  isLeaf: boolean,
): void {
  if (n === 0) return;
  const source = arena.segments[from >>> arena.refShift].bytes;
  const target = arena.segments[to >>> arena.refShift].bytes;
  let s = ((from & arena.refMask) << 3) + nodeScoresAt;
  let t = ((to & arena.refMask) << 3) + nodeScoresAt;
  copyBytes(source, s + i * 8, s + (i + n) * 8, target, t + j * 8);
  const sourceCapacity = capacityOf(arena, from);
  const targetCapacity = capacityOf(arena, to);
  s += sourceCapacity * 8;
  t += targetCapacity * 8;
  for (let columns = isLeaf ? 1 : 3; columns > 0; columns--) {
    copyBytes(source, s + i * 4, s + (i + n) * 4, target, t + j * 4);
    s += sourceCapacity * 4;
    t += targetCapacity * 4;
  }
}

/** Makes room for an entry at `i`, whose contents the caller writes. The node has room. */
export function openGap(arena: Arena, node: BlockRef, i: number, isLeaf: boolean): void {
  copyEntries(arena, node, i, entriesOf(arena, node) - i, node, i + 1, isLeaf);
  addEntries(arena, node, 1);
}

export function closeGap(arena: Arena, node: BlockRef, i: number, n: number, isLeaf: boolean): void {
  copyEntries(arena, node, i + n, entriesOf(arena, node) - i - n, node, i, isLeaf);
  addEntries(arena, node, -n);
}

/** The same entries in a block of another capacity; 0 when there is no memory: then the old one stays as it is. */
export function moveNode(arena: Arena, node: BlockRef, entriesRoom: number, isLeaf: boolean): BlockRef {
  const moved = createNode(arena, entriesRoom, isLeaf);
  if (moved !== 0) moveInto(arena, node, moved, isLeaf);
  return moved;
}

/** Fills an empty node with the entries of another one and frees that. */
export function moveInto(arena: Arena, node: BlockRef, empty: BlockRef, isLeaf: boolean): void {
  const entries = entriesOf(arena, node);
  copyEntries(arena, node, 0, entries, empty, 0, isLeaf);
  addEntries(arena, empty, entries);
  arena.free(node);
}
