import { type ByteBuffer, latin1Of, parseDouble } from '@kvartz/base';
import { AddResult, Addition, type EntryRef, FieldResult, type Keyspace } from '@kvartz/engine';
import { isTimedPack, kindOf, type RdbKind } from '../rdb/kinds.ts';
import { PackReaders } from '../rdb/packed/pack-readers.ts';
import { RdbBytes } from '../rdb/rdb-bytes.ts';
import { RdbError } from '../rdb/rdb-error.ts';
import type { RdbParser } from '../rdb/rdb-parser.ts';

/** Builds lists, sets, hashes and sorted sets element by element. Throws RdbError at what no value can have. */
export class CollectionLoader {
  /** The entry as far as it is built; 0: there is none yet. */
  entry: EntryRef = 0;
  readonly #parser: RdbParser;
  readonly #packs = new PackReaders();
  readonly #element = new RdbBytes();
  readonly #value = new RdbBytes();
  readonly #time = new RdbBytes();
  #keyspace: Keyspace;
  #key: RdbBytes;
  /** Elements that the file announces, so that what will be a table begins as one; 1: not known. */
  #members = 1;
  /** The members of a sorted set are in `loaded`. */
  #isCollecting = false;

  constructor(parser: RdbParser, keyspace: Keyspace) {
    this.#parser = parser;
    this.#keyspace = keyspace;
    this.#key = parser.key;
  }

  begin(keyspace: Keyspace, key: RdbBytes): void {
    this.#keyspace = keyspace;
    this.#key = key;
    this.entry = 0;
    this.#members = 1;
  }

  /** All elements have come. Returns the entry; 0: there is none, or no memory for it. */
  finish(): EntryRef {
    if (!this.#isCollecting) return this.entry;
    const { loaded } = this.#keyspace.sortedSets;
    const key = this.#key;
    if (loaded.order()) this.entry = loaded.store(key.buffer, key.start, key.end);
    if (this.entry === 0) loaded.free();
    this.#isCollecting = false;
    return this.entry;
  }

  /** Frees what has no key yet. */
  abort(): void {
    if (this.#isCollecting) this.#keyspace.sortedSets.loaded.free();
    this.#isCollecting = false;
  }

  /** The element that the parser has come to. False: no memory. */
  add(): boolean {
    const { count, element, fieldExpireAtMs, score, type, value } = this.#parser;
    this.#members = count;
    return this.#add(kindOf(type), element, value, score, fieldExpireAtMs);
  }

  /** A plain element. */
  addPlain(): boolean {
    return this.#push(this.#parser.value);
  }

  /** A pack of a list, which the engine would have written in the same way, and the number of its elements. */
  addNode(elements: number): boolean {
    const { buffer, end, start } = this.#parser.value;
    const { lists } = this.#keyspace;
    if (!lists.fitsPack(end - start, elements)) return this.addPack();
    if (this.entry !== 0) return lists.appendPack(this.entry, buffer, start, end, elements);
    const key = this.#key;
    this.entry = lists.createOfPack(key.buffer, key.start, key.end, buffer, start, end, elements);
    return this.entry !== 0;
  }

  /** All elements of the packed string that the parser has come to. */
  addPack(): boolean {
    const { type, value: pack } = this.#parser;
    const element = this.#element;
    const value = this.#value;
    const kind = kindOf(type);
    const isPaired = kind === 'hash' || kind === 'zset';
    const reader = this.#packs.of(type);
    reader.begin(pack);
    while (reader.next(element)) {
      let score = 0;
      let atMs = Infinity;
      if (isPaired) {
        if (!reader.next(value)) throw this.#error('a value behind each element', 'the end');
        if (kind === 'zset') score = parseDouble(value.buffer.u8, value.start, value.end);
        else if (isTimedPack(type)) {
          if (!reader.next(this.#time)) throw this.#error('a time behind each value', 'the end');
          atMs = this.#timeOf();
        }
      }
      if (!this.#add(kind, element, value, score, atMs)) return false;
    }
    return true;
  }

  /** Of a field in a listpack; 0 stands for none. */
  #timeOf(): number {
    const text = String(this.#time);
    const atMs = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(atMs))
      throw this.#error('the time of a field', JSON.stringify(text));
    return atMs === 0 ? Infinity : atMs;
  }

  #add(kind: RdbKind, element: RdbBytes, value: RdbBytes, score: number, atMs: number): boolean {
    switch (kind) {
      case 'list':
        return this.#push(element);
      case 'set':
        return this.#addMember(element);
      case 'zset':
        return this.#addScore(element, score);
      default:
        return this.#setField(element, value, atMs);
    }
  }

  #push({ buffer, end, start }: RdbBytes): boolean {
    const { lists } = this.#keyspace;
    if (this.entry !== 0) return lists.push(this.entry, true, buffer, start, end);
    const key = this.#key;
    this.entry = lists.create(key.buffer, key.start, key.end, buffer, start, end);
    return this.entry !== 0;
  }

  #addMember({ buffer, end, start }: RdbBytes): boolean {
    const { sets } = this.#keyspace;
    if (this.entry === 0) {
      const key = this.#key;
      this.entry = sets.create(key.buffer, key.start, key.end, buffer, start, end, this.#members);
      return this.entry !== 0;
    }
    const result = sets.add(this.entry, buffer, start, end);
    if (result === Addition.present) throw this.#twice(buffer, start, end);
    return result !== Addition.noMemory;
  }

  #addScore(element: RdbBytes, score: number): boolean {
    if (Number.isNaN(score)) throw this.#error('a score', 'NaN');
    const { sortedSets, limits } = this.#keyspace;
    if (this.#members > limits.zsetMaxListpackEntries) return this.#collect(element, score);
    const { buffer, end, start } = element;
    if (this.entry === 0) {
      const key = this.#key;
      this.entry = sortedSets.create(key.buffer, key.start, key.end, buffer, start, end, score);
      return this.entry !== 0;
    }
    const result = sortedSets.add(this.entry, buffer, start, end, score);
    if (result === AddResult.changed || result === AddResult.same) throw this.#twice(buffer, start, end);
    return result !== AddResult.noMemory;
  }

  /** What will be a tree is sorted and built when all members are there. */
  #collect({ buffer, end, start }: RdbBytes, score: number): boolean {
    const { loaded } = this.#keyspace.sortedSets;
    if (!this.#isCollecting && !loaded.clear(true, this.#members)) return false;
    this.#isCollecting = true;
    if (loaded.find(buffer, start, end) !== 0) throw this.#twice(buffer, start, end);
    return loaded.add(buffer, start, end, score);
  }

  #setField(field: RdbBytes, value: RdbBytes, atMs: number): boolean {
    const { hashes } = this.#keyspace;
    if (this.entry === 0) {
      const key = this.#key;
      this.entry = hashes.create(key.buffer, key.start, key.end, this.#members);
      if (this.entry === 0) return false;
    }
    const { buffer, end, start } = field;
    const result = hashes.set(this.entry, buffer, start, end, value.buffer, value.start, value.end);
    if (result === FieldResult.changed) throw this.#twice(buffer, start, end);
    if (result === FieldResult.noMemory) return false;
    return atMs === Infinity || hashes.timed.setTime(this.entry, buffer, start, end, atMs);
  }

  #twice({ u8 }: ByteBuffer, start: number, end: number): RdbError {
    return this.#error('each element once', `${JSON.stringify(latin1Of(u8, start, Math.min(end, start + 32)))} twice`);
  }

  #error(expected: string, found: string): RdbError {
    return new RdbError({ code: 'corrupt', offset: this.#parser.offset, expected, found });
  }
}
