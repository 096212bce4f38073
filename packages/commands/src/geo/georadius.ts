import { type EntryRef, ScoreRun, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { type KeyEvent, KeyEvents } from '../key-events.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { type CompareIndexes, sortAll, sortRange } from '../sort/index-sort.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { tryAllocate } from '../transient-memory.ts';
import { SearchAreas } from './areas.ts';
import { FoundPoints, pointsKept } from './found-points.ts';
import { replyPoints } from './reply-points.ts';
import { SearchForm, SearchOrder, SearchRequest } from './search-request.ts';

const request = new SearchRequest();
const areas = new SearchAreas();
const found = new FoundPoints();
/** 0, 1, 2, ... */
const ascending = Uint32Array.from({ length: pointsKept }, (_, i) => i);
/** Most of what is looked at is outside, and its record is not read. */
const run = new ScoreRun(64);

export function georadius(context: CommandContext, args: Args): void {
  search(context, args, 1, SearchForm.radius, 0, true, KeyEvents.geoRadiusStore);
}

export function georadiusRo(context: CommandContext, args: Args): void {
  search(context, args, 1, SearchForm.radius, 0, false, KeyEvents.geoRadiusStore);
}

export function georadiusbymember(context: CommandContext, args: Args): void {
  search(context, args, 1, SearchForm.radiusByMember, 0, true, KeyEvents.geoRadiusStore);
}

export function georadiusbymemberRo(context: CommandContext, args: Args): void {
  search(context, args, 1, SearchForm.radiusByMember, 0, false, KeyEvents.geoRadiusStore);
}

export function geosearch(context: CommandContext, args: Args): void {
  search(context, args, 1, SearchForm.search, 0, false, KeyEvents.geoSearchStore);
}

/** GEOSEARCHSTORE destination source ... */
export function geosearchstore(context: CommandContext, args: Args): void {
  search(context, args, 2, SearchForm.search, 1, false, KeyEvents.geoSearchStore);
}

function search(
  context: CommandContext,
  args: Args,
  key: number,
  form: SearchForm,
  storeKey: number,
  mayStore: boolean,
  event: KeyEvent,
): void {
  const entry = typedToRead(context, args, key, ValueType.zset);
  if (entry === REFUSED || !request.read(context, args, entry, form, storeKey, mayStore)) return;
  found.clear();
  if (entry !== 0 && tryAllocate(() => findPoints(context, entry)) === undefined) return replyOutOfMemory(context);
  const count = request.count === 0 ? found.count : Math.min(request.count, found.count);
  const order = tryAllocate(() => sortFound(count));
  if (order === undefined) return replyOutOfMemory(context);
  if (request.storeKey > 0) storePoints(context, args, order, count, event);
  else replyPoints(context.reply, request, found, order, count);
}

/** Walks through all areas; fills `found`. */
function findPoints({ db }: CommandContext, entry: EntryRef): boolean {
  const { shape } = request;
  const limit = request.isAny ? request.count : Infinity;
  const sets = db.sortedSets;
  shape.prepare(areas, request.needsDistances);
  for (let i = 0; i < areas.count && found.count < limit; i++) {
    const max = areas.max[i];
    sets.seekScore(entry, areas.min[i]);
    for (let isInside = true; isInside && found.count < limit;) {
      const count = sets.nextScores(run);
      isInside = count > 0;
      for (let j = 0; j < count && found.count < limit; j++) {
        const score = run.scores[j];
        if (score >= max) {
          isInside = false;
          break;
        }
        const distance = shape.distanceTo(score);
        if (distance >= 0) found.add(sets.memberIn(run, j), score, distance);
      }
    }
  }
  return true;
}

/** Indexes of what was found, of which the first `count` are in the order that was asked for. */
function sortFound(count: number): Uint32Array {
  const all = indexesBelow(found.count);
  // Some of all are the nearest, unless any will do.
  const wanted =
    request.order === SearchOrder.none && request.count > 0 && !request.isAny ? SearchOrder.nearest : request.order;
  if (wanted === SearchOrder.none) return all;
  const order = all.slice(0, found.count);
  const { distances } = found;
  const sign = wanted === SearchOrder.nearest ? 1 : -1;
  const compare: CompareIndexes = (a, b) => {
    const x = distances[a];
    const y = distances[b];
    return x > y ? sign : x < y ? -sign : 0;
  };
  if (count === order.length) sortAll(order, compare);
  else sortRange(order, 0, count - 1, compare);
  return order;
}

/** At least so many. */
function indexesBelow(count: number): Uint32Array<ArrayBuffer> {
  if (count <= ascending.length) return ascending;
  const indexes = new Uint32Array(count);
  for (let i = 0; i < count; i++) indexes[i] = i;
  return indexes;
}

function storePoints(context: CommandContext, args: Args, order: Uint32Array, count: number, event: KeyEvent): void {
  const { db, reply } = context;
  const { buffer, start, end } = args;
  const key = request.storeKey;
  if (count === 0) {
    if (db.remove(buffer, start[key], end[key])) context.touch(args, key, KeyEvents.del);
    return reply.integer(0);
  }
  const { shape } = request;
  const { results } = db.sortedSets;
  let isDone = results.clear();
  for (let i = 0; i < count && isDone; i++) {
    const point = order[i];
    const score = found.scores[point];
    const stored = request.isStoringDistances ? shape.exactDistanceTo(score) / shape.unit : score;
    isDone = results.add(found.members, found.memberStart(point), found.memberEnds[point], stored);
  }
  if (!isDone || !results.order() || results.store(buffer, start[key], end[key]) === 0) {
    results.free();
    return replyOutOfMemory(context);
  }
  context.touch(args, key, event);
  reply.integer(count);
}
