import type { ByteBuffer } from '@kvartz/base';
import type { BlockRef } from '../arena.ts';
import type { Encoding, ValueType } from '../entry.ts';
import type { Span } from '../span.ts';
import type { StreamId } from '../streams/stream-id.ts';
import type { GroupView, ViewedConsumer } from './group-view.ts';
import type { StreamView } from './stream-view.ts';

/** Takes the elements of a view. What it is handed is valid until it returns; it may change nothing. */
export interface ViewSink {
  /** A member of a set. */
  member(member: Span): void;
  /** A field of a hash. `expireAtMs`: Infinity if it does not expire. */
  field(field: Span, value: Span, expireAtMs: number): void;
  /** A member of a sorted set. */
  scored(member: Span, score: number): void;
  /** Elements of a list: those of a listpack, without its head and end, or one element that stands alone (`isPlain`). */
  pack(bytes: ByteBuffer, start: number, end: number, elements: number, isPlain: boolean): void;
  /** A node of a stream: the ID of its first entry, its listpack. */
  node(id: StreamId, bytes: ByteBuffer, start: number, end: number): void;
  /** The numbers of a stream, behind its nodes. */
  stream(view: StreamView): void;
  /** A consumer group of a stream. What follows is the group's, up to the next one: its pending entries, its consumers. */
  group(group: GroupView): void;
  pending(id: StreamId, deliveredMs: number, deliveries: number): void;
  /** The group has so many consumers. */
  consumers(count: number): void;
  consumer(consumer: ViewedConsumer): void;
  /** A pending entry of the consumer. */
  owned(id: StreamId): void;
}

/**
 * One large value as it was when the view was opened, whatever becomes of it: it is read in pieces, between which the value
 * may be changed, deleted, replaced or renamed.
 *
 *   while (!view.step(1000, sink)) ...
 *   if (view.isFailed) ...                       there was no memory for what has changed since
 *   view.close();
 */
export abstract class ValueView {
  readonly type: ValueType;
  readonly encoding: Encoding;
  /** Elements. */
  readonly count: number;
  /** The block by which the registry of views finds those of a value. */
  readonly root: BlockRef;
  /** What was freed while it was open, and may not be before it is closed. */
  readonly kept: KeptValue[] = [];
  readonly #onClose: (view: ValueView) => void;
  #isFailed = false;
  #isDone = false;
  #isClosed = false;

  constructor({ type, encoding, count, onClose }: ViewedValue, root: BlockRef) {
    this.type = type;
    this.encoding = encoding;
    this.count = count;
    this.root = root;
    this.#onClose = onClose;
  }

  /** There was no memory for what a write was about to change: the rest of the value cannot be had any more. */
  get isFailed(): boolean {
    return this.#isFailed;
  }

  /** Hands about `max` elements more to the sink. True: it is over, either because all were handed out or because it failed. */
  step(max: number, sink: ViewSink): boolean {
    if (!this.#isFailed && !this.#isDone) this.#isDone = this.advance(max, sink);
    return this.#isFailed || this.#isDone;
  }

  /** Gives back all memory, and the value itself if nobody else has it any more. To be called once, whatever has happened. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.release();
    this.#onClose(this);
  }

  fail(): void {
    if (this.#isFailed) return;
    this.#isFailed = true;
    this.release();
  }

  /** See `step`. True: all were handed out. */
  protected abstract advance(max: number, sink: ViewSink): boolean;

  /** Frees what the view has allocated; it may be called twice. */
  protected abstract release(): void;
}

/** A value, or a part of one, that nobody has any more but views. */
export interface KeptValue {
  readonly encoding: Encoding;
  readonly root: BlockRef;
  readonly count: number;
  /** Views that have not been closed. */
  holders: number;
}

/** What a view is opened with. */
export interface ViewedValue {
  readonly type: ValueType;
  readonly encoding: Encoding;
  readonly count: number;
  readonly onClose: (view: ValueView) => void;
}
