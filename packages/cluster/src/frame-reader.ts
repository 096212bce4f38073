import { FrameError } from './frame-error.ts';

/** Bytes of the length that stands before every frame. */
export const lengthBytes = 4;
/** Memory that a length alone can claim; more comes with the bytes. */
const firstBytes = 4_096;

/**
 * Cuts a stream into frames: a length of four bytes (big-endian, of what follows), then the frame. A frame that arrives
 * in one piece is handed on as a view; one that does not is put together once, so the cost is O(bytes) however the
 * stream is cut.
 */
export class FrameReader {
  /** Longest frame that is taken; may be changed between frames. */
  frameBytesMax: number;
  readonly #onFrame: (frame: Uint8Array) => void;
  readonly #head = new Uint8Array(lengthBytes);
  #headBytes = 0;
  #body: Uint8Array = noBytes;
  #bodyBytes = 0;
  #frameBytes = 0;

  /** `onFrame` gets a view that is valid until it returns. */
  constructor(frameBytesMax: number, onFrame: (frame: Uint8Array) => void) {
    this.frameBytesMax = frameBytesMax;
    this.#onFrame = onFrame;
  }

  /** Throws a FrameError for an absurd length, and whatever `onFrame` throws; the reader is of no use afterwards. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#headBytes < lengthBytes) {
        this.#head[this.#headBytes++] = bytes[at++];
        if (this.#headBytes === lengthBytes) this.#begin();
        continue;
      }
      const missing = this.#frameBytes - this.#bodyBytes;
      if (this.#bodyBytes === 0 && end - at >= missing) {
        this.#headBytes = 0;
        this.#onFrame(bytes.subarray(at, at + missing));
        at += missing;
        continue;
      }
      const taken = Math.min(missing, end - at);
      this.#append(bytes, at, at + taken);
      at += taken;
      if (taken === missing) this.#finish();
    }
  }

  #begin(): void {
    const [a, b, c, d] = this.#head;
    const frameBytes = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    if (frameBytes === 0 || frameBytes > this.frameBytesMax) {
      throw new FrameError(`a frame of ${frameBytes} bytes; frames have from 1 to ${this.frameBytesMax}`);
    }
    this.#frameBytes = frameBytes;
    this.#bodyBytes = 0;
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const neededBytes = this.#bodyBytes + end - start;
    if (neededBytes > this.#body.length) {
      const grown = new Uint8Array(Math.min(this.#frameBytes, Math.max(firstBytes, 2 * neededBytes)));
      grown.set(this.#body.subarray(0, this.#bodyBytes));
      this.#body = grown;
    }
    this.#body.set(bytes.subarray(start, end), this.#bodyBytes);
    this.#bodyBytes = neededBytes;
  }

  #finish(): void {
    const frame = this.#body.subarray(0, this.#frameBytes);
    this.#body = noBytes;
    this.#bodyBytes = 0;
    this.#headBytes = 0;
    this.#onFrame(frame);
  }
}

const noBytes = new Uint8Array(0);
