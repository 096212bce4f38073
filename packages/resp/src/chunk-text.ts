/**
 * Strings out of a chunk of bytes, fast when there are many short ones.
 *
 * A native call costs 60 to 100 ns before it decodes anything. So a short text that is followed by more bytes is cut
 * from a window: the bytes from its start on, some multiple of its length, are decoded in one call, and this text and
 * those after it are substrings (16 to 30 ns). The price: V8 keeps the window alive as long as one of its texts of more
 * than 12 characters, so a text can hold on to the 16-fold of its length or 512 bytes, never to a whole chunk.
 */
const windowBytesMin = 512;
const windowTexts = 16;
/** Longer texts are decoded by themselves. */
const windowTextMax = 256;
/** A window pays when at least that many bytes follow the text. */
const windowRestMin = 64;
/** Up to here a loop over the characters is as fast as a native call. */
const loopTextMax = 16;

// A byte order mark is data like any other.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Node's Buffer decodes a part of itself in two thirds of the time that TextDecoder needs; nothing else of it is used. */
interface SelfDecoding {
  readonly utf8Slice?: (start: number, end: number) => string;
}

export class ChunkText {
  #window = '';
  #windowStart = 0;
  #windowEnd = 0;
  /** Every character of the window stands for one byte. */
  #isSingleByte = true;
  /** In a window that is not: a byte's offset, where a character begins, and that character's index. */
  #byteAt = 0;
  #charAt = 0;

  /** To be called when another chunk (or another piece of memory) is being read. */
  reset(): void {
    if (this.#windowEnd === 0) return;
    this.#window = '';
    this.#windowStart = 0;
    this.#windowEnd = 0;
  }

  /**
   * The UTF-8 text of `u8[start, end)`; the chunk goes on until `chunkEnd`. What is not UTF-8 becomes U+FFFD. Texts must
   * be read in their order.
   */
  read(u8: Uint8Array, start: number, end: number, chunkEnd: number): string {
    if (end > this.#windowEnd) {
      const length = end - start;
      if (length > windowTextMax || chunkEnd - end < windowRestMin) return decodeText(u8, start, end);
      this.#open(u8, start, end, chunkEnd);
    }
    if (this.#isSingleByte) return this.#window.substring(start - this.#windowStart, end - this.#windowStart);
    return this.#readWide(u8, start, end);
  }

  #open(u8: Uint8Array, start: number, end: number, chunkEnd: number): void {
    const length = end - start;
    const wantedBytes = Math.max(length * windowTexts, windowBytesMin);
    const windowEnd = textCut(u8, end, Math.min(chunkEnd, start + wantedBytes));
    const text = decodeBytes(u8, start, windowEnd);
    this.#window = text;
    this.#windowStart = start;
    this.#windowEnd = windowEnd;
    // Then no sequence has more than one byte: all is ASCII, or an invalid byte that became one U+FFFD.
    this.#isSingleByte = text.length === windowEnd - start;
    if (this.#isSingleByte) return;
    this.#byteAt = start;
    this.#charAt = 0;
    // Invalid sequences have no fixed length: every text by itself, and the window for nothing but its bounds.
    if (text.includes('\ufffd')) this.#window = '';
  }

  #readWide(u8: Uint8Array, start: number, end: number): string {
    if (this.#window === '' || start < this.#byteAt) return decodeText(u8, start, end);
    const charStart = this.#charAt + charCount(u8, this.#byteAt, start);
    const charEnd = charStart + charCount(u8, start, end);
    this.#byteAt = end;
    this.#charAt = charEnd;
    // A length that cuts a character: its bytes belong to no whole character of the window.
    if (isInsideCharacter(u8, start) || isInsideCharacter(u8, end)) return decodeText(u8, start, end);
    return this.#window.substring(charStart, charEnd);
  }
}

/** The byte at `at` continues a character. */
function isInsideCharacter(u8: Uint8Array, at: number): boolean {
  return (u8[at] & 0xc0) === 0x80;
}

/** UTF-16 units that begin in `u8[start, end)`, which is valid UTF-8: two for a sequence of four bytes, else one. */
function charCount(u8: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) {
    const byte = u8[i];
    if ((byte & 0xc0) !== 0x80) count += byte >= 0xf0 ? 2 : 1;
  }
  return count;
}

function decodeBytes(u8: Uint8Array & SelfDecoding, start: number, end: number): string {
  if (u8.utf8Slice !== undefined) return u8.utf8Slice(start, end);
  // Not subarray, which costs twice as much.
  return utf8.decode(new Uint8Array(u8.buffer, u8.byteOffset + start, end - start));
}

/** The UTF-8 text of `u8[start, end)`, alone. */
export function decodeText(u8: Uint8Array, start: number, end: number): string {
  if (end - start > loopTextMax) return decodeBytes(u8, start, end);
  let text = '';
  let i = start;
  let seen = 0;
  for (; end - i >= 8; i += 8) {
    const a = u8[i];
    const b = u8[i + 1];
    const c = u8[i + 2];
    const d = u8[i + 3];
    const e = u8[i + 4];
    const f = u8[i + 5];
    const g = u8[i + 6];
    const h = u8[i + 7];
    seen |= a | b | c | d | e | f | g | h;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; i < end; i++) {
    seen |= u8[i];
    text += String.fromCharCode(u8[i]);
  }
  return seen < 0x80 ? text : decodeBytes(u8, start, end);
}

/**
 * Where UTF-8 text may be cut at or before `end`, so that both parts decode to what the whole would: before the last
 * character when its bytes are not all there.
 */
export function textCut(u8: Uint8Array, start: number, end: number): number {
  for (let back = 1; back <= 3 && end - back >= start; back++) {
    const byte = u8[end - back];
    if (byte < 0x80) return end;
    if (byte >= 0xc0) {
      const wantedBytes = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return wantedBytes > back ? end - back : end;
    }
  }
  return end;
}
