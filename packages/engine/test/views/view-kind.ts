import { ByteBuffer, latin1Of, type Prng } from '@kvartz/base';
import {
  elementBytes,
  type EntryRef,
  type GroupView,
  type Keyspace,
  readElement,
  Span,
  type StreamId,
  type StreamView,
  type ViewedConsumer,
  type ViewSink,
} from '../../src/index.ts';

/** A kind of large value: how it is made, changed at random, and read, as lines of text. */
export interface ViewKind {
  readonly name: string;
  /** Makes the key `key` a value of about so many elements, in place of what it held. */
  create(keyspace: Keyspace, random: Prng, count: number): void;
  /** One random change, which may fail for want of memory. */
  change(keyspace: Keyspace, e: EntryRef, random: Prng): void;
  /** What a view of it must hand out, in any order if not `isOrdered`. */
  read(keyspace: Keyspace, e: EntryRef): string[];
  readonly isOrdered: boolean;
}

export function textOf({ buffer, start, end }: Span): string {
  return latin1Of(buffer.u8, start, end);
}

/** Writes down what a view hands out. */
export class LineSink implements ViewSink {
  readonly lines: string[] = [];

  member(member: Span): void {
    this.lines.push(textOf(member));
  }

  field(field: Span, value: Span, expireAtMs: number): void {
    this.lines.push(fieldLine(textOf(field), textOf(value), expireAtMs));
  }

  scored(member: Span, score: number): void {
    this.lines.push(`${textOf(member)} ${score}`);
  }

  pack(bytes: ByteBuffer, start: number, end: number, elements: number, isPlain: boolean): void {
    const span = new Span(bytes);
    const digits = new ByteBuffer(32);
    if (isPlain) {
      this.lines.push(latin1Of(bytes.u8, start, end));
      return;
    }
    let p = start;
    for (let i = 0; i < elements; i++, p += elementBytes(bytes, p)) {
      this.lines.push(textOf(readElement(bytes, p, span, digits)));
    }
    if (p !== end) throw new Error(`elements end at ${p}, not at ${end}`);
  }

  node(id: StreamId, { u8 }: ByteBuffer, start: number, end: number): void {
    this.lines.push(nodeLine(id, u8, start, end));
  }

  stream({ count, entriesAddedHigh, entriesAddedLow, firstId, lastId, maxDeletedId }: StreamView): void {
    this.lines.push(streamLine(count, [lastId, firstId, maxDeletedId], entriesAddedHigh, entriesAddedLow));
  }

  group({ count, entriesRead, lastId, name }: GroupView): void {
    this.lines.push(`group ${latin1Of(name.u8, 0, name.sizeBytes)} ${idText(lastId)} ${entriesRead} ${count}`);
  }

  pending(id: StreamId, deliveredMs: number, deliveries: number): void {
    this.lines.push(`pending ${idText(id)} ${deliveredMs} ${deliveries}`);
  }

  consumers(count: number): void {
    this.lines.push(`consumers ${count}`);
  }

  consumer({ activeMs, count, name, seenMs }: ViewedConsumer): void {
    this.lines.push(`consumer ${latin1Of(name.u8, 0, name.sizeBytes)} ${seenMs} ${activeMs} ${count}`);
  }

  owned(id: StreamId): void {
    this.lines.push(`owned ${idText(id)}`);
  }
}

export function idText({ words }: StreamId): string {
  return words.join('.');
}

export function nodeLine(id: StreamId, u8: Uint8Array, start: number, end: number): string {
  return `node ${idText(id)} ${latin1Of(u8, start, end)}`;
}

export function streamLine(count: number, ids: readonly StreamId[], addedHigh: number, addedLow: number): string {
  return `stream ${count} ${ids.map(idText).join(' ')} ${addedHigh} ${addedLow}`;
}

export function fieldLine(field: string, value: string, expireAtMs: number): string {
  return `${field}=${value}@${expireAtMs}`;
}

export function below(random: Prng, n: number): number {
  return random.uint32() % n;
}
