import { formatInteger } from '@kvartz/base';
import { formatU64, parseU64 } from './u64.ts';

/** Bytes of an ID as text: two numbers of 20 digits and a hyphen. */
export const streamIdTextBytesMax = 41;
/** Longer texts are no IDs, though zeros may stand in front. */
const textBytesMax = 127;
const hyphen = 0x2d;
const digit0 = 0x30;
/** High words below this make a safe integer. */
const safeHighMax = 2 ** 21;
const wordMax = 0xffff_ffff;
const twoTo32 = 2 ** 32;

/**
 * The ID of a stream's entry: milliseconds and a sequence number, 64 bits each, ordered by the first and then the second. Held
 * as four words of 32 bits, the highest first; in blocks of an arena they stand in the same order. To be used again and again,
 * since on the path of a request nothing is allocated.
 */
export class StreamId {
  /** msHigh, msLow, seqHigh, seqLow. */
  readonly words: Uint32Array<ArrayBuffer> = new Uint32Array(4);

  get msHigh(): number {
    return this.words[0];
  }

  set msHigh(word: number) {
    this.words[0] = word;
  }

  get msLow(): number {
    return this.words[1];
  }

  set msLow(word: number) {
    this.words[1] = word;
  }

  get seqHigh(): number {
    return this.words[2];
  }

  set seqHigh(word: number) {
    this.words[2] = word;
  }

  get seqLow(): number {
    return this.words[3];
  }

  set seqLow(word: number) {
    this.words[3] = word;
  }

  /** Milliseconds as a number, which is exact below 2^53. */
  get ms(): number {
    return this.words[0] * twoTo32 + this.words[1];
  }

  /** Sequence number as a number, which is exact below 2^53. */
  get seq(): number {
    return this.words[2] * twoTo32 + this.words[3];
  }

  /** From safe integers. */
  set(ms: number, seq: number): this {
    const { words } = this;
    words[0] = ms / twoTo32;
    words[1] = ms;
    words[2] = seq / twoTo32;
    words[3] = seq;
    return this;
  }

  setMin(): this {
    this.words.fill(0);
    return this;
  }

  setMax(): this {
    this.words.fill(wordMax);
    return this;
  }

  /** The lowest sequence number, or the highest. */
  setSeqMin(): this {
    this.words[2] = 0;
    this.words[3] = 0;
    return this;
  }

  setSeqMax(): this {
    this.words[2] = wordMax;
    this.words[3] = wordMax;
    return this;
  }

  copy(from: StreamId): this {
    return this.readFrom(from.words, 0);
  }

  /** From four words of a block. */
  readFrom(words: Uint32Array, at: number): this {
    const own = this.words;
    own[0] = words[at];
    own[1] = words[at + 1];
    own[2] = words[at + 2];
    own[3] = words[at + 3];
    return this;
  }

  writeTo(words: Uint32Array, at: number): void {
    const own = this.words;
    words[at] = own[0];
    words[at + 1] = own[1];
    words[at + 2] = own[2];
    words[at + 3] = own[3];
  }

  /** Less than 0, 0, or more than 0: as this ID is lower, equal or higher. */
  compare(other: StreamId): number {
    return this.compareTo(other.words, 0);
  }

  /** The same with four words of a block. */
  compareTo(words: Uint32Array, at: number): number {
    const own = this.words;
    for (let i = 0; i < 4; i++) if (own[i] !== words[at + i]) return own[i] < words[at + i] ? -1 : 1;
    return 0;
  }

  equals(other: StreamId): boolean {
    return this.compareTo(other.words, 0) === 0;
  }

  /** 0-0. */
  get isMin(): boolean {
    const { words } = this;
    return (words[0] | words[1] | words[2] | words[3]) === 0;
  }

  get isMax(): boolean {
    const { words } = this;
    return (words[0] & words[1] & words[2] & words[3]) >>> 0 === wordMax;
  }

  get isSeqMax(): boolean {
    return (this.words[2] & this.words[3]) >>> 0 === wordMax;
  }

  /** The next ID. False when this is the last one, and stays so. */
  increment(): boolean {
    if (this.isMax) return false;
    const { words } = this;
    for (let i = 3; words[i]++ === wordMax; i--);
    return true;
  }

  /** The ID before. False when this is the first one, and stays so. */
  decrement(): boolean {
    if (this.isMin) return false;
    const { words } = this;
    for (let i = 3; words[i]-- === 0; i--);
    return true;
  }

  /**
   * Reads `ms-seq`, or `ms` alone: then the sequence number is the lowest, or the highest if `isMissingSeqMax`. False when the
   * bytes are neither; the ID is then undefined. As in Redis a zero byte ends the text, and 127 bytes are its limit.
   */
  parse(u8: Uint8Array, start: number, end: number, isMissingSeqMax = false): boolean {
    if (end - start > textBytesMax) return false;
    let p = start;
    let seqAt = 0;
    for (; p < end && u8[p] !== 0; p++) if (u8[p] === hyphen && seqAt === 0) seqAt = p + 1;
    const { words } = this;
    if (seqAt !== 0) return parseU64(u8, start, seqAt - 1, words, 0) && parseU64(u8, seqAt, p, words, 2);
    if (isMissingSeqMax) this.setSeqMax();
    else this.setSeqMin();
    return parseU64(u8, start, p, words, 0);
  }

  /** Writes `ms-seq` at `target[at, ...)`, which has room for `streamIdTextBytesMax`, and returns its end. */
  format(target: Uint8Array, at: number): number {
    const { words } = this;
    const end = words[0] < safeHighMax ? formatMs(target, at, this.ms) : formatU64(target, at, words[0], words[1]);
    target[end] = hyphen;
    return formatU64(target, end + 1, words[2], words[3]);
  }

  /** For messages and tests. */
  toString(): string {
    const text = new Uint8Array(streamIdTextBytesMax);
    return String.fromCharCode(...text.subarray(0, this.format(text, 0)));
  }
}

/** The digits of `cachedUpper`: of a time all but the last four, which stay the same for ten seconds. */
const cachedText = new Uint8Array(24);
let cachedUpper = 0;
let cachedEnd = 0;

/** A safe integer's digits. Most IDs that are written one after the other differ in the last digits only: 10 ns instead of 25. */
function formatMs(target: Uint8Array, at: number, ms: number): number {
  const upper = Math.floor(ms / 10_000);
  if (upper === 0) return formatInteger(target, at, ms);
  if (upper !== cachedUpper) {
    cachedUpper = upper;
    cachedEnd = formatInteger(cachedText, 0, upper);
  }
  let end = at;
  for (let i = 0; i < cachedEnd; i++) target[end++] = cachedText[i];
  const rest = ms - upper * 10_000;
  const hundreds = (rest / 100) | 0;
  const ones = rest - hundreds * 100;
  const thousands = (hundreds / 10) | 0;
  const tens = (ones / 10) | 0;
  target[end] = digit0 + thousands;
  target[end + 1] = digit0 + hundreds - thousands * 10;
  target[end + 2] = digit0 + tens;
  target[end + 3] = digit0 + ones - tens * 10;
  return end + 4;
}
