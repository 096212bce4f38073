import type { Arena, BlockRef } from '../arena.ts';
import { packHeadBytes } from '../listpack.ts';
import { backlenBytes } from '../listpack-element.ts';
import { EndField, heightOf, plainFlag, RootWord, slotsOf } from './list-blocks.ts';

/** Of what a list consists: packs, and their bytes, plain elements counted as packs of one. */
export interface ListShape {
  packs: number;
  packBytes: number;
}

/** Head of a long string, and what stands around the elements of a pack. */
const plainExtraBytes = 5 + packHeadBytes + 1;

/** The shape of a quicklist. Looks at every pack. */
export function quicklistShape(arena: Arena, root: BlockRef): ListShape {
  const { u32: words } = arena.segments[root >>> arena.refShift];
  const at = (root & arena.refMask) << 1;
  const shape = { packs: 0, packBytes: 0 };
  for (const end of [RootWord.head, RootWord.tail]) {
    if (words[at + end] === 0) continue;
    const isPlain = words[at + end + EndField.count] >= plainFlag;
    const length = words[at + end + EndField.end] - words[at + end + EndField.start];
    shape.packs++;
    shape.packBytes += isPlain ? plainPackBytes(length) : length + packHeadBytes + 1;
  }
  if (words[at + RootWord.tree] !== 0) addNode(arena, words[at + RootWord.tree], shape);
  return shape;
}

function addNode(arena: Arena, node: BlockRef, shape: ListShape): void {
  const { u32: words } = arena.segments[node >>> arena.refShift];
  const at = (node & arena.refMask) << 1;
  for (let i = 1; i <= slotsOf(words[at]); i++) {
    const ref = words[at + i * 2];
    if (heightOf(words[at]) > 0) {
      addNode(arena, ref, shape);
      continue;
    }
    // The length of a plain element stands where a pack has its size.
    const size = arena.segments[ref >>> arena.refShift].u32[(ref & arena.refMask) << 1];
    shape.packs++;
    shape.packBytes += words[at + i * 2 + 1] >= plainFlag ? plainPackBytes(size) : size;
  }
}

function plainPackBytes(length: number): number {
  return length + plainExtraBytes + backlenBytes(length + 5);
}
