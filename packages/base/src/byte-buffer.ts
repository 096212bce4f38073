/**
 * One piece of memory and the two windows through which hot code reads it: bytes, and unaligned words.
 *
 * Every hot function takes `(buffer, start, end)`, so that a key or a value is never copied or made a string. The class
 * is always this one (never Node's Buffer), which keeps the inline caches of those functions monomorphic.
 */
export class ByteBuffer {
  readonly u8: Uint8Array<ArrayBuffer>;
  readonly dv: DataView<ArrayBuffer>;

  constructor(memory: number | ArrayBuffer) {
    const buffer = typeof memory === 'number' ? new ArrayBuffer(memory) : memory;
    this.u8 = new Uint8Array(buffer);
    this.dv = new DataView(buffer);
  }

  get sizeBytes(): number {
    return this.u8.length;
  }

  /** A copy of `bytes`. */
  static from(bytes: Uint8Array): ByteBuffer {
    const copy = new ByteBuffer(bytes.length);
    copy.u8.set(bytes);
    return copy;
  }
}
