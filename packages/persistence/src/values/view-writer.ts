import { ByteBuffer } from '@kvartz/base';
import {
  elementBytes,
  ListView,
  readElement,
  Span,
  TableView,
  type ValueView,
  ValueType,
  type ViewSink,
} from '@kvartz/engine';
import { listpackVersion, QuicklistNode, RdbType } from '../rdb/format.ts';
import type { RdbWriter } from '../rdb/rdb-writer.ts';
import type { KeyHead } from './key-head.ts';
import { PackString } from './pack-string.ts';

const digitsBytesMax = 32;

/** Writes a large value as it was when a view of it was opened; see `ValueWriter.beginView`. */
export class ViewWriter implements ViewSink {
  readonly #writer: RdbWriter;
  readonly #packs = new PackString();
  readonly #digits = new ByteBuffer(digitsBytesMax);
  readonly #element = new Span(this.#digits);
  #type: RdbType = RdbType.set;
  /** Of a hash with times: the first of them, from which the others are counted. */
  #baseMs = 0;

  constructor(writer: RdbWriter) {
    this.#writer = writer;
  }

  /** Writes what stands before the elements: key, type, how many. */
  begin(head: KeyHead, view: ValueView): void {
    const writer = this.#writer;
    this.#type = typeOf(view, writer.version);
    head.write(writer, this.#type);
    if (this.#type === RdbType.hashTimed && view instanceof TableView) {
      this.#baseMs = view.soonestMs;
      writer.int64(this.#baseMs);
    }
    writer.length(this.#type === RdbType.listQuicklist2 && view instanceof ListView ? view.packs : view.count);
  }

  member(member: Span): void {
    this.#span(member);
  }

  field(field: Span, value: Span, expireAtMs: number): void {
    if (this.#type === RdbType.hashTimed) {
      this.#writer.length(expireAtMs === Infinity ? 0 : expireAtMs - this.#baseMs + 1);
    }
    this.#span(field);
    this.#span(value);
  }

  scored(member: Span, score: number): void {
    this.#span(member);
    this.#writer.double(score);
  }

  pack(bytes: ByteBuffer, start: number, end: number, elements: number, isPlain: boolean): void {
    const writer = this.#writer;
    const isNode = this.#type === RdbType.listQuicklist2;
    if (isNode) writer.length(isPlain ? QuicklistNode.plain : QuicklistNode.packed);
    if (isPlain) writer.string(bytes, start, end);
    else if (isNode) this.#packs.write(writer, bytes, start, end, elements);
    else {
      for (let p = start; p < end; p += elementBytes(bytes, p)) {
        this.#span(readElement(bytes, p, this.#element, this.#digits));
      }
    }
  }

  #span({ buffer, end, start }: Span): void {
    this.#writer.string(buffer, start, end);
  }
}

function typeOf(view: ValueView, version: number): RdbType {
  switch (view.type) {
    case ValueType.set:
      return RdbType.set;
    case ValueType.zset:
      return RdbType.zset;
    case ValueType.list:
      return version >= listpackVersion ? RdbType.listQuicklist2 : RdbType.list;
    default:
      return view instanceof TableView && view.soonestMs < Infinity ? RdbType.hashTimed : RdbType.hash;
  }
}
