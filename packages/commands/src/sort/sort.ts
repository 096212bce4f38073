import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { SORT_NOT_NUMBERS, WRONGTYPE } from '../errors.ts';
import { keyToRead } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { tryAllocate } from '../transient-memory.ts';
import { sortByBytes } from './byte-sort.ts';
import { type CompareIndexes, sortAll, sortRange } from './index-sort.ts';
import { sortByKeys } from './key-sort.ts';
import { readElements } from './read-elements.ts';
import { readSortRequest, type SortRequest } from './sort-request.ts';
import type { Sorted } from './sorted.ts';
import { storeSorted } from './store-sorted.ts';
import { compareByPattern, numericWeights } from './weights.ts';

/** SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC | DESC] [ALPHA] [STORE destination]. */
export function sort(context: CommandContext, args: Args): void {
  run(context, args, true);
}

export function sortRo(context: CommandContext, args: Args): void {
  run(context, args, false);
}

function run(context: CommandContext, args: Args, mayStore: boolean): void {
  const { db, reply } = context;
  const request = readSortRequest(context, args, mayStore);
  if (request === undefined) return;
  const entry = keyToRead(context, args, 1);
  const type = entry === 0 ? ValueType.list : db.typeOf(entry);
  if (type !== ValueType.list && type !== ValueType.set && type !== ValueType.zset) return reply.error(WRONGTYPE);
  // The members of a set have no order: what is stored of them needs one that is the same everywhere.
  if (request.isUnsorted && type === ValueType.set && request.storeKey > 0) {
    request.isUnsorted = false;
    request.isAlpha = true;
    request.by = undefined;
  }
  const replyStart = reply.position;
  const sorted = tryAllocate(() => {
    return request.isUnsorted ? unsorted(context, entry, type, request) : sortedBy(context, entry, type, request);
  });
  if (sorted === undefined) replyOutOfMemory(context, replyStart);
  else if (sorted === 'notNumbers') reply.error(SORT_NOT_NUMBERS);
  else if (request.storeKey > 0) storeSorted(context, args, request, sorted);
  else replySorted(context, request, sorted);
}

/** The part that is wanted of `total` elements: [first, end). */
function partOf(request: SortRequest, total: number): [first: number, end: number] {
  const first = Math.min(Math.max(request.offset, 0), total);
  return [first, request.count < 0 ? total : Math.min(total, first + request.count)];
}

/** The elements in the order that they have; of lists and sorted sets no more than are wanted. */
function unsorted(context: CommandContext, entry: EntryRef, type: ValueType, request: SortRequest): Sorted {
  const total = entry === 0 ? 0 : context.db.countOf(entry);
  const [first, end] = partOf(request, total);
  if (type === ValueType.set) {
    const elements = readElements(context, entry, type, 0, total, false);
    return { elements, order: ascending(total), first, end };
  }
  const elements = readElements(context, entry, type, first, end - first, request.isDescending);
  return { elements, order: ascending(end - first), first: 0, end: end - first };
}

function sortedBy(
  context: CommandContext,
  entry: EntryRef,
  type: ValueType,
  request: SortRequest,
): Sorted | 'notNumbers' {
  const total = entry === 0 ? 0 : context.db.countOf(entry);
  const elements = readElements(context, entry, type, 0, total, false);
  const [first, end] = partOf(request, total);
  if (request.isAlpha && request.by !== undefined) {
    const compare = compareByPattern(context, elements, request.by, type === ValueType.list);
    return { elements, order: orderByPattern(request, total, first, end, compare), first, end };
  }
  const order = ascending(total);
  const compare: CompareIndexes = (a, b) => elements.compare(a, b);
  if (request.isAlpha) sortByBytes(elements, order, compare);
  else {
    const weights = numericWeights(context, elements, request.by);
    if (hasNoNumber(weights)) return 'notNumbers';
    sortByKeys(order, weights, compare, (equal) => sortByBytes(elements, equal, compare));
  }
  // Elements that are still equal are the same.
  if (request.isDescending) order.reverse();
  return { elements, order, first, end };
}

function orderByPattern(
  request: SortRequest,
  total: number,
  first: number,
  end: number,
  compare: CompareIndexes,
): Uint32Array {
  const order = ascending(total);
  const directed: CompareIndexes = request.isDescending ? (a, b) => -compare(a, b) : compare;
  if (end - first === total) sortAll(order, directed);
  else if (first < end) sortRange(order, first, end - 1, directed);
  return order;
}

function hasNoNumber(weights: Float64Array): boolean {
  for (let i = 0; i < weights.length; i++) if (Number.isNaN(weights[i])) return true;
  return false;
}

function ascending(count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return order;
}

function replySorted(context: CommandContext, request: SortRequest, sorted: Sorted): void {
  const { reply } = context;
  const { elements, order, first, end } = sorted;
  reply.array((end - first) * Math.max(1, request.gets.length));
  for (let i = first; i < end; i++) {
    const index = order[i];
    const start = elements.startOf(index);
    const itemEnd = elements.ends[index];
    if (request.gets.length === 0) reply.bulk(elements.bytes, start, itemEnd);
    for (const pattern of request.gets) {
      if (pattern.isElement) {
        reply.bulk(elements.bytes, start, itemEnd);
        continue;
      }
      const value = pattern.valueFor(context, elements.bytes, start, itemEnd);
      if (value === undefined) reply.null();
      else reply.bulk(value.buffer, value.start, value.end);
    }
  }
}
