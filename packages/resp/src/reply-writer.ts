/**
 * Replies, appended to one buffer that grows. `protocol` decides how the types of RESP3 look to a RESP2 client, as in
 * Redis: a double is a bulk, a boolean an integer, a map a flat array, null `$-1`.
 *
 * Every method makes room before it stores anything: a store past the end of a typed array is dropped without an error.
 *
 * Spec: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
import { assert, ByteBuffer, copyBytes, formatDouble, formatInteger } from '@kvartz/base';
import { ReplyBufferError } from './errors.ts';

/** CR and LF as one big-endian word. */
const crlf = 0x0d0a;
const digit0 = 0x30;

/** Room for a type byte, the digits of an integer or length, and two line ends. */
const headBytes = 32;
/** Beyond 2^31 typed arrays are slow, and offsets are no longer small integers. */
const bufferBytesMax = 2 ** 31 - 2 ** 20;

const encoder = new TextEncoder();

export class ReplyWriter {
  /** Version of the client that reads this: what HELLO chose. */
  protocol: 2 | 3 = 2;
  /** Replies are `buffer.u8[0, position)`. Replaced when it grows; the owner may replace or rewind both between replies. */
  buffer: ByteBuffer;
  position = 0;
  /** Error replies written so far, and the text of the last one: what INFO counts. */
  errorCount = 0;
  lastError = '';

  constructor(capacityBytes = 16 * 1024) {
    this.buffer = new ByteBuffer(capacityBytes);
  }

  /** Makes sure that `bytes` more fit. Throws ReplyBufferError when all of it would pass 2 GiB. */
  reserve(bytes: number): void {
    if (this.position + bytes > this.buffer.u8.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const needBytes = this.position + bytes;
    if (needBytes > bufferBytesMax) {
      throw new ReplyBufferError(`${needBytes} bytes of replies in one buffer; ${bufferBytesMax} are the limit`);
    }
    const current = this.buffer;
    const larger = new ByteBuffer(Math.min(Math.max(needBytes, current.sizeBytes * 2, 1024), bufferBytesMax));
    larger.u8.set(current.u8.subarray(0, this.position));
    this.buffer = larger;
  }

  ok(): void {
    this.reserve(8);
    const at = this.position;
    this.buffer.dv.setUint32(at, 0x2b4f4b0d); // +OK CR
    this.buffer.u8[at + 4] = 0x0a;
    this.position = at + 5;
  }

  pong(): void {
    this.reserve(8);
    const at = this.position;
    this.buffer.dv.setUint32(at, 0x2b504f4e); // +PON
    this.buffer.dv.setUint16(at + 4, 0x470d);
    this.buffer.u8[at + 6] = 0x0a;
    this.position = at + 7;
  }

  queued(): void {
    this.simple('QUEUED');
  }

  /** A status line; CR and LF become spaces. */
  simple(text: string): void {
    this.#line(0x2b, text);
  }

  /** `text` begins with its code: `ERR syntax error`. CR and LF become spaces. */
  error(text: string): void {
    this.errorCount++;
    this.lastError = text;
    this.#line(0x2d, text);
  }

  /** A safe integer. */
  integer(n: number): void {
    this.reserve(headBytes);
    const { buffer, position: at } = this;
    if (n >= 0 && n <= 9) {
      buffer.dv.setUint32(at, 0x3a300d0a + (n << 16));
      this.position = at + 4;
      return;
    }
    buffer.u8[at] = 0x3a;
    const end = formatInteger(buffer.u8, at + 1, n);
    buffer.dv.setUint16(end, crlf);
    this.position = end + 2;
  }

  /** Any signed 64-bit integer. */
  bigInteger(n: bigint): void {
    this.#line(0x3a, n.toString());
  }

  bulk(buffer: ByteBuffer, start: number, end: number): void {
    const length = end - start;
    this.reserve(length + headBytes);
    const bodyAt = this.#head(0x24, length);
    copyBytes(buffer, start, end, this.buffer, bodyAt);
    this.buffer.dv.setUint16(bodyAt + length, crlf);
    this.position = bodyAt + length + 2;
  }

  bulkBytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(length + headBytes);
    const bodyAt = this.#head(0x24, length);
    putBytes(this.buffer.u8, bodyAt, bytes, 0, length);
    this.buffer.dv.setUint16(bodyAt + length, crlf);
    this.position = bodyAt + length + 2;
  }

  /** The text as UTF-8. */
  bulkText(text: string): void {
    const { length } = text;
    this.reserve(length + headBytes);
    if (length <= shortTextMax) {
      const bodyAt = this.#head(0x24, length);
      if (putAscii(this.buffer.u8, bodyAt, text)) {
        this.buffer.dv.setUint16(bodyAt + length, crlf);
        this.position = bodyAt + length + 2;
        return;
      }
    }
    this.bulkBytes(encoder.encode(text));
  }

  /** The decimal digits of a safe integer, as a bulk. */
  bulkInteger(n: number): void {
    this.reserve(headBytes + headBytes);
    const { buffer, position: at } = this;
    const { u8 } = buffer;
    // The digits go where they belong after a length of one digit, which up to 9 digits is right.
    u8[at] = 0x24;
    buffer.dv.setUint16(at + 2, crlf);
    let end = formatInteger(u8, at + 4, n);
    const length = end - at - 4;
    if (length > 9) {
      u8.copyWithin(at + 5, at + 4, end);
      u8[at + 1] = digit0 + 1;
      u8[at + 2] = digit0 + length - 10;
      buffer.dv.setUint16(at + 3, crlf);
      end++;
    } else u8[at + 1] = digit0 + length;
    buffer.dv.setUint16(end, crlf);
    this.position = end + 2;
  }

  /** RESP2: the null bulk. */
  null(): void {
    this.reserve(8);
    const at = this.position;
    if (this.protocol === 3) {
      this.buffer.u8[at] = 0x5f;
      this.buffer.dv.setUint16(at + 1, crlf);
      this.position = at + 3;
      return;
    }
    this.#minusOne(0x24);
  }

  /** RESP2: the null array, which some commands answer where others have a null bulk. */
  nullArray(): void {
    if (this.protocol === 3) this.null();
    else this.#minusOne(0x2a);
  }

  #minusOne(type: number): void {
    this.reserve(8);
    const { buffer, position: at } = this;
    buffer.u8[at] = type;
    buffer.dv.setUint32(at + 1, 0x2d310d0a);
    this.position = at + 5;
  }

  /** `n` elements follow. */
  array(n: number): void {
    this.#aggregate(0x2a, n);
  }

  /** `n` pairs follow. RESP2: an array of 2n. */
  map(n: number): void {
    if (this.protocol === 3) this.#aggregate(0x25, n);
    else this.#aggregate(0x2a, n * 2);
  }

  /** `n` elements follow. RESP2: an array. */
  set(n: number): void {
    this.#aggregate(this.protocol === 3 ? 0x7e : 0x2a, n);
  }

  /** `n` elements follow, out of band. RESP2: an array. */
  push(n: number): void {
    this.#aggregate(this.protocol === 3 ? 0x3e : 0x2a, n);
  }

  /** `n` pairs follow, and then the reply they belong to. RESP2 knows nothing like it: check `protocol` first. */
  attribute(n: number): void {
    assert(this.protocol === 3, 'RESP2 has no attributes');
    this.#aggregate(0x7c, n);
  }

  #aggregate(type: number, n: number): void {
    this.reserve(headBytes);
    this.position = this.#head(type, n);
  }

  /** RESP2: a bulk of the same text. */
  double(n: number): void {
    const text = formatDouble(n);
    if (this.protocol === 3) this.#line(0x2c, text);
    else this.bulkText(text);
  }

  /** RESP2: 1 or 0. */
  boolean(b: boolean): void {
    if (this.protocol === 2) {
      this.integer(b ? 1 : 0);
      return;
    }
    this.reserve(8);
    const at = this.position;
    this.buffer.dv.setUint32(at, b ? 0x23740d0a : 0x23660d0a);
    this.position = at + 4;
  }

  /** Decimal digits of any length. RESP2: a bulk. */
  bigNumber(text: string): void {
    if (this.protocol === 3) this.#line(0x28, text);
    else this.bulkText(text);
  }

  /** `format` is three ASCII characters, `txt` or `mkd`. RESP2: a bulk of the text alone. */
  verbatim(format: string, text: string): void {
    if (this.protocol === 2) {
      this.bulkText(text);
      return;
    }
    assert(format.length === 3, `verbatim format '${format}' has not three characters`);
    const body = encoder.encode(text);
    const length = body.length + 4;
    this.reserve(length + headBytes);
    const bodyAt = this.#head(0x3d, length);
    const { u8, dv } = this.buffer;
    putAscii(u8, bodyAt, format);
    u8[bodyAt + 3] = 0x3a;
    u8.set(body, bodyAt + 4);
    dv.setUint16(bodyAt + length, crlf);
    this.position = bodyAt + length + 2;
  }

  /** Bytes that are replies already. */
  raw(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    putBytes(this.buffer.u8, this.position, bytes, start, end);
    this.position += end - start;
  }

  /** Writes `<type><n> CRLF` and returns its end; the caller has made room and moves `position`. */
  #head(type: number, n: number): number {
    const { buffer, position: at } = this;
    if (n <= 9) {
      buffer.dv.setUint32(at, (type << 24) | ((digit0 + n) << 16) | crlf);
      return at + 4;
    }
    buffer.u8[at] = type;
    if (n <= 99) {
      const tens = (n / 10) | 0;
      buffer.dv.setUint32(at + 1, ((digit0 + tens) << 24) | ((digit0 + n - tens * 10) << 16) | crlf);
      return at + 5;
    }
    const end = formatInteger(buffer.u8, at + 1, n);
    buffer.dv.setUint16(end, crlf);
    return end + 2;
  }

  /** `<type><text> CRLF`. */
  #line(type: number, text: string): void {
    this.reserve(text.length + headBytes);
    const at = this.position;
    const { u8, dv } = this.buffer;
    u8[at] = type;
    if (putLine(u8, at + 1, text)) {
      const end = at + 1 + text.length;
      dv.setUint16(end, crlf);
      this.position = end + 2;
      return;
    }
    const bytes = encoder.encode(text.replace(/[\r\n]/g, ' '));
    this.reserve(bytes.length + headBytes);
    this.buffer.u8[at] = type;
    this.buffer.u8.set(bytes, at + 1);
    this.buffer.dv.setUint16(at + 1 + bytes.length, crlf);
    this.position = at + bytes.length + 3;
  }
}

/** Up to this length a loop beats the encoder. */
const shortTextMax = 64;
/** Up to this length a loop beats the native copy. */
const shortBytesMax = 48;

function putBytes(u8: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): void {
  if (end - start > shortBytesMax) u8.set(bytes.subarray(start, end), at);
  else for (let i = start; i < end; i++) u8[at++] = bytes[i];
}

/** Stores an ASCII text; false, with something half-written past the position, when it is not ASCII. */
function putAscii(u8: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    u8[at + i] = code;
  }
  return true;
}

/** The same for a line: CR and LF become spaces. */
function putLine(u8: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    u8[at + i] = code === 0x0d || code === 0x0a ? 0x20 : code;
  }
  return true;
}
