import { parseInteger } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { isKeyword } from './arguments.ts';
import type { CommandContext } from './context.ts';
import type { CommandSpec, KeySpec } from './spec.ts';

/** What `findKeys` returns when the request's own counts and keywords point nowhere. */
export const INVALID_KEYS = -1;

/** Where the keys of one request are; made once and filled again and again. */
export class KeyPositions {
  count = 0;
  /** Indexes of arguments; the first `count` are meant. */
  indexes = new Int32Array(16);
  /** Of each key, by the same position, its flags as COMMAND GETKEYSANDFLAGS lists them; filled by `findKeysAndFlags`. */
  readonly flags: (readonly string[])[] = [];

  add(index: number, flags: readonly string[] = noFlags): void {
    if (this.count === this.indexes.length) {
      const grown = new Int32Array(this.count * 2);
      grown.set(this.indexes);
      this.indexes = grown;
    }
    this.indexes[this.count] = index;
    this.flags[this.count] = flags;
    this.count++;
  }
}

const noFlags: readonly string[] = [];

export interface FindKeysOptions {
  /** Also what is no key but is routed like one: channels of sharded pub/sub. */
  readonly includeNotKeys?: boolean;
}

/**
 * Finds the keys of a request and returns how many there are; INVALID_KEYS when it is not well-formed. The usual command,
 * whose keys stand at fixed places, costs one loop and leaves the flags alone.
 */
export function findKeys<C extends CommandContext>(
  spec: CommandSpec<C>,
  args: Args,
  found: KeyPositions,
  options?: FindKeysOptions,
): number {
  if (!spec.areKeysFixed) return findKeysAndFlags(spec, args, found, options);
  found.count = 0;
  const last = spec.lastKey < 0 ? args.count + spec.lastKey : spec.lastKey;
  if (last >= args.count || last < spec.firstKey) return INVALID_KEYS;
  for (let i = spec.firstKey; i <= last; i += spec.keyStep) found.add(i);
  return found.count;
}

/** The same, with the flags of each key. */
export function findKeysAndFlags<C extends CommandContext>(
  spec: CommandSpec<C>,
  args: Args,
  found: KeyPositions,
  options?: FindKeysOptions,
): number {
  found.count = 0;
  if (spec.keysOf !== undefined && !spec.keySpecs.every(isComplete)) {
    // The first spec is that of the first key, the last one that of those which it cannot find (the STORE of SORT).
    for (const index of spec.keysOf(args)) found.add(index, spec.keySpecs.at(found.count === 0 ? 0 : -1)?.flags);
    return found.count;
  }
  let isKeywordMissing = false;
  for (const keySpec of spec.keySpecs) {
    if (keySpec.flags.includes('NOT_KEY') && options?.includeNotKeys !== true) continue;
    // An option that is not used (the STORE of GEORADIUS) has no key.
    if (keySpec.begin_search.keyword !== undefined && beginOf(keySpec, args) < 0) {
      isKeywordMissing = true;
      continue;
    }
    const flags = spec.keyFlagsOf?.(args) ?? keySpec.flags.filter((flag) => flag !== 'VARIABLE_FLAGS');
    if (!addKeysOf(keySpec, flags, args, found)) return INVALID_KEYS;
  }
  return isKeywordMissing && found.count === 0 ? INVALID_KEYS : found.count;
}

/** Whether a spec alone says where its keys are. */
function isComplete({ flags, begin_search, find_keys }: KeySpec): boolean {
  return !flags.includes('INCOMPLETE') && begin_search.unknown === undefined && find_keys.unknown === undefined;
}

/** False when the request does not fit the spec. */
function addKeysOf(spec: KeySpec, flags: readonly string[], args: Args, found: KeyPositions): boolean {
  let first = beginOf(spec, args);
  if (first < 0) return false;
  const { range, keynum } = spec.find_keys;
  let last: number;
  let step: number;
  if (range !== undefined) {
    step = range.step;
    if (range.lastkey >= 0) last = first + range.lastkey;
    else if (range.limit === 0) last = args.count + range.lastkey;
    // The keys are the first half (limit 2), third (3), ... of what is left.
    else last = first + Math.floor((args.count - first) / range.limit) + range.lastkey;
  } else if (keynum !== undefined) {
    step = keynum.step;
    const countAt = first + keynum.keynumidx;
    const count = countAt < args.count ? parseInteger(args.buffer.u8, args.start[countAt], args.end[countAt]) : NaN;
    if (!(count >= 0)) return false;
    first += keynum.firstkey;
    last = first + (count - 1) * step;
  } else return false;
  if (last >= args.count || last < first) return false;
  for (let i = first; i <= last; i += step) found.add(i, flags);
  return true;
}

/** The argument at which the spec's keys begin; -1 when it is not there. */
function beginOf(spec: KeySpec, args: Args): number {
  const { index, keyword } = spec.begin_search;
  if (index !== undefined) return index.pos < args.count ? index.pos : -1;
  if (keyword === undefined) return -1;
  const lower = keyword.keyword.toLowerCase();
  if (keyword.startfrom > 0) {
    for (let i = keyword.startfrom; i + 1 < args.count; i++) if (isKeyword(args, i, lower)) return i + 1;
    return -1;
  }
  for (let i = args.count + keyword.startfrom; i > 1; i--) if (isKeyword(args, i, lower)) return i + 1;
  return -1;
}
