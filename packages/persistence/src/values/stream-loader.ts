import { type EntryRef, type GroupRef, type Keyspace, StreamId } from '@kvartz/engine';
import type { RdbBytes } from '../rdb/rdb-bytes.ts';
import { RdbError } from '../rdb/rdb-error.ts';
import { RdbEvent } from '../rdb/rdb-event.ts';
import type { RdbParser } from '../rdb/rdb-parser.ts';
import { streamIdText, StreamNodeReader } from '../rdb/stream-node-reader.ts';
import { PendingTable } from './pending-table.ts';

/** Builds streams: nodes that are right become blocks by copying. */
export class StreamLoader {
  /** The stream as far as it is built. */
  entry: EntryRef = 0;
  readonly #parser: RdbParser;
  readonly #nodes = new StreamNodeReader();
  readonly #pending = new PendingTable();
  readonly #id = new StreamId();
  readonly #nodeId = new StreamId();
  readonly #first = new StreamId();
  /** The last entry that has come, deleted or not. */
  readonly #last = new StreamId();
  #keyspace: Keyspace;
  #hasEntries = false;
  #hasLast = false;
  #group: GroupRef = 0;
  #consumer = 0;

  constructor(parser: RdbParser, keyspace: Keyspace) {
    this.#parser = parser;
    this.#keyspace = keyspace;
  }

  begin(keyspace: Keyspace, key: RdbBytes): void {
    this.#keyspace = keyspace;
    this.#hasEntries = false;
    this.#hasLast = false;
    this.#group = 0;
    this.#pending.clear();
    this.entry = keyspace.streams.create(key.buffer, key.start, key.end);
  }

  /** False: no memory. */
  take(event: RdbEvent): boolean {
    if (this.entry === 0) return false;
    switch (event) {
      case RdbEvent.node:
        return this.#node();
      case RdbEvent.streamHead:
        this.#head();
        return true;
      case RdbEvent.streamGroup:
        return this.#beginGroup();
      case RdbEvent.streamPending: {
        const { deliveredMs, deliveries, pendingId } = this.#parser.stream;
        if (this.#pending.add(pendingId, keptMs(deliveredMs, 0), deliveries)) return true;
        throw this.#error('pending entries in order', streamIdText(pendingId));
      }
      case RdbEvent.streamConsumer:
        return this.#beginConsumer();
      default:
        return this.#own();
    }
  }

  end(): void {
    this.#endGroup();
  }

  #node(): boolean {
    const { stream, value } = this.#parser;
    const nodes = this.#nodes;
    const id = this.#id;
    nodes.begin(value, stream.nodeId);
    const first = this.#nodeId.readFrom(stream.nodeId, 0);
    if (this.#hasLast && first.compare(this.#last) <= 0) throw this.#error('nodes in order', String(first));
    let entries = 0;
    for (let isFirst = true; nodes.nextEntry(); isFirst = false) {
      nodes.skip();
      id.readFrom(nodes.id, 0);
      if (isFirst ? !id.equals(first) : id.compare(this.#last) <= 0) throw this.#error('entries in order', String(id));
      this.#last.copy(id);
      this.#hasLast = true;
      if (nodes.isDeleted) continue;
      entries++;
      if (!this.#hasEntries) this.#first.copy(id);
      this.#hasEntries = true;
    }
    if (entries !== nodes.count) throw this.#error(`${nodes.count} entries in a node`, `${entries}`);
    if (!nodes.isCanonical) throw this.#error('a node as servers write it', 'another form of it');
    // Redis drops a node with its last entry.
    if (entries === 0) return true;
    const { buffer, end, start } = value;
    return this.#keyspace.streams.load.appendNode(this.entry, first, buffer, start, end, entries);
  }

  #head(): void {
    const { streams } = this.#keyspace;
    const { stream } = this.#parser;
    const { entry } = this;
    const count = streams.count(entry);
    if (stream.length !== count) throw this.#error(`${count} as the length of the stream`, `${stream.length}`);
    const last = this.#id.readFrom(stream.lastId, 0);
    if (last.compare(streams.lastEntryId(entry, new StreamId())) < 0) {
      throw this.#error('the last ID above all entries', String(last));
    }
    streams.setLastId(entry, last);
    if (this.#hasEntries) streams.load.setFirstId(entry, this.#first);
    streams.setMaxDeletedId(entry, this.#id.readFrom(stream.maxDeletedId, 0));
    if (stream.hasCounters) streams.setEntriesAdded(entry, stream.entriesAdded[0], stream.entriesAdded[1]);
    else streams.setEntriesAdded(entry, 0, count);
  }

  #beginGroup(): boolean {
    this.#endGroup();
    const { streamGroups } = this.#keyspace;
    const { element, stream } = this.#parser;
    const { buffer, end, start } = element;
    if (streamGroups.find(this.entry, buffer, start, end) !== 0) throw this.#error('each group once', String(element));
    const lastId = this.#id.readFrom(stream.groupLastId, 0);
    const read = (BigInt(stream.entriesRead[0]) << 32n) | BigInt(stream.entriesRead[1]);
    this.#group = streamGroups.create(this.entry, buffer, start, end, lastId, BigInt.asIntN(64, read));
    return this.#group !== 0;
  }

  #endGroup(): void {
    const { unowned } = this.#pending;
    if (unowned > 0) throw this.#error('a consumer for each pending entry', `${unowned} without`);
    this.#pending.clear();
  }

  #beginConsumer(): boolean {
    const { streamGroups } = this.#keyspace;
    const { element, stream } = this.#parser;
    const { buffer, end, start } = element;
    if (streamGroups.findConsumer(this.#group, buffer, start, end) !== 0) {
      throw this.#error('each consumer once', String(element));
    }
    const consumer = streamGroups.createConsumer(this.#group, buffer, start, end, keptMs(stream.seenMs, 0));
    this.#consumer = consumer;
    if (consumer === 0) return false;
    streamGroups.setActiveMs(consumer, keptMs(stream.activeMs, -1));
    return true;
  }

  #own(): boolean {
    const { pending } = this.#keyspace.streamGroups;
    const { pendingId } = this.#parser.stream;
    const i = this.#pending.own(pendingId);
    if (i < 0) throw this.#error('a pending entry of the group, of one consumer', streamIdText(pendingId));
    const id = this.#id.readFrom(pendingId, 0);
    const entry = pending.deliver(this.#group, this.#consumer, id, this.#pending.deliveredMs(i));
    if (entry === 0) return false;
    pending.setDelivery(this.#group, id, entry, this.#pending.deliveredMs(i), this.#pending.deliveries(i));
    return true;
  }

  #error(expected: string, found: string): RdbError {
    return new RdbError({ code: 'corrupt', offset: this.#parser.offset, expected, found });
  }
}

/** A time as the engine keeps it and replies can say it: a file may hold any 64 bits. */
function keptMs(ms: number, leastMs: number): number {
  return Math.min(Math.max(ms, leastMs), Number.MAX_SAFE_INTEGER);
}
