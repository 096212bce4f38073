/**
 * Strings out of a chunk of bytes, fast when there are many short ones.
 *
 * A call of TextDecoder costs about 100 ns for any short text, a loop 2 ns for each character. So a short text that is
 * followed by more bytes is cut from a window: up to 512 bytes decoded in one call, of which each text is a substring
 * (16 to 30 ns). The price: V8 keeps the window alive as long as one of its texts longer than 12 characters, so a
 * text can hold on to 512 bytes, never to a whole chunk.
 */
const windowBytes = 512;
/** Longer texts are decoded by themselves. */
const windowTextMax = 256;
/** A window pays when at least that many bytes follow the text. */
const windowRestMin = 64;
/** Up to here a loop over the characters is as fast as a call of the decoder. */
const loopTextMax = 32;

// A byte order mark is data like any other.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class ChunkText {
  #window = '';
  #windowStart = 0;
  #windowEnd = 0;
  /** Not ASCII: characters are not where their bytes are, so up to `#windowEnd` texts are decoded one by one. */
  #isRefused = false;

  /** To be called when another chunk (or another piece of memory) is being read. */
  reset(): void {
    this.#window = '';
    this.#windowStart = 0;
    this.#windowEnd = 0;
  }

  /** The UTF-8 text of `u8[start, end)`; the chunk goes on until `chunkEnd`. What is not UTF-8 becomes U+FFFD. */
  read(u8: Uint8Array, start: number, end: number, chunkEnd: number): string {
    if (end <= this.#windowEnd && start >= this.#windowStart) {
      if (!this.#isRefused) return this.#window.substring(start - this.#windowStart, end - this.#windowStart);
    } else if (end - start <= windowTextMax && chunkEnd - end >= windowRestMin) {
      this.#open(u8, start, Math.min(chunkEnd, start + windowBytes));
      if (!this.#isRefused) return this.#window.substring(0, end - start);
    }
    return decodeText(u8, start, end);
  }

  #open(u8: Uint8Array, start: number, end: number): void {
    const text = utf8.decode(u8.subarray(start, end));
    // As many characters as bytes: every character stands for one byte (invalid ones for U+FFFD), at the same offset.
    this.#isRefused = text.length !== end - start;
    this.#window = this.#isRefused ? '' : text;
    this.#windowStart = start;
    this.#windowEnd = end;
  }
}

/** The UTF-8 text of `u8[start, end)`, alone. */
export function decodeText(u8: Uint8Array, start: number, end: number): string {
  if (end - start > loopTextMax) return utf8.decode(u8.subarray(start, end));
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
  return seen < 0x80 ? text : utf8.decode(u8.subarray(start, end));
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
