import type { Arena, BlockRef } from '../arena.ts';
import type { FreeBudget } from '../free-budget.ts';
import { addEntries, entriesOf, refAt, wordOf, wordsOf } from './id-nodes.ts';
import { IdTree } from './id-tree.ts';
import { IdRoot, IdWalk, initIdTree, levelsMax } from './id-walk.ts';

/** Of the entries of one node at most so many are looked at for an estimate. */
const sampledMax = 8;
const path = new Uint32Array(levelsMax);

/**
 * Empties a tree from its end, as far as the budget goes; `freeValue`, if there is one, frees each value. True when it is
 * empty. The root stays.
 */
export function clearIdTree(
  arena: Arena,
  root: BlockRef,
  budget: FreeBudget,
  freeValue?: (value: BlockRef) => void,
): boolean {
  const words = wordsOf(arena, root);
  const at = wordOf(arena, root);
  while (words[at + IdRoot.tree] !== 0) {
    const height = words[at + IdRoot.height];
    path[0] = words[at + IdRoot.tree];
    for (let level = 1; level < height; level++) {
      path[level] = refAt(arena, path[level - 1], entriesOf(arena, path[level - 1]) - 1);
    }
    const leaf = path[height - 1];
    while (freeValue !== undefined && entriesOf(arena, leaf) > 0) {
      if (budget.units <= 0) return false;
      freeValue(refAt(arena, leaf, entriesOf(arena, leaf) - 1));
      addEntries(arena, leaf, -1);
      budget.units--;
    }
    if (budget.units <= 0) return false;
    budget.units--;
    dropLastLeaf(arena, root, height);
  }
  return true;
}

/** Frees the leaf that the path leads to, and the nodes above that have no other child. */
function dropLastLeaf(arena: Arena, root: BlockRef, height: number): void {
  for (let level = height - 1; level >= 0; level--) {
    arena.free(path[level]);
    if (level === 0) return initIdTree(arena, root);
    addEntries(arena, path[level - 1], -1);
    if (entriesOf(arena, path[level - 1]) > 0) return;
  }
}

/**
 * Adds to the empty tree `to` the entries of `from`, with what `copyValue` makes of their values. False: there was no memory,
 * or `copyValue` returned 0; what has been copied is in `to`.
 */
export function copyIdTree(
  arena: Arena,
  from: BlockRef,
  to: BlockRef,
  copyValue: (value: BlockRef) => BlockRef,
  freeValue: (value: BlockRef) => void,
): boolean {
  const walk = new IdWalk(arena);
  const tree = new IdTree(arena);
  for (let has = walk.seekFirst(from); has; has = walk.next()) {
    const value = copyValue(walk.value);
    if (value === 0) return false;
    if (tree.set(to, walk.id, value)) continue;
    freeValue(value);
    return false;
  }
  return true;
}

/** Bytes of the nodes, and of the values as `bytesOf` tells them; of large trees an estimate from a sample. */
export function idTreeBytes(arena: Arena, root: BlockRef, bytesOf?: (value: BlockRef) => number): number {
  const height = wordsOf(arena, root)[wordOf(arena, root) + IdRoot.height];
  if (height === 0) return 0;
  return nodeBytes(arena, wordsOf(arena, root)[wordOf(arena, root) + IdRoot.tree], height, bytesOf);
}

function nodeBytes(
  arena: Arena,
  node: BlockRef,
  height: number,
  bytesOf: ((value: BlockRef) => number) | undefined,
): number {
  const own = arena.blockBytes(node);
  if (height === 1 && bytesOf === undefined) return own;
  const entries = entriesOf(arena, node);
  const sampled = Math.min(entries, sampledMax);
  let bytes = 0;
  for (let i = 0; i < sampled; i++) {
    const ref = refAt(arena, node, i);
    bytes += height === 1 ? bytesOf!(ref) : nodeBytes(arena, ref, height - 1, bytesOf);
  }
  return own + Math.round((bytes * entries) / sampled);
}
