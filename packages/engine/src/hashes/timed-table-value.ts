import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { FreeBudget } from '../free-budget.ts';
import { Span } from '../span.ts';
import { readRecordKey } from '../table/record.ts';
import { copyTable, freeTable, Table } from '../table/table.ts';
import { OrderedIndex } from '../zsets/ordered-index.ts';
import { RootWord, rootWord } from '../zsets/tree-search.ts';
import { freeTreeSet } from '../zsets/tree-value.ts';
import { TreeWalk } from '../zsets/tree-walk.ts';
import { fieldAt, timeOfField } from './hash-record.ts';
import { TimedTable } from './timed-table.ts';

/** A deep copy of a large hash with times; 0 when there is no memory: then nothing is allocated. */
export function copyTimedTable(arena: Arena, from: BlockRef): BlockRef {
  const noBytes = new ByteBuffer(0);
  const table = new Table(arena, fieldAt);
  const tableCopy = copyTable(arena, rootWord(arena, from, RootWord.table));
  if (tableCopy === 0) return 0;
  const root = new TimedTable(arena, table, noBytes).create(tableCopy);
  if (root === 0) {
    freeTable(arena, tableCopy, new FreeBudget(Infinity));
    return 0;
  }
  if (rootWord(arena, from, RootWord.count) === 0) return root;
  const index = new OrderedIndex(arena, 'reference');
  const walk = new TreeWalk(arena);
  const field = new Span(noBytes);
  walk.seek(from, 0);
  for (let record = walk.next(); record !== 0; record = walk.next()) {
    const { buffer, start, end } = readRecordKey(arena, record, fieldAt, field);
    const copy = table.find(tableCopy, buffer, start, end);
    // Not appended: among those of one time another record comes last now.
    if (index.insert(root, timeOfField(arena, copy), copy)) continue;
    freeTreeSet(arena, root, new FreeBudget(Infinity));
    return 0;
  }
  return root;
}
