/**
 * Strings out of a chunk of bytes, fast when there are many short ones.
 *
 * A native call costs 43 ns before it decodes anything. So a short text that is followed by more bytes is cut from a window:
 * the bytes from its start on, some multiple of its length, are decoded in one call, and this text and those after it are
 * substrings (11 to 20 ns). The price: V8 keeps the window alive as long as one of its texts of more than 12 characters.
 *
 *   text           1 to 8     9 to 128      129 to 1024   1025 to 4096   more
 *   window         1 KiB      128 texts     16 KiB        16 texts       none
 *
 * A window that is not ASCII is of no use: which characters are a text's would have to be counted, which costs more than
 * the native call. Nor is one that is not read to its end. After such a window some texts are decoded one by one, as many as
 * it takes to see that number of ASCII ones, and twice as many after the next.
 */
const windowBytesMin = 1024;
const windowTexts = 16;
/** Of short texts, in whose windows the call would be most of the cost. */
const shortWindowTexts = 128;
const shortWindowBytesMax = 16384;
/** Longer texts are decoded by themselves. */
const windowTextMax = 4096;
/** A window pays when at least that many bytes follow the text. */
const windowRestMin = 64;
/** ASCII texts without a window after a useless one: at first, and at most. */
const aloneMin = 4;
const aloneMax = 1024;
/** Up to here, where V8 still copies strings together at once, a few calls for the characters are faster than a native call. */
const shortTextMax = 12;

// A byte order mark is data like any other.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * How Node's Buffer decodes a part of itself, or of any other bytes: in half of the time that TextDecoder needs. Nothing else
 * of Buffer is used; where there is none, TextDecoder does it.
 */
const utf8Slice: ((this: Uint8Array, start: number, end: number) => string) | undefined =
  // oxlint-disable-next-line no-restricted-globals -- a pure function, looked for because a browser has none
  (globalThis as { Buffer?: { prototype: { utf8Slice?: () => string } } }).Buffer?.prototype.utf8Slice;

export class ChunkText {
  /** The text of the bytes from `#windowStart` to `#windowEnd`, one character for each. */
  #window = '';
  #windowStart = 0;
  #windowEnd = 0;
  /** So many ASCII texts are to be decoded without a window, and will be after the next useless one. */
  #aloneCount = 0;
  #nextAloneCount = aloneMin;

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
    if (end <= this.#windowEnd) return this.#window.substring(start - this.#windowStart, end - this.#windowStart);
    if (this.#aloneCount === 0) return this.#readOutside(u8, start, end, chunkEnd);
    const text = decodeBytes(u8, start, end);
    if (text.length === end - start) this.#aloneCount--;
    return text;
  }

  #readOutside(u8: Uint8Array, start: number, end: number, chunkEnd: number): string {
    const length = end - start;
    if (length > windowTextMax || chunkEnd - end < windowRestMin) {
      // Half of the window was decoded for nothing.
      if (start < (this.#windowStart + this.#windowEnd) / 2) this.#abandon();
      return decodeText(u8, start, end);
    }
    if (this.#windowEnd > 0) this.#nextAloneCount = aloneMin;
    const windowEnd = Math.min(chunkEnd, start + windowBytesFor(length));
    const text = decodeBytes(u8, start, windowEnd);
    // With a character for each byte, all is ASCII, or an invalid byte that became one U+FFFD.
    if (text.length !== windowEnd - start) {
      this.#abandon();
      return decodeText(u8, start, end);
    }
    this.#window = text;
    this.#windowStart = start;
    this.#windowEnd = windowEnd;
    return text.substring(0, length);
  }

  #abandon(): void {
    this.reset();
    this.#aloneCount = this.#nextAloneCount;
    this.#nextAloneCount = Math.min(aloneMax, this.#nextAloneCount * 2);
  }
}

function windowBytesFor(length: number): number {
  const shortBytes = Math.min(length * shortWindowTexts, shortWindowBytesMax);
  return Math.max(windowBytesMin, shortBytes, length * windowTexts);
}

function decodeBytes(u8: Uint8Array, start: number, end: number): string {
  if (utf8Slice !== undefined) return utf8Slice.call(u8, start, end);
  // Not subarray, which costs twice as much.
  return utf8.decode(new Uint8Array(u8.buffer, u8.byteOffset + start, end - start));
}

/** The UTF-8 text of `u8[start, end)`, alone. */
export function decodeText(u8: Uint8Array, start: number, end: number): string {
  if (end - start > shortTextMax) return decodeBytes(u8, start, end);
  let seen = 0;
  for (let i = start; i < end; i++) seen |= u8[i];
  if (seen >= 0x80) return decodeBytes(u8, start, end);
  let text = '';
  let at = start;
  for (; end - at >= 4; at += 4) text += String.fromCharCode(u8[at], u8[at + 1], u8[at + 2], u8[at + 3]);
  switch (end - at) {
    case 3:
      return text + String.fromCharCode(u8[at], u8[at + 1], u8[at + 2]);
    case 2:
      return text + String.fromCharCode(u8[at], u8[at + 1]);
    case 1:
      return text + String.fromCharCode(u8[at]);
    default:
      return text;
  }
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
