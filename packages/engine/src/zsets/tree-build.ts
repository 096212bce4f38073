import type { Arena, BlockRef } from '../arena.ts';
import { addEntries, createNode, entriesMax, setChildEntry, setEntry } from './nodes.ts';
import { scoreOfRecord } from './record.ts';
import { RootWord, setRootWord } from './tree-search.ts';

/**
 * Makes the empty tree of a sorted set one of these records, which are in order: level by level, with nodes that are full, at a
 * tenth of what it costs to append them one by one. False: no memory, and the tree is empty as before.
 */
export function buildTree(arena: Arena, root: BlockRef, records: Uint32Array, count: number): boolean {
  const made: BlockRef[] = [];
  for (let i = 0; i < count; i += entriesMax) {
    const entries = Math.min(entriesMax, count - i);
    const leaf = createNode(arena, entries, true);
    if (leaf === 0) return freeAll(arena, made);
    made.push(leaf);
    addEntries(arena, leaf, entries);
    for (let j = 0; j < entries; j++) setEntry(arena, leaf, j, scoreOfRecord(arena, records[i + j]), records[i + j]);
  }
  let height = 1;
  let first = 0;
  for (let end = made.length; end - first > 1; end = made.length) {
    for (let i = first; i < end; i += entriesMax) {
      const entries = Math.min(entriesMax, end - i);
      const node = createNode(arena, entries, false);
      if (node === 0) return freeAll(arena, made);
      made.push(node);
      addEntries(arena, node, entries);
      for (let j = 0; j < entries; j++) setChildEntry(arena, node, j, made[i + j], height === 1);
    }
    first = end;
    height++;
  }
  setRootWord(arena, root, RootWord.tree, made[first]);
  setRootWord(arena, root, RootWord.height, height);
  setRootWord(arena, root, RootWord.count, count);
  return true;
}

function freeAll(arena: Arena, nodes: readonly BlockRef[]): false {
  for (const node of nodes) arena.free(node);
  return false;
}
