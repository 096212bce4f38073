import { parseInteger } from '@kvartz/base';
import { ListpackReader } from './packed/listpack-reader.ts';
import { packError } from './packed/pack-reader.ts';
import { RdbBytes } from './rdb-bytes.ts';
import type { RdbString } from './rdb-item.ts';
import type { RdbStreamId } from './stream-parser.ts';

const EntryFlag = { deleted: 1, sameFields: 2 } as const;
/** Flags and two differences. */
const headElements = 3;
const twoTo32 = 2 ** 32;

/**
 * Goes over a node of a stream, whatever its bytes are: a listpack of
 *
 *   count | deleted | fields | field ... | 0
 *   flags | ms | seq | fields | field | value ... | elements
 *   flags | ms | seq | value ...                  | elements       with the fields of the first line
 *
 * where ms and seq are differences to the node's ID, modulo 2^64.
 */
export class StreamNodeReader {
  /** Of the node: entries that are there, and that were deleted. */
  count = 0;
  deleted = 0;
  /** Of the entry that `next` has come to. */
  readonly id: RdbStreamId = new Uint32Array(4);
  isDeleted = false;
  fieldCount = 0;
  readonly #pack = new ListpackReader();
  readonly #number = new RdbBytes();
  readonly #value = new RdbBytes();
  readonly #nodeId: RdbStreamId = new Uint32Array(4);
  readonly #difference = new Uint32Array(2);
  #masterFields = 0;
  #isSame = false;
  #seen = 0;

  /** Whether all elements so far stand in the form that Redis gives them. */
  get isCanonical(): boolean {
    return this.#pack.isCanonical;
  }

  /** At the first entry. `nodeId`: four words. */
  begin(pack: RdbBytes, nodeId: RdbStreamId): void {
    this.#nodeId.set(nodeId);
    this.#pack.begin(pack);
    this.count = this.#integer('the number of entries');
    this.deleted = this.#integer('the number of deleted entries');
    this.#masterFields = this.#integer('the number of fields');
    this.#seen = 0;
    for (let i = 0; i < this.#masterFields; i++) this.#next(this.#value);
    if (this.#integer('0 behind the fields') !== 0) throw this.#error('0 behind the fields', 'another number');
  }

  /** False at the end. Whoever wants the fields calls `pair`, or `skip`, before the next entry. */
  nextEntry(): boolean {
    const total = this.count + this.deleted;
    if (this.#seen === total) {
      if (this.#pack.next(this.#number)) throw this.#error(`the end behind ${total} entries`, 'another element');
      return false;
    }
    this.#seen++;
    const flags = this.#integer('flags');
    if (flags > 3) throw this.#error('flags', `${flags}`);
    this.isDeleted = (flags & EntryFlag.deleted) !== 0;
    this.#isSame = (flags & EntryFlag.sameFields) !== 0;
    this.#readDifference();
    this.#addTo(0);
    this.#readDifference();
    this.#addTo(2);
    this.fieldCount = this.#isSame ? this.#masterFields : this.#integer('the number of fields');
    return true;
  }

  /** Whether the entry has fields of its own, so that names stand before its values. */
  get hasOwnFields(): boolean {
    return !this.#isSame;
  }

  /** The next element of the entry: a field, if it has its own, then a value. */
  read(into: RdbBytes): void {
    this.#next(into);
  }

  /** Behind the last value. */
  endEntry(): void {
    const elements = headElements + (this.#isSame ? this.fieldCount : this.fieldCount * 2 + 1);
    const said = this.#integer('the number of elements');
    if (said !== elements) throw this.#error(`${elements} elements to the entry`, `${said}`);
  }

  /** Passes over the rest of the entry. */
  skip(): void {
    for (let i = this.#isSame ? this.fieldCount : this.fieldCount * 2; i > 0; i--) this.#next(this.#value);
    this.endEntry();
  }

  #next(into: RdbBytes): void {
    if (!this.#pack.next(into)) throw this.#error('another element', 'the end');
  }

  /** A whole number from 0 on, which stands there as an integer. */
  #integer(what: string): number {
    const number = this.#number;
    this.#next(number);
    const value = this.#isInteger() ? parseInteger(number.buffer.u8, number.start, number.end) : NaN;
    if (!(value >= 0 && value < twoTo32)) throw this.#error(what, 'something else');
    return value;
  }

  #isInteger(): boolean {
    return this.#pack.isInteger;
  }

  #readDifference(): void {
    const number = this.#number;
    this.#next(number);
    if (!this.#isInteger()) throw this.#error('a difference of IDs', 'a string');
    const { u8 } = number.buffer;
    const value = parseInteger(u8, number.start, number.end);
    if (Number.isFinite(value)) {
      this.#difference[0] = Math.floor(value / twoTo32);
      this.#difference[1] = value;
      return;
    }
    const exact = BigInt.asUintN(64, BigInt(number.toString()));
    this.#difference[0] = Number(exact >> 32n);
    this.#difference[1] = Number(exact & 0xffff_ffffn);
  }

  #addTo(at: number): void {
    const low = this.#nodeId[at + 1] + this.#difference[1];
    this.id[at + 1] = low;
    this.id[at] = this.#nodeId[at] + this.#difference[0] + (low >= twoTo32 ? 1 : 0);
  }

  #error(expected: string, found: string): Error {
    return packError('node of a stream', this.#pack.offset, expected, found);
  }
}

/** The fields of the first line of a node, for entries that have those. */
export function masterFieldsOf(pack: RdbBytes): RdbString[] {
  const reader = new ListpackReader();
  const element = new RdbBytes();
  reader.begin(pack);
  const fields: RdbString[] = [];
  for (let i = 0, fieldCount = 0; i < 3 + fieldCount && reader.next(element); i++) {
    if (i === 2) fieldCount = parseInteger(element.buffer.u8, element.start, element.end);
    else if (i > 2) fields.push(element.toBytes());
  }
  return fields;
}

/** An ID of four words as `ms-seq`. */
export function streamIdText(words: RdbStreamId): string {
  const of = (at: number): bigint => (BigInt(words[at]) << 32n) | BigInt(words[at + 1]);
  return `${of(0)}-${of(2)}`;
}
