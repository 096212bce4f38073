import { type ByteBuffer, copyBytes } from '@kvartz/base';
import { type CollectionLimits, Encoding, type EntryRef, type Keyspace, NO_EXPIRY, ValueType } from '@kvartz/engine';
import { RdbType } from '../rdb/format.ts';
import { isStream, kindOf } from '../rdb/kinds.ts';
import { RdbBytes } from '../rdb/rdb-bytes.ts';
import { RdbError } from '../rdb/rdb-error.ts';
import { RdbEvent } from '../rdb/rdb-event.ts';
import type { RdbParser } from '../rdb/rdb-parser.ts';
import { CollectionLoader } from './collection-loader.ts';
import { LoadState } from './load-state.ts';
import { PackCheck } from './pack-check.ts';
import { StreamLoader } from './stream-loader.ts';

/**
 * Takes the keys that a parser comes to into a keyspace, in place of what they held. The caller tells it of the events from `string`
 * to `end`; nothing else may change the keyspace in between.
 *
 * Packed values whose bytes are those that the engine would have written become blocks by copying; the others are built element by
 * element. Throws RdbError, then no key is there.
 */
export class ValueLoader {
  /** Of the key that was loaded. */
  entry: EntryRef = 0;
  readonly #parser: RdbParser;
  readonly #collections: CollectionLoader;
  readonly #streams: StreamLoader;
  readonly #check = new PackCheck();
  /** The key of a value that comes in pieces. */
  readonly #key = new RdbBytes();

  constructor(parser: RdbParser, keyspace: Keyspace) {
    this.#parser = parser;
    this.#collections = new CollectionLoader(parser, keyspace);
    this.#streams = new StreamLoader(parser, keyspace);
  }

  take(event: RdbEvent, keyspace: Keyspace): LoadState {
    try {
      const state = this.#take(event, keyspace);
      if (state === LoadState.noMemory) this.abort(keyspace);
      return state;
    } catch (error) {
      this.abort(keyspace);
      throw RdbError.inPackAt(this.#parser.offset, error);
    }
  }

  #take(event: RdbEvent, keyspace: Keyspace): LoadState {
    const parser = this.#parser;
    switch (event) {
      case RdbEvent.string:
        return this.#string(keyspace);
      case RdbEvent.begin:
        this.#begin(keyspace);
        return LoadState.more;
      case RdbEvent.element:
        return this.#collections.add() ? LoadState.more : LoadState.noMemory;
      case RdbEvent.blob:
        return this.#blob(keyspace);
      case RdbEvent.node:
        if (isStream(parser.type)) break;
        return this.#node() ? LoadState.more : LoadState.noMemory;
      case RdbEvent.end:
        if (!isStream(parser.type)) return this.#finish(keyspace, this.#collections.finish());
        this.#streams.end();
        return this.#finish(keyspace, this.#streams.entry);
      case RdbEvent.moduleValue:
        throw this.#error('a value that is known here', `one of module ${parser.moduleName}`);
    }
    return this.#streams.take(event) ? LoadState.more : LoadState.noMemory;
  }

  #string(keyspace: Keyspace): LoadState {
    const { expireAtMs, key, value } = this.#parser;
    const at = expireAtMs === Infinity ? NO_EXPIRY : expireAtMs;
    const e = keyspace.setString(key.buffer, key.start, key.end, value.buffer, value.start, value.end, at);
    if (e === 0) return LoadState.noMemory;
    this.#setAccess(keyspace, e);
    return LoadState.loaded;
  }

  /** A node of a list. False: no memory. */
  #node(): boolean {
    const parser = this.#parser;
    if (parser.isPlain) return this.#collections.addPlain();
    const elements = parser.type === RdbType.listQuicklist2 ? this.#check.elementsOfNode(parser.value) : -1;
    return elements > 0 ? this.#collections.addNode(elements) : this.#collections.addPack();
  }

  #begin(keyspace: Keyspace): void {
    const { key, type } = this.#parser;
    const { buffer, end, start } = key;
    // The parser's view is valid until its next call.
    copyBytes(buffer, start, end, this.#key.reserve(end - start), 0);
    if (isStream(type)) this.#streams.begin(keyspace, this.#key);
    else this.#collections.begin(keyspace, this.#key);
  }

  #blob(keyspace: Keyspace): LoadState {
    const { type, value } = this.#parser;
    const elements = this.#check.elementsOf(type, value, elementsMax(type, keyspace.limits));
    this.#begin(keyspace);
    if (elements === 0) return LoadState.empty;
    if (elements > 0) {
      if (!this.#adopt(keyspace, type, elements)) return LoadState.noMemory;
    } else if (!this.#collections.addPack()) return LoadState.noMemory;
    return this.#finish(keyspace, this.#collections.entry);
  }

  /** Makes the packed string a block. False: no memory. */
  #adopt(keyspace: Keyspace, type: RdbType, elements: number): boolean {
    const { arena } = keyspace;
    const { buffer, end, start } = this.#parser.value;
    const root = arena.alloc(end - start);
    if (root === 0) return false;
    const target: ByteBuffer = arena.segments[root >>> arena.refShift].bytes;
    copyBytes(buffer, start, end, target, (root & arena.refMask) << 3);
    const kind = kindOf(type);
    const valueType = kind === 'hash' ? ValueType.hash : kind === 'zset' ? ValueType.zset : ValueType.set;
    const encoding = type === RdbType.setIntset ? Encoding.intset : Encoding.listpack;
    const key = this.#key;
    const e = keyspace.setCollection(key.buffer, key.start, key.end, valueType, encoding, root, elements);
    if (e === 0) arena.free(root);
    this.#collections.entry = e;
    return e !== 0;
  }

  /** The value is whole: what the file says of the key. `e` is 0 when no element has come. */
  #finish(keyspace: Keyspace, e: EntryRef): LoadState {
    if (e === 0)
      return this.#parser.count === 0 || kindOf(this.#parser.type) === 'list' ? LoadState.empty : LoadState.noMemory;
    const { expireAtMs } = this.#parser;
    const moved = expireAtMs === Infinity ? e : keyspace.setExpireAtMs(e, expireAtMs);
    if (moved === 0) return LoadState.noMemory;
    this.#setAccess(keyspace, moved);
    this.#collections.entry = 0;
    this.#streams.entry = 0;
    return LoadState.loaded;
  }

  #setAccess(keyspace: Keyspace, e: EntryRef): void {
    this.entry = e;
    const { freq, idleSeconds } = this.#parser;
    if (keyspace.accessPolicy === 'lfu') {
      if (freq >= 0) keyspace.setLfuCounter(e, freq);
    } else if (idleSeconds >= 0) keyspace.setIdleMs(e, idleSeconds * 1000);
  }

  /** Removes what was built of a key that will not be whole. */
  abort(keyspace: Keyspace): void {
    this.#collections.abort();
    for (const e of [this.#collections.entry, this.#streams.entry]) if (e !== 0) keyspace.removeEntry(e);
    this.#collections.entry = 0;
    this.#streams.entry = 0;
  }

  #error(expected: string, found: string): RdbError {
    return new RdbError({ code: 'unsupported', offset: this.#parser.offset, expected, found });
  }
}

function elementsMax(type: RdbType, limits: CollectionLimits): number {
  switch (type) {
    case RdbType.setIntset:
      return limits.setMaxIntsetEntries;
    case RdbType.setListpack:
      return limits.setMaxListpackEntries;
    case RdbType.zsetListpack:
      return limits.zsetMaxListpackEntries;
    default:
      return limits.hashMaxListpackEntries;
  }
}
