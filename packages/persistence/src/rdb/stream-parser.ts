import { RdbType } from './format.ts';
import type { RdbBytes } from './rdb-bytes.ts';
import { RdbEvent } from './rdb-event.ts';
import type { RdbInput } from './rdb-input.ts';

/** Milliseconds and sequence number: four words of 32 bits, the highest first. */
export type RdbStreamId = Uint32Array<ArrayBuffer>;

const State = { nodes: 0, head: 1, group: 2, pending: 3, consumers: 4, consumer: 5, owned: 6 } as const;
type State = (typeof State)[keyof typeof State];
const idBytes = 16;

/** What the events of a stream tell. Numbers that may be larger than 2^53 are two words, the high one first. */
export class RdbStreamState {
  readonly nodeId: RdbStreamId = new Uint32Array(4);
  /** Entries. */
  length = 0;
  readonly lastId: RdbStreamId = new Uint32Array(4);
  /** From here to `entriesAdded`: 0, and `hasCounters` false, before Redis 7. */
  readonly firstId: RdbStreamId = new Uint32Array(4);
  readonly maxDeletedId: RdbStreamId = new Uint32Array(4);
  readonly entriesAdded: Uint32Array<ArrayBuffer> = new Uint32Array(2);
  hasCounters = false;
  groupCount = 0;
  readonly groupLastId: RdbStreamId = new Uint32Array(4);
  /** 2^64 - 1: not known. */
  readonly entriesRead: Uint32Array<ArrayBuffer> = new Uint32Array(2);
  readonly pendingId: RdbStreamId = new Uint32Array(4);
  deliveredMs = 0;
  deliveries = 0;
  seenMs = 0;
  /** -1: never; before Redis 7.2: `seenMs`. */
  activeMs = 0;
}

/** Reads a stream behind its key and the number of its nodes. */
export class StreamParser {
  readonly #input: RdbInput;
  readonly #stream: RdbStreamState;
  readonly #element: RdbBytes;
  readonly #value: RdbBytes;
  #type: RdbType = RdbType.stream;
  #state: State = State.nodes;
  /** Nodes; pending entries of the group; entries of the consumer. */
  #left = 0;
  #groupsLeft = 0;
  #consumersLeft = 0;

  constructor(input: RdbInput, stream: RdbStreamState, element: RdbBytes, value: RdbBytes) {
    this.#input = input;
    this.#stream = stream;
    this.#element = element;
    this.#value = value;
  }

  begin(type: RdbType, nodes: number): void {
    this.#type = type;
    this.#state = State.nodes;
    this.#left = nodes;
  }

  /** The next event; `end` behind the last one. -1: nothing to tell yet, but to commit. */
  next(): RdbEvent | -1 {
    switch (this.#state) {
      case State.nodes:
        return this.#node();
      case State.head:
        return this.#head();
      case State.group:
        return this.#group();
      case State.pending:
        return this.#pending();
      case State.consumers:
        return this.#consumers();
      case State.consumer:
        return this.#consumer();
      default:
        return this.#owned();
    }
  }

  #node(): RdbEvent | -1 {
    if (this.#left === 0) {
      this.#state = State.head;
      return -1;
    }
    const input = this.#input;
    const value = this.#value;
    if (!input.string(value)) return RdbEvent.needMore;
    if (value.sizeBytes !== idBytes) throw input.error('the ID of a node, 16 bytes', `${value.sizeBytes} bytes`);
    for (let i = 0; i < 4; i++) this.#stream.nodeId[i] = value.buffer.dv.getUint32(value.start + i * 4);
    if (!input.string(value)) return RdbEvent.needMore;
    this.#left--;
    return RdbEvent.node;
  }

  #head(): RdbEvent {
    const input = this.#input;
    const stream = this.#stream;
    stream.hasCounters = this.#type !== RdbType.stream;
    const length = input.length();
    if (length < 0 || !this.#id(stream.lastId)) return RdbEvent.needMore;
    if (stream.hasCounters) {
      if (!this.#id(stream.firstId) || !this.#id(stream.maxDeletedId)) return RdbEvent.needMore;
      if (!this.#words(stream.entriesAdded, 0)) return RdbEvent.needMore;
    } else {
      stream.firstId.fill(0);
      stream.maxDeletedId.fill(0);
      stream.entriesAdded.fill(0);
    }
    const groups = input.length();
    if (groups < 0) return RdbEvent.needMore;
    stream.length = length;
    stream.groupCount = groups;
    this.#groupsLeft = groups;
    this.#state = State.group;
    return RdbEvent.streamHead;
  }

  #group(): RdbEvent {
    if (this.#groupsLeft === 0) return RdbEvent.end;
    const input = this.#input;
    const stream = this.#stream;
    if (!input.string(this.#element) || !this.#id(stream.groupLastId)) return RdbEvent.needMore;
    if (!stream.hasCounters) stream.entriesRead.fill(0xffff_ffff);
    else if (!this.#words(stream.entriesRead, 0)) return RdbEvent.needMore;
    const pending = input.length();
    if (pending < 0) return RdbEvent.needMore;
    this.#left = pending;
    this.#groupsLeft--;
    this.#state = State.pending;
    return RdbEvent.streamGroup;
  }

  #pending(): RdbEvent | -1 {
    if (this.#left === 0) {
      this.#state = State.consumers;
      return -1;
    }
    const input = this.#input;
    const stream = this.#stream;
    if (!this.#rawId(8)) return RdbEvent.needMore;
    stream.deliveredMs = input.int64();
    const deliveries = input.length();
    if (deliveries < 0) return RdbEvent.needMore;
    stream.deliveries = deliveries;
    this.#left--;
    return RdbEvent.streamPending;
  }

  #consumers(): RdbEvent | -1 {
    const consumers = this.#input.length();
    if (consumers < 0) return RdbEvent.needMore;
    this.#consumersLeft = consumers;
    this.#state = State.consumer;
    return -1;
  }

  #consumer(): RdbEvent | -1 {
    if (this.#consumersLeft === 0) {
      this.#state = State.group;
      return -1;
    }
    const input = this.#input;
    const stream = this.#stream;
    const hasActive = this.#type === RdbType.stream3;
    if (!input.string(this.#element) || !input.has(hasActive ? 16 : 8)) return RdbEvent.needMore;
    stream.seenMs = input.int64();
    stream.activeMs = hasActive ? input.int64() : stream.seenMs;
    const owned = input.length();
    if (owned < 0) return RdbEvent.needMore;
    this.#left = owned;
    this.#consumersLeft--;
    this.#state = State.owned;
    return RdbEvent.streamConsumer;
  }

  #owned(): RdbEvent | -1 {
    if (this.#left === 0) {
      this.#state = State.consumer;
      return -1;
    }
    if (!this.#rawId(0)) return RdbEvent.needMore;
    this.#left--;
    return RdbEvent.streamOwned;
  }

  /** An ID as two numbers. */
  #id(into: RdbStreamId): boolean {
    return this.#words(into, 0) && this.#words(into, 2);
  }

  #words(into: Uint32Array, at: number): boolean {
    const input = this.#input;
    if (input.length() < 0) return false;
    into[at] = input.high;
    into[at + 1] = input.low;
    return true;
  }

  /** An ID of 16 bytes, with so many more behind it. */
  #rawId(moreBytes: number): boolean {
    const input = this.#input;
    if (!input.has(idBytes + moreBytes)) return false;
    for (let i = 0; i < 4; i++) this.#stream.pendingId[i] = input.buffer.dv.getUint32(input.at + i * 4);
    input.at += idBytes;
    return true;
  }
}
