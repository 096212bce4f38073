/** A string that comes in pieces, each with its length: `$? ;4 ... ;0`. */
export class StreamedString {
  sizeBytes = 0;
  readonly #isBytes: boolean;
  readonly #pieces: (string | Uint8Array<ArrayBuffer>)[] = [];

  constructor(isBytes: boolean) {
    this.#isBytes = isBytes;
  }

  /** `sizeBytes` counts on the wire. */
  add(piece: string | Uint8Array<ArrayBuffer>, sizeBytes: number): void {
    this.#pieces.push(piece);
    this.sizeBytes += sizeBytes;
  }

  join(): string | Uint8Array<ArrayBuffer> {
    if (!this.#isBytes) return this.#pieces.join('');
    const joined = new Uint8Array(this.sizeBytes);
    let at = 0;
    for (const piece of this.#pieces as Uint8Array<ArrayBuffer>[]) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}
