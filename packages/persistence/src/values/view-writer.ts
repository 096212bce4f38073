import { ByteBuffer } from '@kvartz/base';
import {
  elementBytes,
  type GroupView,
  ListView,
  readElement,
  Span,
  type StreamId,
  StreamView,
  TableView,
  type ValueView,
  type ViewedConsumer,
  ValueType,
  type ViewSink,
} from '@kvartz/engine';
import { listpackVersion, QuicklistNode, RdbType, type RdbVersion } from '../rdb/format.ts';
import type { RdbWriter } from '../rdb/rdb-writer.ts';
import { StreamWriter } from '../rdb/stream-writer.ts';
import type { KeyHead } from './key-head.ts';
import { PackString } from './pack-string.ts';

const digitsBytesMax = 32;
const streamIdBytes = 16;
/** The first versions in which streams count what they have had, and consumers know when they were active. */
const countedStreamVersion = 10;
const activeVersion = 11;

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
    if (view instanceof StreamView) writer.length(view.nodes);
    else writer.length(this.#type === RdbType.listQuicklist2 && view instanceof ListView ? view.packs : view.count);
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

  node({ words }: StreamId, bytes: ByteBuffer, start: number, end: number): void {
    const writer = this.#writer;
    writer.length(streamIdBytes);
    writer.streamId(words, 0);
    writer.string(bytes, start, end);
  }

  stream(view: StreamView): void {
    const writer = this.#writer;
    writer.length(view.count);
    this.#id(view.lastId);
    if (writer.version >= countedStreamVersion) {
      this.#id(view.firstId);
      this.#id(view.maxDeletedId);
      writer.lengthOf(view.entriesAddedHigh, view.entriesAddedLow);
    }
    writer.length(view.groups.size);
  }

  group({ count, entriesRead, lastId, name }: GroupView): void {
    const writer = this.#writer;
    writer.string(name, 0, name.sizeBytes);
    this.#id(lastId);
    if (writer.version >= countedStreamVersion) {
      const read = BigInt.asUintN(64, entriesRead);
      writer.lengthOf(Number(read >> 32n), Number(read & 0xffff_ffffn));
    }
    writer.length(count);
  }

  pending({ words }: StreamId, deliveredMs: number, deliveries: number): void {
    this.#writer.streamId(words, 0);
    this.#writer.int64(deliveredMs);
    this.#writer.length(deliveries);
  }

  consumers(count: number): void {
    this.#writer.length(count);
  }

  consumer({ activeMs, count, name, seenMs }: ViewedConsumer): void {
    const writer = this.#writer;
    writer.string(name, 0, name.sizeBytes);
    writer.int64(seenMs);
    if (writer.version >= activeVersion) writer.int64(activeMs);
    writer.length(count);
  }

  owned({ words }: StreamId): void {
    this.#writer.streamId(words, 0);
  }

  #id({ words }: StreamId): void {
    this.#writer.lengthOf(words[0], words[1]);
    this.#writer.lengthOf(words[2], words[3]);
  }

  #span({ buffer, end, start }: Span): void {
    this.#writer.string(buffer, start, end);
  }
}

function typeOf(view: ValueView, version: RdbVersion): RdbType {
  switch (view.type) {
    case ValueType.set:
      return RdbType.set;
    case ValueType.zset:
      return RdbType.zset;
    case ValueType.stream:
      return StreamWriter.typeFor(version);
    case ValueType.list:
      return version >= listpackVersion ? RdbType.listQuicklist2 : RdbType.list;
    default:
      return view instanceof TableView && view.soonestMs < Infinity ? RdbType.hashTimed : RdbType.hash;
  }
}
