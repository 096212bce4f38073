import { ByteBuffer, latin1Of } from '@kvartz/base';
import { RdbType, type RdbVersion } from './format.ts';
import { ListpackWriter } from './packed/listpack-writer.ts';
import type { RdbGroup, RdbStream, RdbStreamEntry, RdbString } from './rdb-item.ts';
import type { RdbWriter } from './rdb-writer.ts';

const entriesOfNodeMax = 100;
const sameFields = 2;
const headElements = 3;

/** Writes a stream behind its key. */
export class StreamWriter {
  readonly #writer: RdbWriter;
  readonly #pack = new ListpackWriter();

  constructor(writer: RdbWriter) {
    this.#writer = writer;
  }

  /** What a version calls it: before 10 without counters, before 11 without the active time of consumers. */
  static typeFor(version: RdbVersion): RdbType {
    return version >= 11 ? RdbType.stream3 : version === 10 ? RdbType.stream2 : RdbType.stream;
  }

  write({ entries, entriesAdded, groups, lastId, maxDeletedId }: RdbStream): void {
    const writer = this.#writer;
    writer.length(Math.ceil(entries.length / entriesOfNodeMax));
    for (let i = 0; i < entries.length; i += entriesOfNodeMax) this.#node(entries.slice(i, i + entriesOfNodeMax));
    writer.length(entries.length);
    this.#id(lastId);
    if (writer.version >= 10) {
      this.#id(entries.length === 0 ? '0-0' : entries[0].id);
      this.#id(maxDeletedId);
      this.#number(entriesAdded);
    }
    writer.length(groups.length);
    for (const group of groups) this.#group(group);
  }

  #node(entries: readonly RdbStreamEntry[]): void {
    const writer = this.#writer;
    const pack = this.#pack;
    const [first] = entries;
    const id = wordsOf(first.id);
    writer.length(16);
    writer.streamId(id, 0);
    pack.clear();
    pack.integer(entries.length);
    pack.integer(0);
    pack.integer(first.fields.length);
    for (const [field] of first.fields) pack.string(field);
    pack.integer(0);
    for (const entry of entries) this.#entry(entry, first);
    const bytes = pack.finish();
    writer.string(bytes, 0, pack.out.length);
  }

  #entry(entry: RdbStreamEntry, first: RdbStreamEntry): void {
    const pack = this.#pack;
    const isSame =
      entry.fields.length === first.fields.length &&
      entry.fields.every(([field], i) => latin1Of(field) === latin1Of(first.fields[i][0]));
    pack.integer(isSame ? sameFields : 0);
    const [ms, seq] = numbersOf(entry.id);
    const [firstMs, firstSeq] = numbersOf(first.id);
    this.#difference(ms - firstMs);
    this.#difference(seq - firstSeq);
    if (!isSame) pack.integer(entry.fields.length);
    for (const [field, value] of entry.fields) {
      if (!isSame) pack.string(field);
      pack.string(value);
    }
    pack.integer(headElements + (isSame ? entry.fields.length : entry.fields.length * 2 + 1));
  }

  #difference(difference: bigint): void {
    this.#pack.string(new TextEncoder().encode(BigInt.asIntN(64, difference).toString()));
  }

  #group({ consumers, entriesRead, lastId, name, pending }: RdbGroup): void {
    const writer = this.#writer;
    this.#string(name);
    this.#id(lastId);
    if (writer.version >= 10) this.#number(BigInt.asUintN(64, entriesRead));
    writer.length(pending.length);
    for (const { deliveredMs, deliveries, id } of pending.toSorted((a, b) => compareIds(a.id, b.id))) {
      writer.streamId(wordsOf(id), 0);
      writer.int64(deliveredMs);
      writer.length(deliveries);
    }
    writer.length(consumers.length);
    for (const consumer of consumers) {
      const owner = latin1Of(consumer.name);
      const owned = pending.filter((entry) => latin1Of(entry.consumer) === owner);
      this.#string(consumer.name);
      writer.int64(consumer.seenMs);
      if (writer.version >= 11) writer.int64(consumer.activeMs);
      writer.length(owned.length);
      for (const { id } of owned) writer.streamId(wordsOf(id), 0);
    }
  }

  #string(bytes: RdbString): void {
    this.#writer.string(ByteBuffer.from(bytes), 0, bytes.length);
  }

  #id(text: string): void {
    const words = wordsOf(text);
    this.#writer.lengthOf(words[0], words[1]);
    this.#writer.lengthOf(words[2], words[3]);
  }

  #number(n: bigint): void {
    this.#writer.lengthOf(Number(n >> 32n), Number(n & 0xffff_ffffn));
  }
}

function numbersOf(id: string): [ms: bigint, seq: bigint] {
  const [ms, seq] = id.split('-');
  return [BigInt(ms), BigInt(seq)];
}

function compareIds(a: string, b: string): number {
  const [ms, seq] = numbersOf(a);
  const [otherMs, otherSeq] = numbersOf(b);
  const difference = ms === otherMs ? seq - otherSeq : ms - otherMs;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** The four words of `ms-seq`. */
function wordsOf(id: string): Uint32Array<ArrayBuffer> {
  const [ms, seq] = numbersOf(id);
  return Uint32Array.of(Number(ms >> 32n), Number(ms & 0xffff_ffffn), Number(seq >> 32n), Number(seq & 0xffff_ffffn));
}
