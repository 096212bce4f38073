import type { Arena, BlockRef } from './arena.ts';
import { copyBlock } from './copy-block.ts';
import { Encoding } from './entry.ts';
import type { FreeBudget } from './free-budget.ts';
import { freeGroup } from './streams/groups/group-value.ts';
import { copyTreeSet, freeTreeSet, treeSetBytes } from './zsets/tree-value.ts';
import { copyTimedTable } from './hashes/timed-table-value.ts';
import { copyQuicklist, freeQuicklist, quicklistBytes } from './lists/list-blocks.ts';
import { copyStream, freeStream, streamBytes } from './streams/stream-value.ts';
import { copyTable, freeTable, tableBytes } from './table/table.ts';

/*
 * What can be done with the value of a collection without knowing what it means. A value is a tree of blocks under one root,
 * and its encoding says of which kind. Listpacks and intsets are one block.
 */

/**
 * Frees blocks of a value that nobody can reach any more until all are gone (true) or the budget is used up (false: call
 * again; nothing else may touch the value in between).
 */
export function freeCollection(arena: Arena, encoding: Encoding, root: BlockRef, budget: FreeBudget): boolean {
  switch (encoding) {
    case Encoding.hashtable:
      return freeTable(arena, root, budget);
    case Encoding.quicklist:
      return freeQuicklist(arena, root, budget);
    case Encoding.skiplist:
    case Encoding.hashtableex:
      return freeTreeSet(arena, root, budget);
    case Encoding.stream:
      return freeStream(arena, root, budget);
    case Encoding.streamGroup:
      return freeGroup(arena, root, budget);
    default:
      arena.free(root);
      budget.units--;
      return true;
  }
}

/** A deep copy of a value; 0 when there is no memory: then nothing has been allocated. */
export function copyCollection(arena: Arena, encoding: Encoding, root: BlockRef): BlockRef {
  switch (encoding) {
    case Encoding.hashtable:
      return copyTable(arena, root);
    case Encoding.quicklist:
      return copyQuicklist(arena, root);
    case Encoding.skiplist:
      return copyTreeSet(arena, root);
    case Encoding.stream:
      return copyStream(arena, root);
    case Encoding.hashtableex:
      return copyTimedTable(arena, root);
    default:
      return copyBlock(arena, root);
  }
}

/** Bytes of all blocks of a value. For large ones an estimate from a sample, as Redis's MEMORY USAGE makes it. */
export function collectionBytes(arena: Arena, encoding: Encoding, root: BlockRef): number {
  switch (encoding) {
    case Encoding.hashtable:
      return tableBytes(arena, root);
    case Encoding.quicklist:
      return quicklistBytes(arena, root);
    case Encoding.skiplist:
    case Encoding.hashtableex:
      return treeSetBytes(arena, root);
    case Encoding.stream:
      return streamBytes(arena, root);
    default:
      return arena.blockBytes(root);
  }
}

/** Encodings whose value is always one block: freed at once. */
export function isOneBlock(encoding: Encoding): boolean {
  return encoding === Encoding.listpack || encoding === Encoding.intset || encoding === Encoding.listpackex;
}
