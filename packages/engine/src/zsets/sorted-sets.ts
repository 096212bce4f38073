import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
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
import { FreeBudget } from '../free-budget.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import { Span } from '../span.ts';
import type { LexBound, LexRange } from './lex-range.ts';
import type { MemberRun, ScoreRun } from './member-run.ts';
import { PackSet } from './pack-set.ts';
import { memberOf, scoreOfRecord } from './record.ts';
import { SetResults } from './set-results.ts';
import { RootWord, rootWord } from './tree-search.ts';
import { TreeSet } from './tree-set.ts';
import { freeTreeSet } from './tree-value.ts';
import { TreeWalk } from './tree-walk.ts';

/** What became of a member. */
export const AddResult = { noMemory: 0, added: 1, changed: 2, same: 3 } as const;
export type AddResult = (typeof AddResult)[keyof typeof AddResult];

/**
 * The sorted sets of a keyspace: listpacks while they are small, then a table with an ordered index. A range is always one of
 * ranks, [from, to): `rankOfScore` and `locateLex` make ranks of bounds, in time that does not depend on what lies between.
 *
 * A walk stands between two members and is ended by any change; looking members up, in this set or another, does not end it.
 * Whoever takes the last member out removes the entry.
 */
export class SortedSets {
  /** The member that `next`, `previous` or a visit of `scan` has come to. */
  readonly member: Span;
  /** Members on their way to a reply or a key. */
  readonly results: SetResults;
  /** The same of a value that is being loaded. */
  readonly loaded: SetResults;

  readonly #host: CollectionHost;
  readonly #arena: Arena;
  readonly #packs: PackSet;
  readonly #trees: TreeSet;
  /** Of members that were looked at or come to. A field that is a number would be boxed with every change. */
  readonly #score = new Float64Array(1);
  readonly #walkPacks: PackSet;
  readonly #walk: TreeWalk;
  /** The listpack that is walked, 0: a tree is, and the next member's place in it. */
  #walkPack: BlockRef = 0;
  #walkPlace = 0;

  constructor(host: CollectionHost) {
    this.#host = host;
    this.#arena = host.arena;
    this.#packs = new PackSet(host.arena);
    this.#walkPacks = new PackSet(host.arena);
    this.#trees = new TreeSet(host.arena);
    this.#walk = new TreeWalk(host.arena);
    this.member = new Span(new ByteBuffer(0));
    this.results = new SetResults(host, this.#trees);
    this.loaded = new SetResults(host, this.#trees);
  }

  /** The score of the member that a walk has come to, or that `rankOf` has found. */
  get score(): number {
    return this.#score[0];
  }

  /** NaN when it is no member. */
  scoreOf(e: EntryRef, member: ByteBuffer, start: number, end: number): number {
    const root = this.#rootOf(e);
    if (this.#isPack(e)) {
      const place = this.#packs.find(root, member, start, end);
      return place === 0 ? NaN : this.#packs.scoreOf(root, place);
    }
    const record = this.#trees.find(root, member, start, end);
    return record === 0 ? NaN : scoreOfRecord(this.#arena, record);
  }

  /** Members that come before it; -1 when it is none. */
  rankOf(e: EntryRef, member: ByteBuffer, start: number, end: number): number {
    const root = this.#rootOf(e);
    if (this.#isPack(e)) {
      const place = this.#packs.find(root, member, start, end);
      if (place === 0) return -1;
      this.#score[0] = this.#packs.scoreOf(root, place);
      return this.#packs.rankOf(root, place);
    }
    const record = this.#trees.find(root, member, start, end);
    if (record === 0) return -1;
    const score = scoreOfRecord(this.#arena, record);
    this.#score[0] = score;
    return this.#trees.index.rankOf(root, score, record);
  }

  /** Members with a lower score; with `orEqual`, with a score not higher. */
  rankOfScore(e: EntryRef, score: number, orEqual: boolean): number {
    const root = this.#rootOf(e);
    if (this.#isPack(e)) return this.#packs.rankOfScore(root, score, orEqual);
    return this.#trees.index.rankOfScore(root, score, orEqual);
  }

  /** Finds the ranks of a range of members. */
  locateLex(e: EntryRef, range: LexRange, isReverse = false): void {
    range.from = 0;
    range.to = 0;
    // Both ends are looked at first, as in Redis, where that decides for sets of several scores.
    if (range.isEmpty) return;
    this.seek(e, 0);
    if (!this.next() || !range.isBelowMax(this.member)) return;
    this.seek(e, bodyOf(this.#arena, e) - 1);
    if (!this.next() || !range.isAboveMin(this.member)) return;
    if (this.#isPack(e)) this.#packs.locateLex(this.#rootOf(e), range, isReverse);
    else {
      range.from = this.#rankOfBound(e, range.min, range.min.isExclusive);
      range.to = Math.max(range.from, this.#rankOfBound(e, range.max, !range.max.isExclusive));
    }
  }

  /** Members of a tree before a bound; with `orEqual`, with the one that it is. */
  #rankOfBound(e: EntryRef, bound: LexBound, orEqual: boolean): number {
    if (bound.side !== 0) return bound.side < 0 ? 0 : bodyOf(this.#arena, e);
    return this.#trees.index.rankOfMember(this.#rootOf(e), bound.buffer, bound.start, bound.end, orEqual);
  }

  /** A new key with its first member, in place of whatever it held; 0 when there is no memory. */
  create(
    key: ByteBuffer,
    ks: number,
    ke: number,
    member: ByteBuffer,
    start: number,
    end: number,
    score: number,
  ): EntryRef {
    const { limits } = this.#host;
    const isPack = limits.zsetMaxListpackEntries > 0 && end - start <= limits.zsetMaxListpackValue;
    const encoding = isPack ? Encoding.listpack : Encoding.skiplist;
    const root = isPack ? this.#createPack(member, start, end, score) : this.#createTree(member, start, end, score);
    if (root === 0) return 0;
    const e = this.#host.setCollection(key, ks, ke, ValueType.zset, encoding, root, 1);
    if (e === 0) this.#free(encoding, root);
    return e;
  }

  add(e: EntryRef, member: ByteBuffer, start: number, end: number, score: number): AddResult {
    const arena = this.#arena;
    this.#host.changing(e);
    if (this.#isPack(e)) {
      const pack = this.#rootOf(e);
      const place = this.#packs.find(pack, member, start, end);
      if (place !== 0) {
        if (this.#packs.scoreOf(pack, place) === score) return AddResult.same;
        const changed = this.#packs.update(pack, place, member, start, end, score);
        return this.#keepPack(e, changed) ? AddResult.changed : AddResult.noMemory;
      }
      const { limits } = this.#host;
      const count = bodyOf(arena, e);
      if (count < limits.zsetMaxListpackEntries && end - start <= limits.zsetMaxListpackValue) {
        if (!this.#keepPack(e, this.#packs.add(pack, member, start, end, score))) return AddResult.noMemory;
        setBody(arena, e, count + 1);
        return AddResult.added;
      }
      if (!this.#convert(e)) return AddResult.noMemory;
    }
    const root = this.#rootOf(e);
    const record = this.#trees.find(root, member, start, end);
    if (record !== 0) {
      if (scoreOfRecord(arena, record) === score) return AddResult.same;
      return this.#trees.update(root, record, score) ? AddResult.changed : AddResult.noMemory;
    }
    if (!this.#trees.add(root, member, start, end, score)) return AddResult.noMemory;
    setBody(arena, e, bodyOf(arena, e) + 1);
    return AddResult.added;
  }

  /** True when it was a member. */
  remove(e: EntryRef, member: ByteBuffer, start: number, end: number): boolean {
    this.#host.changing(e);
    const root = this.#rootOf(e);
    if (this.#isPack(e)) {
      const place = this.#packs.find(root, member, start, end);
      if (place === 0) return false;
      setWideBody(this.#arena, e, this.#packs.remove(root, place, 1));
    } else {
      const record = this.#trees.find(root, member, start, end);
      if (record === 0) return false;
      this.#trees.remove(root, record);
    }
    setBody(this.#arena, e, bodyOf(this.#arena, e) - 1);
    return true;
  }

  /** Removes the members of ranks [from, to), at least one of which must be there and one other stay. */
  removeRanks(e: EntryRef, from: number, to: number): void {
    this.#host.changing(e);
    const root = this.#rootOf(e);
    if (this.#isPack(e)) {
      const place = this.#packs.packs.seek(root, from * 2);
      setWideBody(this.#arena, e, this.#packs.remove(root, place, to - from));
    } else this.#trees.removeRanks(root, from, to);
    setBody(this.#arena, e, bodyOf(this.#arena, e) - (to - from));
  }

  /** Begins a walk: `next` goes up and `previous` down from the member of this rank, which must be there. */
  seek(e: EntryRef, rank: number): void {
    const root = this.#rootOf(e);
    if (this.#isPack(e)) {
      this.#walkPack = root;
      this.#walkPlace = this.#walkPacks.packs.seek(root, rank * 2);
    } else {
      this.#walkPack = 0;
      this.#walk.seek(root, rank);
    }
  }

  /** Begins a walk upwards from the first member with this score or a higher one, which may be none. */
  seekScore(e: EntryRef, score: number): void {
    if (this.#isPack(e)) this.seek(e, this.rankOfScore(e, score, false));
    else {
      this.#walkPack = 0;
      this.#walk.seekScore(this.#rootOf(e), score);
    }
  }

  /** Goes to the member where the walk stands, and leaves it towards higher ranks. False: there is none. */
  next(): boolean {
    if (this.#walkPack === 0) return this.#comeTo(this.#walk.next());
    const place = this.#walkPlace;
    if (place === 0) return false;
    const { packs } = this.#walkPacks;
    this.#comeToPlace(place);
    this.#walkPlace = packs.next(this.#walkPack, packs.next(this.#walkPack, place));
    return true;
  }

  /** The same towards lower ranks. */
  previous(): boolean {
    if (this.#walkPack === 0) return this.#comeTo(this.#walk.previous());
    const place = this.#walkPlace;
    if (place === 0) return false;
    const { packs } = this.#walkPacks;
    this.#comeToPlace(place);
    const scorePlace = packs.previous(this.#walkPack, place);
    this.#walkPlace = scorePlace === 0 ? 0 : packs.previous(this.#walkPack, scorePlace);
    return true;
  }

  /**
   * Goes over up to `count` members, upwards or downwards, and notes where their bytes are, which is quicker than one by one.
   * Returns their number; 0: there is none.
   */
  nextRun(run: MemberRun, count: number, isReverse: boolean): number {
    if (this.#walkPack === 0) return this.#walk.run(run, count, isReverse);
    if (this.#walkPlace !== 0) {
      const strings = this.#walkPacks.run(run, this.#walkPack, this.#walkPlace, count, isReverse);
      this.#walkPlace = this.#walkPacks.place;
      if (strings > 0) return strings;
    }
    if (!(isReverse ? this.previous() : this.next())) return 0;
    run.buffer = this.member.buffer;
    run.starts[0] = this.member.start;
    run.ends[0] = this.member.end;
    return 1;
  }

  /** Goes over the next members upwards and notes their scores; the members are read only where `memberIn` asks. 0: there is none. */
  nextScores(run: ScoreRun): number {
    if (this.#walkPack === 0) return this.#walk.scoreRun(run);
    if (!this.next()) return 0;
    run.scores[0] = this.score;
    run.records[0] = 0;
    return 1;
  }

  /** Member i of the last run, in `member`. */
  memberIn(run: ScoreRun, i: number): Span {
    if (run.records[i] !== 0) memberOf(this.#arena, run.records[i], this.member);
    return this.member;
  }

  /**
   * Visits about `count` members and returns the cursor of the next call, 0 at the end. A member that is there from the first
   * call to the last is visited exactly once. `visit` may change nothing.
   */
  scan(e: EntryRef, cursor: number, count: number, visit: () => void): number {
    if (this.#isPack(e)) {
      for (this.seek(e, 0); this.next();) visit();
      return 0;
    }
    const table = rootWord(this.#arena, this.#rootOf(e), RootWord.table);
    return this.#trees.table.scan(table, cursor, count, (record) => {
      this.#comeTo(record);
      visit();
    });
  }

  #comeTo(record: BlockRef): boolean {
    if (record === 0) return false;
    memberOf(this.#arena, record, this.member);
    this.#score[0] = scoreOfRecord(this.#arena, record);
    return true;
  }

  #comeToPlace(place: number): void {
    this.#score[0] = this.#walkPacks.scoreOf(this.#walkPack, place);
    const text = this.#walkPacks.packs.read(this.#walkPack, place);
    const { member } = this;
    member.buffer = text.buffer;
    member.start = text.start;
    member.end = text.end;
  }

  /** Notes the pack after a change. False when there was no memory for it. */
  #keepPack(e: EntryRef, changed: BlockRef): boolean {
    setWideBody(this.#arena, e, changed === 0 ? this.#packs.pack : changed);
    return changed !== 0;
  }

  #createPack(member: ByteBuffer, start: number, end: number, score: number): BlockRef {
    const empty = this.#packs.packs.create();
    if (empty === 0) return 0;
    const pack = this.#packs.append(empty, member, start, end, score);
    if (pack === 0) this.#arena.free(this.#packs.pack);
    return pack;
  }

  #createTree(member: ByteBuffer, start: number, end: number, score: number): BlockRef {
    const root = this.#trees.create();
    if (root === 0) return 0;
    if (this.#trees.append(root, member, start, end, score)) return root;
    freeTreeSet(this.#arena, root, new FreeBudget(Infinity));
    return 0;
  }

  /** Makes a listpack a tree. False: no memory, and nothing has changed. */
  #convert(e: EntryRef): boolean {
    const arena = this.#arena;
    const pack = this.#rootOf(e);
    const root = this.#trees.create();
    if (root === 0) return false;
    const { packs } = this.#packs;
    for (let place = packs.first(pack); place !== 0; place = packs.next(pack, packs.next(pack, place))) {
      const score = this.#packs.scoreOf(pack, place);
      const { buffer, start, end } = packs.read(pack, place);
      if (this.#trees.append(root, buffer, start, end, score)) continue;
      freeTreeSet(arena, root, new FreeBudget(Infinity));
      return false;
    }
    arena.free(pack);
    setEncoding(arena, e, Encoding.skiplist);
    setWideBody(arena, e, root);
    return true;
  }

  #free(encoding: Encoding, root: BlockRef): void {
    if (encoding === Encoding.listpack) this.#arena.free(root);
    else freeTreeSet(this.#arena, root, new FreeBudget(Infinity));
  }

  #rootOf(e: EntryRef): BlockRef {
    if (this.#arena.isChecked) this.#arena.assertLive(e);
    return wideBodyOf(this.#arena, e);
  }

  #isPack(e: EntryRef): boolean {
    return (headOf(this.#arena, e) & encodingMask) >> encodingShift === Encoding.listpack;
  }
}
