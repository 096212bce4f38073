import { ByteBuffer, copyBytes, parseInteger, utf8Bytes } from '@kvartz/base';
import { defaultRdbVersion, length32, length64, Opcode, type RdbType, type RdbVersion, StringForm } from './format.ts';
import { lzfCompress } from './lzf.ts';
import { RdbOutput } from './rdb-output.ts';

export interface RdbWriterOptions {
  /** Default: 10, which Redis 7.0 and all later ones load. */
  readonly version?: RdbVersion;
  /** LZF for strings of more than 20 bytes that become shorter by it. Default: yes. */
  readonly isCompressed?: boolean;
  /** The sum at the end; without it 0 is written, which nobody verifies. Default: yes. */
  readonly isChecksummed?: boolean;
}

const compressedBytesMin = 21;
/** Of strings up to this length one in 16 is tried, where 64 did not become shorter. */
const shortBytesMax = 128;
const failedTriesMax = 64;
const triedOneIn = 16;
/** Digits of an integer of 32 bits, with a sign. */
const integerTextMax = 11;
/** Bytes of a length at most. */
const lengthBytesMax = 9;
const twoTo32 = 2 ** 32;

/**
 * Writes an RDB file, piece by piece: whoever calls takes the bytes out of `out` now and then. The order is the caller's:
 * header, aux, functionLibrary; for each database selectDb, resizeDb, and for each key expireMs, idle or freq, type, its name,
 * its value; eof.
 */
export class RdbWriter {
  readonly out: RdbOutput = new RdbOutput();
  readonly version: RdbVersion;
  readonly #isCompressed: boolean;
  readonly #isChecksummed: boolean;
  /** Short strings that compression did not shorten, one after the other, and those that were not tried since the last one. */
  #failedTries = 0;
  #untried = 0;

  constructor({ version = defaultRdbVersion, isCompressed = true, isChecksummed = true }: RdbWriterOptions = {}) {
    this.version = version;
    this.#isCompressed = isCompressed;
    this.#isChecksummed = isChecksummed;
  }

  header(): void {
    this.raw(utf8Bytes(`REDIS${String(this.version).padStart(4, '0')}`));
  }

  /** A field of information, such as `redis-ver`. */
  aux(name: string, value: string): void {
    this.out.byte(Opcode.aux);
    this.text(name);
    this.text(value);
  }

  functionLibrary(code: ByteBuffer, start: number, end: number): void {
    this.out.byte(Opcode.function);
    this.string(code, start, end);
  }

  selectDb(db: number): void {
    this.out.byte(Opcode.selectDb);
    this.length(db);
  }

  resizeDb(keys: number, expiring: number): void {
    this.out.byte(Opcode.resizeDb);
    this.length(keys);
    this.length(expiring);
  }

  /** Milliseconds since the epoch: when the next key expires. */
  expireMs(atMs: number): void {
    this.out.byte(Opcode.expireMs);
    this.int64(atMs);
  }

  /** Since when the next key has not been used. */
  idle(seconds: number): void {
    this.out.byte(Opcode.idle);
    this.length(seconds);
  }

  /** How often the next key is used: a logarithmic counter in [0, 256). */
  freq(counter: number): void {
    this.out.byte(Opcode.freq);
    this.out.byte(counter);
  }

  type(type: RdbType): void {
    this.out.byte(type);
  }

  /** A length, or a number that is written like one: a whole number below 2^53. */
  length(n: number): void {
    const { out } = this;
    if (n < 0x40) out.byte(n);
    else if (n < 0x4000) {
      const at = out.open(2);
      out.buffer.dv.setUint16(at, 0x4000 | n);
    } else if (n < twoTo32) {
      const at = out.open(5);
      out.buffer.u8[at] = length32;
      out.buffer.dv.setUint32(at + 1, n);
    } else this.#length64(Math.floor(n / twoTo32), n % twoTo32);
  }

  /** The same for a number of two words. */
  lengthOf(high: number, low: number): void {
    if (high === 0) this.length(low);
    else this.#length64(high, low);
  }

  string(buffer: ByteBuffer, start: number, end: number): void {
    const sizeBytes = end - start;
    if (sizeBytes <= integerTextMax && this.#integer(buffer, start, end)) return;
    if (sizeBytes >= compressedBytesMin && this.#isCompressed && this.#compressed(buffer, start, end)) return;
    if (sizeBytes < 0x40) {
      const { out } = this;
      const at = out.open(1 + sizeBytes);
      out.buffer.u8[at] = sizeBytes;
      copyBytes(buffer, start, end, out.buffer, at + 1);
      return;
    }
    this.length(sizeBytes);
    this.out.bytes(buffer, start, end);
  }

  text(text: string): void {
    const bytes = ByteBuffer.from(utf8Bytes(text));
    this.string(bytes, 0, bytes.sizeBytes);
  }

  /** Eight bytes. */
  double(n: number): void {
    const at = this.out.open(8);
    this.out.buffer.dv.setFloat64(at, n, true);
  }

  /** A whole number of eight bytes, the lowest first. */
  int64(n: number): void {
    const { out } = this;
    const at = out.open(8);
    const high = Math.floor(n / twoTo32);
    out.buffer.dv.setUint32(at, n - high * twoTo32, true);
    out.buffer.dv.setInt32(at + 4, high, true);
  }

  /** The ID of a stream's entry, 16 bytes: four words, the highest first, from `words[at]` on. */
  streamId(words: Uint32Array, at: number): void {
    const { out } = this;
    const to = out.open(16);
    for (let i = 0; i < 4; i++) out.buffer.dv.setUint32(to + i * 4, words[at + i]);
  }

  raw(bytes: Uint8Array): void {
    const at = this.out.open(bytes.length);
    this.out.buffer.u8.set(bytes, at);
  }

  eof(): void {
    const { out } = this;
    out.byte(Opcode.eof);
    const sum = this.#isChecksummed ? out.crc : 0n;
    const at = out.open(8);
    out.buffer.dv.setBigUint64(at, sum, true);
  }

  #length64(high: number, low: number): void {
    const { out } = this;
    const at = out.open(9);
    out.buffer.u8[at] = length64;
    out.buffer.dv.setUint32(at + 1, high);
    out.buffer.dv.setUint32(at + 5, low);
  }

  /** Writes a canonical integer of up to 32 bits; false: it is none. */
  #integer({ u8 }: ByteBuffer, start: number, end: number): boolean {
    // Texts begin otherwise, mostly.
    if (start === end || u8[start] > 0x39) return false;
    const value = parseInteger(u8, start, end);
    if (value !== (value | 0)) return false;
    const { out } = this;
    if (value === (value << 24) >> 24) {
      const at = out.open(2);
      out.buffer.u8[at] = StringForm.int8;
      out.buffer.dv.setInt8(at + 1, value);
    } else if (value === (value << 16) >> 16) {
      const at = out.open(3);
      out.buffer.u8[at] = StringForm.int16;
      out.buffer.dv.setInt16(at + 1, value, true);
    } else {
      const at = out.open(5);
      out.buffer.u8[at] = StringForm.int32;
      out.buffer.dv.setInt32(at + 1, value, true);
    }
    return true;
  }

  /**
   * Writes the string compressed if it becomes shorter by four bytes at least. Where many short ones did not, most of those that
   * follow are not tried: for a key of 16 bytes with a value of 32 trying is a third of all work.
   */
  #compressed(buffer: ByteBuffer, start: number, end: number): boolean {
    const sizeBytes = end - start;
    if (sizeBytes > shortBytesMax) return this.#tryCompressed(buffer, start, end);
    if (this.#failedTries >= failedTriesMax && ++this.#untried < triedOneIn) return false;
    this.#untried = 0;
    const isCompressed = this.#tryCompressed(buffer, start, end);
    this.#failedTries = isCompressed ? 0 : this.#failedTries + 1;
    return isCompressed;
  }

  #tryCompressed(buffer: ByteBuffer, start: number, end: number): boolean {
    const { out } = this;
    const sizeBytes = end - start;
    const before = out.length;
    const at = out.open(1 + 2 * lengthBytesMax + sizeBytes);
    // Behind the largest head, then moved to the one that it needs.
    const dataAt = at + 1 + 2 * lengthBytesMax;
    const packedBytes = lzfCompress(buffer, start, end, out.buffer, dataAt, sizeBytes - 4);
    out.cut(before);
    if (packedBytes === 0) return false;
    out.byte(StringForm.lzf);
    this.length(packedBytes);
    this.length(sizeBytes);
    const to = out.open(packedBytes);
    copyBytes(out.buffer, dataAt, dataAt + packedBytes, out.buffer, to);
    return true;
  }
}
