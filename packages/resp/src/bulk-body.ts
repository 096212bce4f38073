/**
 * The body of one bulk that the end of a chunk has cut. As text it is decoded piece by piece, so that no byte of a long
 * bulk is copied; as bytes it is gathered in memory that ends up being the value. Memory follows what has arrived, not
 * what has been announced.
 */
import { ByteBuffer } from '@kvartz/base';
import { decodeText, textCut } from './chunk-text.ts';

/** Shorter pieces are gathered before they are decoded. */
const directPieceBytes = 4096;
const gatherBytes = 16 * 1024;
const smallestBytes = 1024;
const growthFactor = 4;

export class BulkBody {
  /** Bytes that have not come yet. */
  missingBytes: number;
  readonly #isText: boolean;
  #text = '';
  #memory: ByteBuffer | undefined = undefined;
  #usedBytes = 0;

  constructor(sizeBytes: number, isText: boolean) {
    this.missingBytes = sizeBytes;
    this.#isText = isText;
  }

  /** Takes what it can use of `u8[start, end)` and returns the end of that. */
  take(u8: Uint8Array, start: number, end: number): number {
    const takeEnd = Math.min(end, start + this.missingBytes);
    this.missingBytes -= takeEnd - start;
    if (this.#isText) this.#takeText(u8, start, takeEnd);
    else this.#append(u8, start, takeEnd, this.#usedBytes + (takeEnd - start) + this.missingBytes);
    return takeEnd;
  }

  /** All of it, once nothing is missing. */
  finish(): string | Uint8Array<ArrayBuffer> {
    if (this.#isText) {
      if (this.#memory !== undefined) this.#text += decodeText(this.#memory.u8, 0, this.#usedBytes);
      return this.#text;
    }
    if (this.#memory === undefined) return new Uint8Array(0);
    const { u8 } = this.#memory;
    return u8.length === this.#usedBytes ? u8 : u8.slice(0, this.#usedBytes);
  }

  #takeText(u8: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#usedBytes === 0 && end - at >= directPieceBytes) {
        const cut = textCut(u8, at, end);
        this.#text += decodeText(u8, at, cut);
        at = cut;
      }
      const gatherEnd = Math.min(end, at + gatherBytes - this.#usedBytes);
      this.#append(u8, at, gatherEnd, Math.min(gatherBytes, this.#usedBytes + (end - at) + this.missingBytes));
      at = gatherEnd;
      // A cut character alone is completed by a first helping of the next piece.
      if (this.#usedBytes === gatherBytes) this.#flush();
    }
  }

  #flush(): void {
    const { u8 } = this.#memory!;
    const cut = textCut(u8, 0, this.#usedBytes);
    this.#text += decodeText(u8, 0, cut);
    u8.copyWithin(0, cut, this.#usedBytes);
    this.#usedBytes -= cut;
  }

  #append(u8: Uint8Array, start: number, end: number, wantedBytes: number): void {
    const used = this.#usedBytes;
    const needBytes = used + (end - start);
    const memory = this.#memory;
    if (memory === undefined || needBytes > memory.sizeBytes) {
      const larger = new ByteBuffer(Math.min(wantedBytes, Math.max(needBytes * growthFactor, smallestBytes)));
      if (memory !== undefined) larger.u8.set(memory.u8.subarray(0, used));
      this.#memory = larger;
    }
    const target = this.#memory!.u8;
    if (end - start <= 16) for (let i = start, j = used; i < end; i++, j++) target[j] = u8[i];
    else target.set(u8.subarray(start, end), used);
    this.#usedBytes = needBytes;
  }
}
