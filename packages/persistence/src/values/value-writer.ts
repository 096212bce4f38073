import {
  Encoding,
  type EntryRef,
  type HashWalk,
  type Keyspace,
  NO_EXPIRY,
  PlainString,
  type Span,
  ValueType,
  type ValueView,
} from '@kvartz/engine';
import { listpackVersion, QuicklistNode, RdbType, type RdbVersion, setListpackVersion } from '../rdb/format.ts';
import type { RdbWriter } from '../rdb/rdb-writer.ts';
import type { KeyHead } from './key-head.ts';
import { PackString } from './pack-string.ts';
import { StreamValueWriter } from './stream-value-writer.ts';
import { ViewWriter } from './view-writer.ts';

/** Elements that are written in one go. */
const batch = 512;
/** The same of a large string, and what that counts as, among elements. */
const stringPieceBytes = 2 ** 16;
const stringPieceElements = 512;

/** Whether, and how, it is written when a key was last used. */
export type AccessKind = 'none' | 'lru' | 'lfu';

/**
 * Writes entries of a keyspace. What is packed here and there alike is copied; tables and trees go element by element, in as many
 * steps as the caller likes, between which the value may not change:
 *
 *   values.writeKey(keyspace, e);                     all at once
 *   values.begin(keyspace, e); while (!values.step(1000)) ...
 */
export class ValueWriter {
  readonly #writer: RdbWriter;
  readonly #streams: StreamValueWriter;
  readonly #plain = new PlainString();
  readonly #packs = new PackString();
  readonly #viewed: ViewWriter;
  /** What is left of a value that was begun. */
  #rest: Iterator<number, void> | undefined;
  #view: ValueView | undefined;

  constructor(writer: RdbWriter) {
    this.#writer = writer;
    this.#streams = new StreamValueWriter(writer);
    this.#viewed = new ViewWriter(writer);
  }

  /** A whole item of a file: expiry, access, type, key, value. */
  writeKey(keyspace: Keyspace, e: EntryRef, access: AccessKind = 'none'): void {
    const plain = this.#plain;
    if (access === 'none' && plain.read(keyspace.arena, e)) {
      this.#writer.type(RdbType.string);
      this.#writer.string(plain.buffer, plain.start, plain.middle);
      this.#writer.string(plain.buffer, plain.middle, plain.end);
      return;
    }
    this.beginKey(keyspace, e, access);
    while (!this.step(Infinity));
  }

  /** The same up to where `step` goes on. */
  beginKey(keyspace: Keyspace, e: EntryRef, access: AccessKind = 'none'): void {
    this.#head(keyspace, e, access);
    this.#begin(keyspace, e);
  }

  /** The same for a large string, which is written as it is, not compressed, in pieces. */
  beginLargeString(keyspace: Keyspace, e: EntryRef, access: AccessKind = 'none'): void {
    this.#head(keyspace, e, access);
    this.#rest = this.#stringPieces(keyspace, e);
  }

  /** What stands before a value. */
  #head(keyspace: Keyspace, e: EntryRef, access: AccessKind): void {
    const writer = this.#writer;
    const atMs = keyspace.expireAtMs(e);
    if (atMs !== NO_EXPIRY) writer.expireMs(atMs);
    if (access === 'lru') writer.idle(Math.floor(keyspace.idleMs(e) / 1000));
    else if (access === 'lfu') writer.freq(keyspace.lfuCounter(e));
    writer.type(typeFor(keyspace, e, writer.version));
    const key = keyspace.keyOf(e);
    writer.string(key.buffer, key.start, key.end);
  }

  /** Type and value without the key. */
  writeValue(keyspace: Keyspace, e: EntryRef): void {
    this.#writer.type(typeFor(keyspace, e, this.#writer.version));
    this.#begin(keyspace, e);
    while (!this.step(Infinity));
  }

  /** The same of a large value as it was when the view was opened: it may change between the steps. The view stays the caller's. */
  beginView(head: KeyHead, view: ValueView): void {
    this.#rest = undefined;
    this.#view = view;
    this.#viewed.begin(head, view);
  }

  /** Writes about so many elements more of what was begun. True: all are written, or the view has failed. */
  step(elementsMax: number): boolean {
    if (this.#view !== undefined) {
      const isOver = this.#view.step(elementsMax, this.#viewed);
      if (isOver) this.#view = undefined;
      return isOver;
    }
    const rest = this.#rest;
    if (rest === undefined) return true;
    for (let left = elementsMax; left > 0;) {
      const { done, value } = rest.next();
      if (done === true) {
        this.#rest = undefined;
        return true;
      }
      left -= value;
    }
    return false;
  }

  #begin(keyspace: Keyspace, e: EntryRef): void {
    this.#rest = undefined;
    const type = typeFor(keyspace, e, this.#writer.version);
    switch (type) {
      case RdbType.string: {
        const { buffer, end, start } = keyspace.stringOf(e);
        this.#writer.string(buffer, start, end);
        break;
      }
      case RdbType.setIntset:
      case RdbType.hashListpack:
      case RdbType.zsetListpack:
      case RdbType.setListpack:
        this.#block(keyspace, e, type === RdbType.setIntset);
        break;
      case RdbType.listQuicklist2:
        this.#rest = this.#nodes(keyspace, e);
        break;
      case RdbType.list:
        this.#rest = this.#listElements(keyspace, e);
        break;
      case RdbType.set:
        this.#rest = this.#members(keyspace, e);
        break;
      case RdbType.zset:
        this.#rest = this.#scores(keyspace, e);
        break;
      case RdbType.hash:
      case RdbType.hashTimed:
        this.#rest = this.#fields(keyspace, e, type === RdbType.hashTimed);
        break;
      default:
        this.#rest = this.#streams.write(keyspace, e);
    }
  }

  /** By the block in which the string lies: its entry may be moved meanwhile. */
  *#stringPieces(keyspace: Keyspace, e: EntryRef): Generator<number, void> {
    const { out } = this.#writer;
    const { buffer, end, start } = keyspace.stringOf(e);
    this.#writer.length(end - start);
    for (let at = start; at < end; at += stringPieceBytes) {
      out.bytes(buffer, at, Math.min(end, at + stringPieceBytes));
      yield stringPieceElements;
    }
  }

  #span({ buffer, end, start }: Span): void {
    this.#writer.string(buffer, start, end);
  }

  /** A value that is one block in the layout of the file. */
  #block(keyspace: Keyspace, e: EntryRef, isIntset: boolean): void {
    const { arena } = keyspace;
    const root = keyspace.rootOf(e);
    const { bytes, dv } = arena.segments[root >>> arena.refShift];
    const at = (root & arena.refMask) << 3;
    const first = dv.getUint32(at, true);
    const sizeBytes = isIntset ? 8 + first * dv.getUint32(at + 4, true) : first;
    this.#writer.string(bytes, at, at + sizeBytes);
  }

  /** The packs of a list as the nodes of a quicklist. */
  *#nodes(keyspace: Keyspace, e: EntryRef): Generator<number, void> {
    const writer = this.#writer;
    const { walk } = keyspace.lists;
    const count = keyspace.countOf(e);
    let nodes = 0;
    for (walk.seek(e, count, 0, false); walk.nextRun();) nodes++;
    writer.length(nodes);
    for (let index = 0; index < count;) {
      walk.seek(e, count, index, false);
      walk.nextRun();
      const elements = walk.count;
      writer.length(walk.isPlain ? QuicklistNode.plain : QuicklistNode.packed);
      if (walk.isPlain) writer.string(walk.bytes, walk.p, walk.to);
      else this.#packs.write(writer, walk.bytes, walk.p, walk.to, elements);
      index += elements;
      yield elements;
    }
  }

  *#listElements(keyspace: Keyspace, e: EntryRef): Generator<number, void> {
    const { walk } = keyspace.lists;
    const count = keyspace.countOf(e);
    this.#writer.length(count);
    for (let index = 0; index < count; index += batch) {
      walk.seek(e, count, index, false);
      for (let i = index; i < index + batch && walk.next(); i++) this.#span(walk.read());
      yield batch;
    }
  }

  *#members(keyspace: Keyspace, e: EntryRef): Generator<number, void> {
    this.#writer.length(keyspace.countOf(e));
    const write = (member: Span): void => this.#span(member);
    let cursor = 0;
    do {
      cursor = keyspace.sets.scan(e, cursor, batch, write);
      yield batch;
    } while (cursor !== 0);
  }

  /** From the highest score down, so that redis-server puts each in front of all others. */
  *#scores(keyspace: Keyspace, e: EntryRef): Generator<number, void> {
    const writer = this.#writer;
    const { sortedSets } = keyspace;
    const count = keyspace.countOf(e);
    writer.length(count);
    for (let rank = count - 1; rank >= 0; rank -= batch) {
      sortedSets.seek(e, rank);
      for (let i = 0; i < batch && sortedSets.previous(); i++) {
        this.#span(sortedSets.member);
        writer.double(sortedSets.score);
      }
      yield batch;
    }
  }

  *#fields(keyspace: Keyspace, e: EntryRef, isTimed: boolean): Generator<number, void> {
    const writer = this.#writer;
    const { hashes } = keyspace;
    const baseMs = isTimed ? hashes.timed.soonestOf(e) : 0;
    if (isTimed) writer.int64(baseMs);
    writer.length(keyspace.countOf(e));
    const write = ({ expireAtMs, field, value }: HashWalk): void => {
      if (isTimed) writer.length(expireAtMs === Infinity ? 0 : expireAtMs - baseMs + 1);
      this.#span(field);
      this.#span(value);
    };
    let cursor = 0;
    do {
      // Fields whose time has come are written as they are, since they were counted.
      const mode = keyspace.expiryMode;
      keyspace.expiryMode = 'ignore';
      cursor = hashes.scan(e, cursor, batch, write);
      keyspace.expiryMode = mode;
      yield batch;
    } while (cursor !== 0);
  }
}

/** How an entry is written in a file of this version. */
function typeFor(keyspace: Keyspace, e: EntryRef, version: RdbVersion): RdbType {
  const encoding = keyspace.encodingOf(e);
  const isPacked = encoding === Encoding.listpack && version >= listpackVersion;
  switch (keyspace.typeOf(e)) {
    case ValueType.string:
      return RdbType.string;
    case ValueType.list:
      return version >= listpackVersion ? RdbType.listQuicklist2 : RdbType.list;
    case ValueType.set:
      if (encoding === Encoding.intset) return RdbType.setIntset;
      return isPacked && version >= setListpackVersion ? RdbType.setListpack : RdbType.set;
    case ValueType.zset:
      return isPacked ? RdbType.zsetListpack : RdbType.zset;
    case ValueType.hash:
      if (isPacked) return RdbType.hashListpack;
      return keyspace.hashes.timed.soonestOf(e) < Infinity ? RdbType.hashTimed : RdbType.hash;
    default:
      return StreamValueWriter.typeFor(version);
  }
}
