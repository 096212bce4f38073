import type { Arena, BlockRef } from '../arena.ts';
import { copyBlock } from '../copy-block.ts';
import { FreeBudget } from '../free-budget.ts';
import { clearIdTree, copyIdTree, idTreeBytes } from './id-tree-value.ts';
import { copyRootNumbers, createStreamRoot } from './layout.ts';

/*
 * What can be done with a stream's blocks as a whole: see collections.ts.
 */

export function freeStream(arena: Arena, root: BlockRef, budget: FreeBudget): boolean {
  if (!clearIdTree(arena, root, budget, (node) => arena.free(node))) return false;
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
  if (!isCopied) {
    freeStream(arena, copy, new FreeBudget(Infinity));
    return 0;
  }
  copyRootNumbers(arena, root, copy);
  return copy;
}

/** With the bytes of some nodes taken for all. */
export function streamBytes(arena: Arena, root: BlockRef): number {
  return arena.blockBytes(root) + idTreeBytes(arena, root, (node) => arena.blockBytes(node));
}
