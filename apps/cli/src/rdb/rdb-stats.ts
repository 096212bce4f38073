import { type RdbKind, RdbScanner } from '@kvartz/persistence';
import { piecesOf } from '../files/pieces.ts';
import { type JsonBytes, jsonOfBytes } from '../files/shown-bytes.ts';
import { TopList } from './top-list.ts';

export interface TypeStats {
  readonly type: RdbKind;
  keys: number;
  /** Elements, fields, members or entries; of strings: bytes. */
  elements: number;
  /** In the file. */
  bytes: number;
}

export interface DatabaseStats {
  readonly db: number;
  keys: number;
  expiringKeys: number;
  bytes: number;
}

export interface BigKey {
  readonly db: number;
  readonly key: JsonBytes;
  readonly type: RdbKind;
  readonly elements: number;
  readonly bytes: number;
}

/** Keys whose time is over within so long. */
export interface ExpiryStep {
  readonly within: string;
  keys: number;
}

export interface RdbStats {
  readonly version: number;
  readonly keys: number;
  readonly bytes: number;
  readonly functionLibraries: number;
  readonly databases: readonly DatabaseStats[];
  readonly types: readonly TypeStats[];
  readonly biggestByBytes: readonly BigKey[];
  readonly biggestByElements: readonly BigKey[];
  readonly expiry: readonly ExpiryStep[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Upper bounds from now on. */
const steps: readonly (readonly [within: string, ms: number])[] = [
  ['expired', 0],
  ['1 minute', 60_000],
  ['1 hour', hourMs],
  ['1 day', dayMs],
  ['7 days', 7 * dayMs],
  ['30 days', 30 * dayMs],
  ['1 year', 365 * dayMs],
  ['later', Infinity],
];

/** Counts what a file holds, in one pass. Throws RdbError. */
export async function rdbStats(path: string, topCount: number, nowMs: number): Promise<RdbStats> {
  const types = new Map<RdbKind, TypeStats>();
  const databases = new Map<number, DatabaseStats>();
  const expiry = [...steps.map(([within]) => ({ within, keys: 0 })), { within: 'never', keys: 0 }];
  const byBytes = new TopList<BigKey>(topCount);
  const byElements = new TopList<BigKey>(topCount);
  let functionLibraries = 0;
  const scanner = new RdbScanner({
    onKey: (one) => {
      const { count, db, expireAtMs, fileBytes, kind } = one;
      const type = entryOf(types, kind, () => ({ type: kind, keys: 0, elements: 0, bytes: 0 }));
      type.keys++;
      type.elements += count;
      type.bytes += fileBytes;
      const database = entryOf(databases, db, () => ({ db, keys: 0, expiringKeys: 0, bytes: 0 }));
      database.keys++;
      database.bytes += fileBytes;
      if (expireAtMs !== Infinity) database.expiringKeys++;
      expiry[stepOf(expireAtMs, nowMs)]!.keys++;
      byBytes.offer(fileBytes, () => bigKeyOf(one));
      // A string has no elements, however long it is.
      if (kind !== 'string') byElements.offer(count, () => bigKeyOf(one));
    },
    onFunctionLibrary: () => void functionLibraries++,
  });
  for await (const piece of piecesOf(path)) scanner.feed(piece);
  scanner.finish();
  return {
    version: scanner.version,
    keys: [...types.values()].reduce((sum, { keys }) => sum + keys, 0),
    bytes: scanner.offset,
    functionLibraries,
    databases: [...databases.values()].toSorted((a, b) => a.db - b.db),
    types: [...types.values()].toSorted((a, b) => b.bytes - a.bytes),
    biggestByBytes: byBytes.items,
    biggestByElements: byElements.items,
    expiry,
  };
}

function bigKeyOf({ count, db, fileBytes, key, kind }: RdbScanner): BigKey {
  return { db, key: jsonOfBytes(key.toBytes()), type: kind, elements: count, bytes: fileBytes };
}

/** Index into `expiry`. */
function stepOf(expireAtMs: number, nowMs: number): number {
  if (expireAtMs === Infinity) return steps.length;
  return steps.findIndex(([, ms]) => expireAtMs - nowMs <= ms);
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
