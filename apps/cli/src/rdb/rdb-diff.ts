import { type RdbKey, type RdbKind, type RdbNote, RdbScanner, readRdb } from '@kvartz/persistence';
import { piecesOf } from '../files/pieces.ts';
import { DigestTable } from './digest-table.ts';
import { nameDigest, valueDigest } from './key-digest.ts';

export interface RdbDifference {
  /** `added`: only B has it. */
  readonly change: 'added' | 'removed' | 'type' | 'value' | 'expiry';
  readonly item: RdbKey | RdbNote;
  /** Of `type`: what it was in A. */
  readonly was?: string;
}

/** So many keys are kept in mind at once, in some 500 MB at most; files with more are read several times. */
const keysAtOnce = 8_000_000;
const kinds: readonly (RdbKind | 'function')[] = [
  'string',
  'list',
  'set',
  'zset',
  'hash',
  'stream',
  'module',
  'function',
];

/**
 * What B has otherwise than A: keys, values whatever their encodings, times of expiry, libraries of functions. The order in which keys
 * stand, aux fields, idle times and frequencies do not count. Throws RdbError.
 */
export async function* rdbDiff(
  a: string,
  b: string,
  options: { readonly keysAtOnce?: number } = {},
): AsyncGenerator<RdbDifference> {
  const parts = Math.max(1, Math.ceil((await keyCount(a)) / (options.keysAtOnce ?? keysAtOnce)));
  for (let part = 0; part < parts; part++) yield* partDiff(a, b, part, parts);
}

/** Of the keys whose digests fall into this part. */
async function* partDiff(a: string, b: string, part: number, parts: number): AsyncGenerator<RdbDifference> {
  const table = new DigestTable();
  const of = parts === 1 ? '' : `, part ${part + 1} of ${parts}`;
  for await (const { item, name } of itemsOf(a, part, parts, `Reading ${a}${of}`)) {
    table.add(name, valueDigest(item), expiryWord(item), kindNumber(item));
  }
  for await (const { item, name } of itemsOf(b, part, parts, `Comparing ${b}${of}`)) {
    const result = table.compare(name, valueDigest(item), expiryWord(item), kindNumber(item));
    if (result === 'absent') yield { change: 'added', item };
    else if (result === 'kind') yield { change: 'type', item, was: kinds[table.kindOf(name) - 1]! };
    else if (result !== 'same') yield { change: result, item };
  }
  if (table.unseen === 0) return;
  for await (const { item, name } of itemsOf(a, part, parts, `Naming what is only in ${a}${of}`)) {
    if (!table.isSeen(name)) yield { change: 'removed', item };
  }
}

async function* itemsOf(
  path: string,
  part: number,
  parts: number,
  label: string,
): AsyncGenerator<{ item: RdbKey | RdbNote; name: Buffer }> {
  for await (const item of readRdb(piecesOf(path, label))) {
    const name = nameDigest(item);
    if (name !== undefined && name.readUInt32LE(8) % parts === part) yield { item, name };
  }
}

async function keyCount(path: string): Promise<number> {
  let keys = 0;
  const scanner = new RdbScanner({ onKey: () => void keys++ }, { isChecksummed: false });
  for await (const piece of piecesOf(path, `Counting the keys of ${path}`)) scanner.feed(piece);
  scanner.finish();
  return keys;
}

/** From 1. */
function kindNumber(item: RdbKey | RdbNote): number {
  return kinds.indexOf(item.type as RdbKind) + 1;
}

/** 32 bits of the time; 0: none. */
function expiryWord(item: RdbKey | RdbNote): number {
  const atMs = 'key' in item ? item.expireAtMs : undefined;
  return atMs === undefined ? 0 : (((atMs % 0xffff_ffff) + 0xffff_ffff) % 0xffff_ffff) + 1;
}
