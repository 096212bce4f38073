import { RdbBytes } from './rdb-bytes.ts';
import { RdbEvent } from './rdb-event.ts';
import type { RdbConsumer, RdbPending, RdbStreamEntry, RdbString, RdbValue } from './rdb-item.ts';
import type { RdbParser } from './rdb-parser.ts';
import { masterFieldsOf, streamIdText, StreamNodeReader } from './stream-node-reader.ts';
import { RdbError } from './rdb-error.ts';

interface Group {
  readonly name: RdbString;
  readonly lastId: string;
  readonly entriesRead: bigint;
  readonly consumers: RdbConsumer[];
  readonly pending: RdbPending[];
}

/** Makes a stream of what a parser comes to. */
export class StreamCollector {
  readonly #parser: RdbParser;
  readonly #nodes = new StreamNodeReader();
  readonly #text = new RdbBytes();
  #entries: RdbStreamEntry[] = [];
  #groups: Group[] = [];
  /** Of the present group: pending entries whose consumer has not come yet. */
  #unowned = new Map<string, { deliveredMs: number; deliveries: number }>();
  #head = { lastId: '0-0', maxDeletedId: '0-0', entriesAdded: 0n };

  constructor(parser: RdbParser) {
    this.#parser = parser;
  }

  take(event: RdbEvent): void {
    const { element, stream } = this.#parser;
    switch (event) {
      case RdbEvent.node:
        this.#takeNode();
        break;
      case RdbEvent.streamHead:
        this.#head = {
          lastId: streamIdText(stream.lastId),
          maxDeletedId: streamIdText(stream.maxDeletedId),
          entriesAdded: stream.hasCounters ? numberOf(stream.entriesAdded) : BigInt(stream.length),
        };
        break;
      case RdbEvent.streamGroup:
        this.#unowned.clear();
        this.#groups.push({
          name: element.toBytes(),
          lastId: streamIdText(stream.groupLastId),
          entriesRead: BigInt.asIntN(64, numberOf(stream.entriesRead)),
          consumers: [],
          pending: [],
        });
        break;
      case RdbEvent.streamPending:
        this.#unowned.set(streamIdText(stream.pendingId), {
          deliveredMs: stream.deliveredMs,
          deliveries: stream.deliveries,
        });
        break;
      case RdbEvent.streamConsumer: {
        const { activeMs, seenMs } = stream;
        this.#groups.at(-1)!.consumers.push({ name: element.toBytes(), seenMs, activeMs });
        break;
      }
      default:
        this.#takeOwned();
    }
  }

  end(): RdbValue {
    const value = { ...this.#head, entries: this.#entries, groups: this.#groups };
    this.#entries = [];
    this.#groups = [];
    return { type: 'stream', value };
  }

  #takeOwned(): void {
    const id = streamIdText(this.#parser.stream.pendingId);
    const pending = this.#unowned.get(id);
    if (pending === undefined) {
      throw new RdbError({
        code: 'corrupt',
        offset: this.#parser.offset,
        expected: 'a pending entry of the group',
        found: id,
      });
    }
    const group = this.#groups.at(-1)!;
    group.pending.push({ id, consumer: group.consumers.at(-1)!.name, ...pending });
  }

  #takeNode(): void {
    const { stream, value: pack } = this.#parser;
    const nodes = this.#nodes;
    const text = this.#text;
    nodes.begin(pack, stream.nodeId);
    const master = masterFieldsOf(pack);
    while (nodes.nextEntry()) {
      if (nodes.isDeleted) {
        nodes.skip();
        continue;
      }
      const fields: [RdbString, RdbString][] = [];
      for (let i = 0; i < nodes.fieldCount; i++) {
        let field = master[i];
        if (nodes.hasOwnFields) {
          nodes.read(text);
          field = text.toBytes();
        }
        nodes.read(text);
        fields.push([field, text.toBytes()]);
      }
      nodes.endEntry();
      this.#entries.push({ id: streamIdText(nodes.id), fields });
    }
  }
}

function numberOf(words: Uint32Array): bigint {
  return (BigInt(words[0]) << 32n) | BigInt(words[1]);
}
