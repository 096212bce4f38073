import type { Arena, BlockRef } from '../arena.ts';
import { copyBlock } from '../copy-block.ts';
import { FreeBudget } from '../free-budget.ts';
import { copyGroups, freeGroups, groupsBytes } from './groups/group-value.ts';
import { clearIdTree, copyIdTree, idTreeBytes } from './id-tree-value.ts';
import { copyRootNumbers, createStreamRoot, rootWord, setRootWord, StreamWord } from './layout.ts';

/*
 * What can be done with a stream's blocks as a whole: see collections.ts.
 */

/** Where a node's reference is 0, the node belongs to another stream (see StreamTrim). */
export function freeStream(arena: Arena, root: BlockRef, budget: FreeBudget): boolean {
  const freeNode = (node: BlockRef): void => {
    if (node !== 0) arena.free(node);
  };
  if (!clearIdTree(arena, root, budget, freeNode)) return false;
  const groups = rootWord(arena, root, StreamWord.groups);
  if (groups !== 0) {
    if (!freeGroups(arena, groups, budget)) return false;
    setRootWord(arena, root, StreamWord.groups, 0);
  }
  arena.free(root);
  budget.units--;
  return true;
}

export function copyStream(arena: Arena, root: BlockRef): BlockRef {
  const copy = createStreamRoot(arena);
  if (copy === 0) return 0;
  const isCopied = copyIdTree(
    arena,
    root,
    copy,
    (node) => copyBlock(arena, node),
    (node) => arena.free(node),
  );
  const groups = rootWord(arena, root, StreamWord.groups);
  const copiedGroups = isCopied && groups !== 0 ? copyGroups(arena, groups) : 0;
  if (!isCopied || (groups !== 0 && copiedGroups === 0)) {
    freeStream(arena, copy, new FreeBudget(Infinity));
    return 0;
  }
  setRootWord(arena, copy, StreamWord.groups, copiedGroups);
  copyRootNumbers(arena, root, copy);
  return copy;
}

/** With the bytes of some nodes taken for all. */
export function streamBytes(arena: Arena, root: BlockRef): number {
  const groups = rootWord(arena, root, StreamWord.groups);
  const own = arena.blockBytes(root) + idTreeBytes(arena, root, (node) => arena.blockBytes(node));
  return groups === 0 ? own : own + groupsBytes(arena, groups);
}
