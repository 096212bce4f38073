import type { Arena, BlockRef } from '../arena.ts';
import type { StreamId } from './stream-id.ts';

/*
 * Nodes of a tree of stream IDs. Leaves and inner nodes look the same (words of 32 bits):
 *
 *   0  entries u16 | capacity u16
 *   1  ms high | ms low | seq high | seq low | reference      x capacity
 *
 * The reference of a leaf's entry is its value. That of an inner node's entry is a child, in which no ID is lower than the
 * entry's, while all IDs of the child before are; it need not be the child's first ID.
 */
export const entryWords = 5;
export const refWord = 4;
/** Entries of the largest node: 1024 bytes. */
export const entriesMax = 51;

/** Entries of a block, by steps that fill the arena's size classes: 24, 64, 128, 256, 512, 768 and 1024 bytes. */
const capacities = [1, 3, 6, 12, 25, 38, entriesMax];

/** By number of entries: the capacity of the smallest block that holds them. */
const capacityFor = Uint8Array.from({ length: entriesMax + 1 }, (_, entries) => {
  return capacities.find((capacity) => capacity >= entries)!;
});

/** A new node without entries, with room for at least `entries`; 0 when there is no memory. */
export function createIdNode(arena: Arena, entries: number): BlockRef {
  const capacity = capacityFor[entries];
  const node = arena.alloc(4 + capacity * entryWords * 4);
  if (node !== 0) wordsOf(arena, node)[wordOf(arena, node)] = capacity << 16;
  return node;
}

export function wordsOf(arena: Arena, ref: BlockRef): Uint32Array<ArrayBuffer> {
  return arena.segments[ref >>> arena.refShift].u32;
}

export function wordOf(arena: Arena, ref: BlockRef): number {
  return (ref & arena.refMask) << 1;
}

export function entriesOf(arena: Arena, node: BlockRef): number {
  return wordsOf(arena, node)[wordOf(arena, node)] & 0xffff;
}

export function capacityOf(arena: Arena, node: BlockRef): number {
  return wordsOf(arena, node)[wordOf(arena, node)] >>> 16;
}

export function addEntries(arena: Arena, node: BlockRef, by: number): void {
  wordsOf(arena, node)[wordOf(arena, node)] += by;
}

/** Index, among the words of the segment, of entry `i`. */
export function entryWord(arena: Arena, node: BlockRef, i: number): number {
  return wordOf(arena, node) + 1 + i * entryWords;
}

export function refAt(arena: Arena, node: BlockRef, i: number): BlockRef {
  return wordsOf(arena, node)[entryWord(arena, node, i) + refWord];
}

export function setRefAt(arena: Arena, node: BlockRef, i: number, ref: BlockRef): void {
  wordsOf(arena, node)[entryWord(arena, node, i) + refWord] = ref;
}

export function setEntry(arena: Arena, node: BlockRef, i: number, id: StreamId, ref: BlockRef): void {
  const words = wordsOf(arena, node);
  const at = entryWord(arena, node, i);
  id.writeTo(words, at);
  words[at + refWord] = ref;
}

/** How many entries of a node have an ID that is not above `id`. The hot search of every lookup. */
export function entriesUpTo(arena: Arena, node: BlockRef, id: StreamId): number {
  const words = wordsOf(arena, node);
  const first = entryWord(arena, node, 0);
  const entries = words[first - 1] & 0xffff;
  // Streams grow at their end.
  if (id.compareTo(words, first + (entries - 1) * entryWords) >= 0) return entries;
  let low = 0;
  let high = entries - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (id.compareTo(words, first + middle * entryWords) >= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Appends entries [from, to) of a node to another one that has room; the first stays as it is. */
export function appendEntries(arena: Arena, source: BlockRef, from: number, to: number, target: BlockRef): void {
  const words = wordsOf(arena, source);
  const targetWords = wordsOf(arena, target);
  const end = entryWord(arena, source, to);
  let at = entryWord(arena, target, entriesOf(arena, target));
  for (let i = entryWord(arena, source, from); i < end;) targetWords[at++] = words[i++];
  addEntries(arena, target, to - from);
}

/** A new entry at `i` of a node that has room. */
export function openEntry(arena: Arena, node: BlockRef, i: number, id: StreamId, ref: BlockRef): void {
  const words = wordsOf(arena, node);
  const at = entryWord(arena, node, i);
  const end = entryWord(arena, node, entriesOf(arena, node));
  if (at < end) words.copyWithin(at + entryWords, at, end);
  addEntries(arena, node, 1);
  setEntry(arena, node, i, id, ref);
}

export function closeEntry(arena: Arena, node: BlockRef, i: number): void {
  const words = wordsOf(arena, node);
  const at = entryWord(arena, node, i);
  const end = entryWord(arena, node, entriesOf(arena, node));
  if (at + entryWords < end) words.copyWithin(at, at + entryWords, end);
  addEntries(arena, node, -1);
}
