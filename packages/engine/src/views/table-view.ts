import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { Encoding, ValueType } from '../entry.ts';
import { halfSipHash13 } from '../hash.ts';
import { fieldAt, readValue, timeOfField } from '../hashes/hash-record.ts';
import { soonestTime } from '../hashes/field-times.ts';
import { memberAt } from '../sets/set-walk.ts';
import { Span } from '../span.ts';
import { readRecordKey } from '../table/record.ts';
import { scanRecords } from '../table/table-scan.ts';
import { RootWord, rootWord } from '../zsets/tree-search.ts';
import { Overlay } from './overlay.ts';
import { type ViewedValue, type ViewSink, ValueView } from './value-view.ts';

/**
 * A view of a large set or hash: a walk in the order of hashes over the table, which meets what stays there exactly once, and
 * the old records of what was changed before the walk has come there.
 */
export class TableView extends ValueView {
  /** Of a hash: when its first field expires, in milliseconds since the epoch; Infinity: none does. */
  readonly soonestMs: number;
  readonly #arena: Arena;
  readonly #keyAt: number;
  readonly #overlay: Overlay;
  readonly #key: Span;
  readonly #value: Span;
  readonly #visit: (record: BlockRef) => void;
  /** Records with a lower hash have been handed out. */
  #cursor = 0;
  #sink: ViewSink | undefined;

  constructor(arena: Arena, value: ViewedValue, root: BlockRef) {
    super(value, tableRootOf(arena, value.encoding, root));
    this.#arena = arena;
    this.soonestMs = value.encoding === Encoding.hashtableex ? soonestTime(arena, value.encoding, root) : Infinity;
    this.#keyAt = value.type === ValueType.set ? memberAt : fieldAt;
    this.#key = new Span(new ByteBuffer(0));
    this.#value = new Span(this.#key.buffer);
    this.#overlay = new Overlay(arena, this.#keyAt, this.#key);
    this.#visit = (record) => {
      if (!this.#overlay.has(record)) this.#hand(record);
    };
  }

  /** A record is about to be changed, replaced or removed. */
  changes(record: BlockRef): void {
    if (!this.#isOver(record) && !this.#overlay.note(record)) this.fail();
  }

  /** A record has been added. */
  added(record: BlockRef): void {
    if (!this.#isOver(record) && !this.#overlay.noteAbsent(record)) this.fail();
  }

  #isOver(record: BlockRef): boolean {
    if (this.isFailed || this.#cursor === Infinity) return true;
    if (this.#cursor === 0) return false;
    const { buffer, start, end } = readRecordKey(this.#arena, record, this.#keyAt, this.#key);
    const [key0, key1] = this.#arena.memberHashKey!;
    return halfSipHash13(buffer, start, end, key0, key1) >>> 0 < this.#cursor;
  }

  protected override advance(max: number, sink: ViewSink): boolean {
    this.#sink = sink;
    if (this.#cursor !== Infinity) {
      const cursor = scanRecords(this.#arena, this.root, this.#cursor, max, this.#visit);
      this.#cursor = cursor === 0 ? Infinity : cursor;
      return cursor === 0 && this.#overlay.isEmpty;
    }
    for (let left = max; left > 0; left--) {
      const record = this.#overlay.next();
      if (record === 0) return true;
      this.#hand(record);
    }
    return false;
  }

  #hand(record: BlockRef): void {
    const arena = this.#arena;
    const key = readRecordKey(arena, record, this.#keyAt, this.#key);
    if (this.type === ValueType.set) this.#sink!.member(key);
    else this.#sink!.field(key, readValue(arena, record, this.#value), timeOfField(arena, record));
  }

  protected override release(): void {
    this.#overlay.free();
  }
}

/** The table of a large set or hash, which stays the same when the hash's first field gets a time. */
export function tableRootOf(arena: Arena, encoding: Encoding, root: BlockRef): BlockRef {
  return encoding === Encoding.hashtableex ? rootWord(arena, root, RootWord.table) : root;
}
