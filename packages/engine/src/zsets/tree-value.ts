import type { Arena, BlockRef } from '../arena.ts';
import { FreeBudget } from '../free-budget.ts';
import { freeTable, tableBytes } from '../table/table.ts';
import { addEntries, childAt, countAt, entriesOf } from './nodes.ts';
import { memberOf, scoreOfRecord } from './record.ts';
import { Span } from '../span.ts';
import { RootWord, rootWord, setRootWord } from './tree-search.ts';
import { TreeSet } from './tree-set.ts';
import { TreeWalk } from './tree-walk.ts';

/** Frees a sorted set, table and records first, as far as the budget goes. True when nothing is left. */
export function freeTreeSet(arena: Arena, root: BlockRef, budget: FreeBudget): boolean {
  const table = rootWord(arena, root, RootWord.table);
  if (table !== 0) {
    if (!freeTable(arena, table, budget)) return false;
    setRootWord(arena, root, RootWord.table, 0);
  }
  while (rootWord(arena, root, RootWord.tree) !== 0) {
    if (budget.units <= 0) return false;
    freeLastLeaf(arena, root);
    budget.units--;
  }
  arena.free(root);
  budget.units--;
  return true;
}

/** Frees the last leaf, and the nodes above that have no other child. */
function freeLastLeaf(arena: Arena, root: BlockRef): void {
  const height = rootWord(arena, root, RootWord.height);
  const path: BlockRef[] = [rootWord(arena, root, RootWord.tree)];
  for (let d = 1; d < height; d++) path.push(childAt(arena, path[d - 1], entriesOf(arena, path[d - 1]) - 1));
  arena.free(path[height - 1]);
  for (let d = height - 2; d >= 0; d--) {
    addEntries(arena, path[d], -1);
    if (entriesOf(arena, path[d]) > 0) return;
    arena.free(path[d]);
  }
  setRootWord(arena, root, RootWord.tree, 0);
}

/** A deep copy; 0 when there is no memory: then nothing is allocated. */
export function copyTreeSet(arena: Arena, from: BlockRef): BlockRef {
  const trees = new TreeSet(arena);
  const walk = new TreeWalk(arena);
  const member = new Span(arena.segments[from >>> arena.refShift].bytes);
  const root = trees.create();
  if (root === 0) return 0;
  walk.seek(from, 0);
  for (let record = walk.next(); record !== 0; record = walk.next()) {
    const { buffer, start, end } = memberOf(arena, record, member);
    if (trees.append(root, buffer, start, end, scoreOfRecord(arena, record))) continue;
    freeTreeSet(arena, root, new FreeBudget(Infinity));
    return 0;
  }
  return root;
}

/** Bytes of all blocks; those of the tree of a large set from a sample. */
export function treeSetBytes(arena: Arena, root: BlockRef): number {
  const height = rootWord(arena, root, RootWord.height);
  const own = arena.blockBytes(root) + tableBytes(arena, rootWord(arena, root, RootWord.table));
  return height === 0 ? own : own + nodeBytes(arena, rootWord(arena, root, RootWord.tree), height);
}

/** Of the children of one node at most so many are looked at. */
const sampledMax = 8;

function nodeBytes(arena: Arena, node: BlockRef, height: number): number {
  const own = arena.blockBytes(node);
  if (height === 1) return own;
  const entries = entriesOf(arena, node);
  const sampled = Math.min(entries, sampledMax);
  let bytes = 0;
  let members = 0;
  let all = 0;
  for (let i = 0; i < entries; i++) {
    all += countAt(arena, node, i);
    if (i >= sampled) continue;
    bytes += nodeBytes(arena, childAt(arena, node, i), height - 1);
    members += countAt(arena, node, i);
  }
  return own + Math.round((bytes * all) / members);
}
