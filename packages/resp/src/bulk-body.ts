/**
 * The body of one bulk that the end of a chunk has cut. Its bytes are gathered in memory that follows what has arrived,
 * not what has been announced. As bytes that memory ends up being the value; as text it is decoded in one go (pieces
 * decoded one by one would make a string that V8 has to copy together at its first use), a MiB at a time.
 */
import { decodeText, textCut } from './chunk-text.ts';

const textPieceBytes = 1024 * 1024;
const smallestBytes = 1024;
const growthFactor = 4;

/** Memory of the last text that was gathered: fresh memory costs about as much as the decoding of what it holds. */
let spare: Uint8Array<ArrayBuffer> | undefined;

export class BulkBody {
  /** Bytes that have not come yet. */
  missingBytes: number;
  readonly #isText: boolean;
  #text = '';
  #memory: Uint8Array<ArrayBuffer> | undefined = undefined;
  #usedBytes = 0;

  constructor(sizeBytes: number, isText: boolean) {
    this.missingBytes = sizeBytes;
    this.#isText = isText;
  }

  /** Takes what it can use of `u8[start, end)` and returns the end of that. */
  take(u8: Uint8Array, start: number, end: number): number {
    const takeEnd = Math.min(end, start + this.missingBytes);
    if (this.#isText) this.#takeText(u8, start, takeEnd);
    else this.#append(u8, start, takeEnd, this.#usedBytes + this.missingBytes);
    this.missingBytes -= takeEnd - start;
    return takeEnd;
  }

  /** All of it, once nothing is missing. */
  finish(): string | Uint8Array<ArrayBuffer> {
    const memory = this.#memory;
    this.#memory = undefined;
    if (memory === undefined) return this.#isText ? '' : new Uint8Array(0);
    if (!this.#isText) return memory.length === this.#usedBytes ? memory : memory.slice(0, this.#usedBytes);
    spare = memory;
    const last = decodeText(memory, 0, this.#usedBytes);
    return this.#text === '' ? last : this.#text + last;
  }

  #takeText(u8: Uint8Array, start: number, end: number): void {
    let restBytes = this.#usedBytes + this.missingBytes;
    for (let at = start; at < end;) {
      const pieceEnd = Math.min(end, at + textPieceBytes - this.#usedBytes);
      this.#append(u8, at, pieceEnd, Math.min(restBytes, textPieceBytes));
      at = pieceEnd;
      if (this.#usedBytes < textPieceBytes) continue;
      const memory = this.#memory!;
      const cut = textCut(memory, 0, this.#usedBytes);
      this.#text += decodeText(memory, 0, cut);
      memory.copyWithin(0, cut, this.#usedBytes);
      this.#usedBytes -= cut;
      restBytes -= cut;
    }
  }

  #append(u8: Uint8Array, start: number, end: number, wantedBytes: number): void {
    const used = this.#usedBytes;
    const needBytes = used + (end - start);
    let memory = this.#memory;
    if (memory === undefined || needBytes > memory.length) {
      const larger = this.#allocate(needBytes, wantedBytes);
      if (memory !== undefined) larger.set(memory.subarray(0, used));
      memory = larger;
      this.#memory = larger;
    }
    if (end - start <= 16) for (let i = start, j = used; i < end; i++, j++) memory[j] = u8[i];
    else memory.set(new Uint8Array(u8.buffer, u8.byteOffset + start, end - start), used);
    this.#usedBytes = needBytes;
  }

  #allocate(needBytes: number, wantedBytes: number): Uint8Array<ArrayBuffer> {
    if (this.#isText && spare !== undefined && spare.length >= needBytes) {
      const memory = spare;
      spare = undefined;
      return memory;
    }
    return new Uint8Array(Math.min(wantedBytes, Math.max(needBytes * growthFactor, smallestBytes)));
  }
}
