import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { Encoding, type EntryRef, ValueType } from '../entry.ts';
import { FreeBudget } from '../free-budget.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import { freeTable } from '../table/table.ts';
import { PackSet } from './pack-set.ts';
import { createRecord, memberOf, scoreOfRecord, setScoreOfRecord } from './record.ts';
import { Span } from '../span.ts';
import { sortByScore } from './sort-records.ts';
import { buildTree } from './tree-build.ts';
import { RootWord, rootWord } from './tree-search.ts';
import type { TreeSet } from './tree-set.ts';
import { freeTreeSet } from './tree-value.ts';

const roomMin = 64;
/** References that are kept room for between commands. */
const roomKeptMax = 4096;

/**
 * Members with scores that a command has put together, as records in the arena: to be sorted, read, and perhaps stored under
 * a key, which takes the records over. `clear` before, `free` after.
 */
export class SetResults {
  count = 0;
  /** Filled by `read`. */
  readonly member = new Span(new ByteBuffer(0));
  readonly #host: CollectionHost;
  readonly #arena: Arena;
  readonly #trees: TreeSet;
  readonly #packs: PackSet;
  #records = new Uint32Array(0);
  /** The members' table, when they have to be found again; else 0. */
  #table: BlockRef = 0;
  #memberBytesMax = 0;
  readonly #score = new Float64Array(1);

  constructor(host: CollectionHost, trees: TreeSet) {
    this.#host = host;
    this.#arena = host.arena;
    this.#trees = trees;
    this.#packs = new PackSet(host.arena);
  }

  /** `isFindable`: `find` will be used; `members` are known to come. False: no memory. */
  clear(isFindable = false, members = 0): boolean {
    this.free();
    if (!isFindable) return true;
    this.#table = this.#trees.table.create(members);
    return this.#table !== 0;
  }

  /** Adds a member that is not there; if findable, after `find` has not found it. False: no memory. */
  add(member: ByteBuffer, start: number, end: number, score: number): boolean {
    if (this.count === this.#records.length && !this.#grow()) return false;
    const record = createRecord(this.#arena, member, start, end, score);
    if (record === 0) return false;
    if (this.#table !== 0 && !this.#trees.table.add(this.#table, record)) {
      this.#arena.free(record);
      return false;
    }
    this.#records[this.count++] = record;
    if (end - start > this.#memberBytesMax) this.#memberBytesMax = end - start;
    return true;
  }

  /** The record of a member, for `scoreOf` and `setScore`; 0 when it is not there. */
  find(member: ByteBuffer, start: number, end: number): BlockRef {
    return this.#trees.table.find(this.#table, member, start, end);
  }

  scoreOf(record: BlockRef): number {
    return scoreOfRecord(this.#arena, record);
  }

  setScore(record: BlockRef, score: number): void {
    setScoreOfRecord(this.#arena, record, score);
  }

  /** Points `member` and `score` at the i-th member. */
  read(i: number): void {
    memberOf(this.#arena, this.#records[i], this.member);
    this.#score[0] = scoreOfRecord(this.#arena, this.#records[i]);
  }

  /** Of the member that was read. */
  get score(): number {
    return this.#score[0];
  }

  /** By score, then by member. False: no memory. */
  order(): boolean {
    return sortByScore(this.#arena, this.#records, this.count);
  }

  /**
   * Sets the key to the sorted members, in place of what it held, and empties the results. There must be one member at least.
   * 0 when there is no memory: then no key has changed.
   */
  store(key: ByteBuffer, ks: number, ke: number): EntryRef {
    const { limits } = this.#host;
    const isPack = this.count <= limits.zsetMaxListpackEntries && this.#memberBytesMax <= limits.zsetMaxListpackValue;
    return isPack ? this.#storePack(key, ks, ke) : this.#storeTree(key, ks, ke);
  }

  /** Frees what nobody has taken over. */
  free(): void {
    if (this.#table !== 0) freeTable(this.#arena, this.#table, new FreeBudget(Infinity));
    else for (let i = 0; i < this.count; i++) this.#arena.free(this.#records[i]);
    this.#forget();
  }

  #forget(): void {
    this.#table = 0;
    this.count = 0;
    this.#memberBytesMax = 0;
    if (this.#records.length > roomKeptMax) this.#records = new Uint32Array(0);
  }

  #storePack(key: ByteBuffer, ks: number, ke: number): EntryRef {
    const arena = this.#arena;
    let pack = this.#packs.packs.create();
    if (pack === 0) return 0;
    for (let i = 0; i < this.count; i++) {
      const record = this.#records[i];
      const { buffer, start, end } = memberOf(arena, record, this.member);
      pack = this.#packs.append(pack, buffer, start, end, scoreOfRecord(arena, record));
      if (pack !== 0) continue;
      arena.free(this.#packs.pack);
      return 0;
    }
    const e = this.#host.setCollection(key, ks, ke, ValueType.zset, Encoding.listpack, pack, this.count);
    if (e === 0) arena.free(pack);
    else this.free();
    return e;
  }

  #storeTree(key: ByteBuffer, ks: number, ke: number): EntryRef {
    const arena = this.#arena;
    const trees = this.#trees;
    const root = trees.create(this.#table);
    if (root === 0) return 0;
    if (!this.#fillTree(root)) {
      this.#forget();
      freeTreeSet(arena, root, new FreeBudget(Infinity));
      return 0;
    }
    const { count } = this;
    this.#forget();
    const e = this.#host.setCollection(key, ks, ke, ValueType.zset, Encoding.skiplist, root, count);
    if (e === 0) freeTreeSet(arena, root, new FreeBudget(Infinity));
    return e;
  }

  /** False: no memory; then the table has all records that are not free. */
  #fillTree(root: BlockRef): boolean {
    const arena = this.#arena;
    const trees = this.#trees;
    if (this.#table === 0) {
      const table = rootWord(arena, root, RootWord.table);
      for (let i = 0; i < this.count; i++) {
        const { buffer, start, end } = memberOf(arena, this.#records[i], this.member);
        trees.find(root, buffer, start, end);
        if (trees.table.add(table, this.#records[i])) continue;
        for (let j = i; j < this.count; j++) arena.free(this.#records[j]);
        return false;
      }
    }
    return buildTree(arena, root, this.#records, this.count);
  }

  #grow(): boolean {
    try {
      const larger = new Uint32Array(Math.max(roomMin, this.#records.length * 2));
      larger.set(this.#records);
      this.#records = larger;
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }
}
