import type { ByteBuffer, Random } from '@kvartz/base';
import type { Arena } from '../arena.ts';
import {
  bodyOf,
  Encoding,
  encodingMask,
  encodingShift,
  type EntryRef,
  headOf,
  setBody,
  setEncoding,
  setWideBody,
  ValueType,
  wideBodyOf,
} from '../entry.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import type { Span } from '../span.ts';
import { readRecordKey } from '../table/record.ts';
import { SetBlocks } from './set-blocks.ts';
import { SetFilter } from './set-filter.ts';
import { SetPop } from './set-pop.ts';
import { SetResult } from './set-result.ts';
import { SetSample } from './set-sample.ts';
import { Addition, SetValue } from './set-value.ts';
import { memberAt, SetWalk } from './set-walk.ts';

/**
 * The sets of a keyspace, in terms of members. An entry belongs to a key that holds a set; who takes its last member removes
 * it. Members come out as a Span, which is valid until the next call here.
 */
export class Sets {
  /** Where a command builds a set that is to become the value of a key. */
  readonly result: SetResult;
  /** The same for what nobody stores. */
  readonly scratch: SetResult;
  readonly #host: CollectionHost;
  readonly #arena: Arena;
  readonly #blocks: SetBlocks;
  readonly #walk: SetWalk;
  readonly #sample: SetSample;
  readonly #pop: SetPop;
  readonly #filter: SetFilter;
  /** What stands in the entry of the present call. */
  readonly #value = new SetValue();

  constructor(host: CollectionHost) {
    this.#host = host;
    this.#arena = host.arena;
    this.#blocks = new SetBlocks(host.arena, host);
    this.#walk = new SetWalk(host.arena, this.#blocks.table);
    this.#sample = new SetSample(host.arena, this.#blocks);
    this.#pop = new SetPop(host.arena, this.#blocks);
    this.#filter = new SetFilter(host.arena, this.#blocks);
    this.result = new SetResult(host, this.#blocks);
    this.scratch = new SetResult(host, this.#blocks);
  }

  /** Sets a key that does not exist to a set of one member, with room for `members`, if they are known. 0: no memory, and nothing has changed. */
  create(
    key: ByteBuffer,
    ks: number,
    ke: number,
    buffer: ByteBuffer,
    start: number,
    end: number,
    members = 1,
  ): EntryRef {
    const value = this.#value;
    const blocks = this.#blocks;
    if (!blocks.create(value, buffer, start, end, members)) return 0;
    const e = this.#host.setCollection(key, ks, ke, ValueType.set, value.encoding, value.root, 1);
    if (e === 0) blocks.free(value);
    return e;
  }

  add(e: EntryRef, buffer: ByteBuffer, start: number, end: number): Addition {
    this.#host.changing(e);
    const value = this.#load(e);
    const addition = this.#blocks.add(value, buffer, start, end);
    // Where memory ran out the encoding may have changed all the same.
    if (addition !== Addition.present) this.#store(e, value);
    return addition;
  }

  has(e: EntryRef, buffer: ByteBuffer, start: number, end: number): boolean {
    return this.#blocks.has(this.#load(e), buffer, start, end);
  }

  /** The elements of a set that is a listpack; undefined: it is none. */
  elements(e: EntryRef): Span | undefined {
    const value = this.#load(e);
    return value.encoding === Encoding.listpack ? this.#blocks.elements(value) : undefined;
  }

  /** The members in batches, begun, for `keep`. There is only one at a time. */
  batches(e: EntryRef): SetFilter {
    this.#filter.begin(this.#load(e));
    return this.#filter;
  }

  /** Those of `scratch`. */
  scratchBatches(): SetFilter {
    this.scratch.begin(this.#filter);
    return this.#filter;
  }

  /** Leaves the members of the present batch that are in this set, or those that are not. */
  keep(e: EntryRef, isIn: boolean): void {
    this.#filter.keep(this.#load(e), isIn);
  }

  /** True when the member was there. */
  remove(e: EntryRef, buffer: ByteBuffer, start: number, end: number): boolean {
    this.#host.changing(e);
    const value = this.#load(e);
    if (!this.#blocks.remove(value, buffer, start, end)) return false;
    this.#store(e, value);
    return true;
  }

  /** A walk over all members, begun. There is only one at a time. */
  walk(e: EntryRef): SetWalk {
    this.#walk.begin(this.#load(e));
    return this.#walk;
  }

  /** A random member, each as likely as any other. */
  pick(e: EntryRef, random: Random): Span {
    return this.#blocks.pick(this.#load(e), random);
  }

  /** Removes the member that `pick` has returned in the call before. */
  removePicked(e: EntryRef): void {
    this.#host.changing(e);
    const value = this.#load(e);
    this.#blocks.removePicked(value);
    this.#store(e, value);
  }

  /** `count` different random members (at most as many as there are), each selection as likely as any other: begun. */
  sample(e: EntryRef, count: number, random: Random): SetSample {
    this.#sample.begin(this.#load(e), count, random);
    return this.#sample;
  }

  /** Removes `count` random members, fewer than there are, and hands each to `visit` before. */
  pop(e: EntryRef, count: number, random: Random, visit: (member: Span) => void): void {
    this.#host.changing(e);
    const value = this.#load(e);
    this.#pop.run(value, count, random, visit);
    this.#store(e, value);
  }

  /**
   * Visits members from `cursor` on and returns the next cursor, 0 at the end: of a table about `count`, of the small encodings
   * all. Members that are there from the first call to the last are visited. `visit` may not change anything.
   */
  scan(e: EntryRef, cursor: number, count: number, visit: (member: Span) => void): number {
    const value = this.#load(e);
    const walk = this.#walk;
    if (value.encoding !== Encoding.hashtable) {
      for (walk.begin(value); walk.next();) visit(walk.text());
      return 0;
    }
    if (cursor === Infinity) return 0;
    const { picked } = this.#blocks;
    return this.#blocks.table.scan(value.root, cursor, count, (record) => {
      visit(readRecordKey(this.#arena, record, memberAt, picked));
    });
  }

  #load(e: EntryRef): SetValue {
    const arena = this.#arena;
    if (arena.isChecked) arena.assertLive(e);
    const value = this.#value;
    value.encoding = ((headOf(arena, e) & encodingMask) >> encodingShift) as Encoding;
    value.count = bodyOf(arena, e);
    value.root = wideBodyOf(arena, e);
    return value;
  }

  #store(e: EntryRef, value: SetValue): void {
    const arena = this.#arena;
    setEncoding(arena, e, value.encoding);
    setBody(arena, e, value.count);
    setWideBody(arena, e, value.root);
  }
}
