import type { Arena, BlockRef } from '../arena.ts';
import { copyBlock } from '../copy-block.ts';
import type { FreeBudget } from '../free-budget.ts';

/*
 * The blocks of a list of encoding quicklist, in words of 32 bits:
 *
 *   root   [ tag | tree | elements in the tree | head: ref, start, end, count, capacity | tail: the same ]
 *   node   [ slots 8, height 8, tag 16 | 0 ] [ ref | elements ] [ ref | elements ] ...          up to 63 slots: 512 bytes
 *   plain  [ length ] bytes                                       an element that is too large for a pack
 *
 *        root
 *      /  |   \
 *   head  |    tail      packs that are open: elements lie in [start, end) of their block, and it has room at the outer side
 *        node
 *       / | \
 *     ...nodes...        height 0: slots are packs and plain elements, else nodes
 *
 * Everything below the head and the tail is reached through counts. A pack in the tree is a whole listpack that begins at byte
 * 0 of its block; head and tail have no listpack's head and end byte, but room for them. A ref of 0 is no pack, and its
 * count is then 0.
 */
export const rootBytes = 52;
const rootTag = 0xffff_ffff;

export const RootWord = { tree: 1, treeCount: 2, head: 3, tail: 8 } as const;
export type EndWord = typeof RootWord.head | typeof RootWord.tail;
/** Behind the word of an end's ref. */
export const EndField = { start: 1, end: 2, count: 3, capacity: 4 } as const;

export const slotsMax = 63;
export const nodeBytes = 8 + slotsMax * 8;
const nodeTag = 0x4e4c_0000;
/** In the count of a slot of height 0, and of an end: not a pack, but one element that stands alone. */
export const plainFlag = 0x8000_0000;
export const plainHeadBytes = 4;

export function nodeHead(height: number, slots: number): number {
  return nodeTag | (height << 8) | slots;
}

export function slotsOf(head: number): number {
  return head & 0xff;
}

export function heightOf(head: number): number {
  return (head >>> 8) & 0xff;
}

/** A root without anything below; 0: no memory. */
export function createRoot(arena: Arena): BlockRef {
  const root = arena.alloc(rootBytes);
  if (root === 0) return 0;
  const at = (root & arena.refMask) << 1;
  const words = arena.segments[root >>> arena.refShift].u32;
  words.fill(0, at, at + rootBytes / 4);
  words[at] = rootTag;
  return root;
}

/** A block of one large element; 0: no memory. */
export function createPlain(arena: Arena, length: number): BlockRef {
  const ref = arena.alloc(plainHeadBytes + length);
  if (ref !== 0) arena.segments[ref >>> arena.refShift].u32[(ref & arena.refMask) << 1] = length;
  return ref;
}

/** Frees a pack or a plain element that is no longer in the list, unless a view of it has still to read it. */
export function freePack(arena: Arena, root: BlockRef, ref: BlockRef): void {
  if (arena.viewCount === 0 || !arena.views.takesBlock(root, ref)) arena.free(ref);
}

/** Frees a list, or a node with all below it: see `freeCollection`. */
export function freeQuicklist(arena: Arena, ref: BlockRef, budget: FreeBudget): boolean {
  const { u32: words } = arena.segments[ref >>> arena.refShift];
  const at = (ref & arena.refMask) << 1;
  if (words[at] !== rootTag) return freeNode(arena, ref, budget);
  const tree = words[at + RootWord.tree];
  if (tree !== 0) {
    if (!freeNode(arena, tree, budget)) return false;
    words[at + RootWord.tree] = 0;
  }
  if (words[at + RootWord.head] !== 0) arena.free(words[at + RootWord.head]);
  if (words[at + RootWord.tail] !== 0) arena.free(words[at + RootWord.tail]);
  arena.free(ref);
  budget.units -= 3;
  return true;
}

/** From the last slot on; what has been freed is no slot any more. */
function freeNode(arena: Arena, node: BlockRef, budget: FreeBudget): boolean {
  const { u32: words } = arena.segments[node >>> arena.refShift];
  const at = (node & arena.refMask) << 1;
  const height = heightOf(words[at]);
  for (let slots = slotsOf(words[at]); slots > 0;) {
    if (budget.units <= 0) return false;
    const ref = words[at + slots * 2];
    if (height > 0) {
      if (!freeNode(arena, ref, budget)) return false;
    } else {
      arena.free(ref);
      budget.units--;
    }
    words[at] = nodeHead(height, --slots);
  }
  arena.free(node);
  budget.units--;
  return true;
}

const everything: FreeBudget = { units: Infinity };

/** A deep copy of a list; 0: no memory, and nothing is left of it. */
export function copyQuicklist(arena: Arena, root: BlockRef): BlockRef {
  const copy = createRoot(arena);
  if (copy === 0) return 0;
  const { u32: from } = arena.segments[root >>> arena.refShift];
  const { u32: to } = arena.segments[copy >>> arena.refShift];
  const source = (root & arena.refMask) << 1;
  const target = (copy & arena.refMask) << 1;
  const isCopied =
    copyEnd(arena, from, source + RootWord.head, to, target + RootWord.head) &&
    copyEnd(arena, from, source + RootWord.tail, to, target + RootWord.tail) &&
    copyTree(arena, from, source, to, target);
  if (isCopied) return copy;
  freeQuicklist(arena, copy, everything);
  return 0;
}

function copyEnd(arena: Arena, from: Uint32Array, source: number, to: Uint32Array, target: number): boolean {
  const ref = from[source];
  if (ref === 0) return true;
  const copy = copyBlock(arena, ref);
  if (copy === 0) return false;
  to[target] = copy;
  for (let i = EndField.start; i <= EndField.capacity; i++) to[target + i] = from[source + i];
  return true;
}

function copyTree(arena: Arena, from: Uint32Array, source: number, to: Uint32Array, target: number): boolean {
  const tree = from[source + RootWord.tree];
  if (tree === 0) return true;
  const copy = copyNode(arena, tree);
  if (copy === 0) return false;
  to[target + RootWord.tree] = copy;
  to[target + RootWord.treeCount] = from[source + RootWord.treeCount];
  return true;
}

function copyNode(arena: Arena, node: BlockRef): BlockRef {
  const copy = arena.alloc(nodeBytes);
  if (copy === 0) return 0;
  const { u32: from } = arena.segments[node >>> arena.refShift];
  const { u32: to } = arena.segments[copy >>> arena.refShift];
  const source = (node & arena.refMask) << 1;
  const target = (copy & arena.refMask) << 1;
  const height = heightOf(from[source]);
  const slots = slotsOf(from[source]);
  to[target] = nodeHead(height, 0);
  to[target + 1] = 0;
  for (let i = 1; i <= slots; i++) {
    const below = from[source + i * 2];
    const ref = height > 0 ? copyNode(arena, below) : copyBlock(arena, below);
    if (ref === 0) {
      freeNode(arena, copy, everything);
      return 0;
    }
    to[target + i * 2] = ref;
    to[target + i * 2 + 1] = from[source + i * 2 + 1];
    to[target] = nodeHead(height, i);
  }
  return copy;
}

/** Bytes of all blocks; of large trees an estimate from the first, the middle and the last node of each height. */
export function quicklistBytes(arena: Arena, root: BlockRef): number {
  const { u32: words } = arena.segments[root >>> arena.refShift];
  const at = (root & arena.refMask) << 1;
  let bytes = arena.blockBytes(root);
  for (const end of [RootWord.head, RootWord.tail]) {
    if (words[at + end] !== 0) bytes += arena.blockBytes(words[at + end]);
  }
  const tree = words[at + RootWord.tree];
  return tree === 0 ? bytes : bytes + nodeTreeBytes(arena, tree);
}

function nodeTreeBytes(arena: Arena, node: BlockRef): number {
  const { u32: words } = arena.segments[node >>> arena.refShift];
  const at = (node & arena.refMask) << 1;
  const slots = slotsOf(words[at]);
  const own = arena.blockBytes(node);
  let sum = 0;
  if (heightOf(words[at]) === 0) {
    for (let i = 1; i <= slots; i++) sum += arena.blockBytes(words[at + i * 2]);
    return own + sum;
  }
  const sample = slots <= 3 ? Array.from({ length: slots }, (_, i) => i + 1) : [1, (slots >>> 1) + 1, slots];
  for (const i of sample) sum += nodeTreeBytes(arena, words[at + i * 2]);
  return own + Math.round((sum / sample.length) * slots);
}
