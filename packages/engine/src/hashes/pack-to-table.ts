import type { Arena, BlockRef } from '../arena.ts';
import { Encoding } from '../entry.ts';
import { FreeBudget } from '../free-budget.ts';
import { freeTable, type Table } from '../table/table.ts';
import { freeTreeSet } from '../zsets/tree-value.ts';
import { createField } from './hash-record.ts';
import type { HashWalk } from './hash-walk.ts';
import type { TimedTable } from './timed-table.ts';

/*
 * Small hashes that become large ones: the root of a table with the `count` fields of a listpack, and room for one more. The
 * listpack stays. 0: no memory, and nothing has been allocated. `walk` belongs to the caller.
 */

export function tableFromPairs(arena: Arena, table: Table, walk: HashWalk, pairs: BlockRef, count: number): BlockRef {
  const root = table.create(count + 1);
  if (root === 0) return 0;
  walk.begin(Encoding.listpack, pairs, -Infinity);
  while (walk.next()) {
    const { field, value } = walk;
    const { buffer, start, end } = field;
    const record = createField(arena, buffer, start, end, value.buffer, value.start, value.end);
    table.find(root, buffer, start, end);
    if (record !== 0 && table.add(root, record)) continue;
    if (record !== 0) arena.free(record);
    freeTable(arena, root, new FreeBudget(Infinity));
    return 0;
  }
  return root;
}

export function tableFromTriples(
  arena: Arena,
  table: Table,
  tables: TimedTable,
  walk: HashWalk,
  triples: BlockRef,
  count: number,
): BlockRef {
  const inner = table.create(count + 1);
  if (inner === 0) return 0;
  const root = tables.create(inner);
  if (root === 0) {
    freeTable(arena, inner, new FreeBudget(Infinity));
    return 0;
  }
  walk.begin(Encoding.listpackex, triples, -Infinity);
  while (walk.next()) {
    const { expireAtMs, field, value } = walk;
    const { buffer, start, end } = field;
    tables.find(root, buffer, start, end);
    if (tables.add(root, buffer, start, end, value.buffer, value.start, value.end, expireAtMs)) continue;
    freeTreeSet(arena, root, new FreeBudget(Infinity));
    return 0;
  }
  return root;
}
