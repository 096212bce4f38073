import { type EntryRef, type GroupRef, IdWalk, type Keyspace, type Span, StreamId } from '@kvartz/engine';
import type { RdbType, RdbVersion } from '../rdb/format.ts';
import type { RdbWriter } from '../rdb/rdb-writer.ts';
import { StreamWriter } from '../rdb/stream-writer.ts';

const nodeIdBytes = 16;
/** Pending entries that are written in one go. */
const batch = 512;
/** What a node counts as, among elements. */
const nodeElements = 16;

/** Writes a stream of a keyspace behind its key: its nodes are copied. */
export class StreamValueWriter {
  readonly #writer: RdbWriter;
  readonly #id = new StreamId();
  readonly #from = new StreamId();

  constructor(writer: RdbWriter) {
    this.#writer = writer;
  }

  static typeFor(version: RdbVersion): RdbType {
    return StreamWriter.typeFor(version);
  }

  *write(keyspace: Keyspace, e: EntryRef): Generator<number, void> {
    const writer = this.#writer;
    const { streamGroups, streams } = keyspace;
    const nodes = streams.nodeCount(e);
    const walk = new IdWalk(keyspace.arena);
    writer.length(nodes);
    const root = streams.root(e);
    const from = new StreamId();
    for (let has = walk.seekFirst(root); has; has = walk.seekCeiling(root, from)) {
      this.#node(keyspace, walk);
      if (!from.copy(walk.id).increment()) break;
      yield nodeElements;
    }
    this.#head(keyspace, e);
    const groups = streamGroups.count(e);
    writer.length(groups);
    for (let i = 0; i < groups; i++) yield* this.#group(keyspace, streamGroups.at(e, i));
  }

  #node({ arena }: Keyspace, { id, value }: IdWalk): void {
    const writer = this.#writer;
    const { bytes, dv } = arena.segments[value >>> arena.refShift];
    const at = (value & arena.refMask) << 3;
    writer.length(nodeIdBytes);
    writer.streamId(id.words, 0);
    writer.string(bytes, at, at + dv.getUint32(at, true));
  }

  #head({ streams }: Keyspace, e: EntryRef): void {
    const writer = this.#writer;
    const id = this.#id;
    writer.length(streams.count(e));
    this.#writeId(streams.lastId(e, id));
    if (writer.version < 10) return;
    this.#writeId(streams.firstId(e, id));
    this.#writeId(streams.maxDeletedId(e, id));
    writer.lengthOf(streams.entriesAddedHigh(e), streams.entriesAddedLow(e));
  }

  *#group({ streamGroups }: Keyspace, group: GroupRef): Generator<number, void> {
    const writer = this.#writer;
    this.#span(streamGroups.nameOf(group));
    this.#writeId(streamGroups.lastId(group, this.#id));
    if (writer.version >= 10) {
      const read = BigInt.asUintN(64, streamGroups.entriesRead(group));
      writer.lengthOf(Number(read >> 32n), Number(read & 0xffff_ffffn));
    }
    yield* this.#pending(streamGroups, group, true);
    const consumers = streamGroups.consumerCount(group);
    writer.length(consumers);
    for (let i = 0; i < consumers; i++) {
      const consumer = streamGroups.consumerAt(group, i);
      this.#span(streamGroups.consumerName(consumer));
      writer.int64(streamGroups.seenMs(consumer));
      if (writer.version >= 11) writer.int64(streamGroups.activeMs(consumer));
      yield* this.#pending(streamGroups, consumer, false);
    }
  }

  /** Pending entries of a group with what is known of them, of a consumer without. */
  *#pending({ pending }: Keyspace['streamGroups'], holder: GroupRef, isGroup: boolean): Generator<number, void> {
    const writer = this.#writer;
    writer.length(pending.count(holder));
    const from = this.#from.setMin();
    let has = pending.seekFirst(holder);
    while (has) {
      for (let i = 0; i < batch && has; i++) {
        from.copy(pending.id);
        writer.streamId(from.words, 0);
        if (isGroup) {
          writer.int64(pending.deliveredMs(pending.entry));
          writer.length(pending.deliveries(pending.entry));
        }
        has = pending.next();
      }
      yield batch;
      has = has && from.increment() && pending.seek(holder, from);
    }
  }

  #writeId({ words }: StreamId): void {
    this.#writer.lengthOf(words[0], words[1]);
    this.#writer.lengthOf(words[2], words[3]);
  }

  #span({ buffer, end, start }: Span): void {
    this.#writer.string(buffer, start, end);
  }
}
