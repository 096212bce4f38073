const bytesKept = 1024 * 1024;

/** Effects that wait to be written, in one piece of memory. */
export class PendingEffects {
  bytes = new Uint8Array(0);
  sizeBytes = 0;

  add(bytes: Uint8Array, start: number, end: number): void {
    const sizeBytes = this.sizeBytes + end - start;
    if (sizeBytes > this.bytes.length) {
      const grown = new Uint8Array(Math.max(sizeBytes, this.bytes.length * 2, 4096));
      grown.set(this.bytes.subarray(0, this.sizeBytes));
      this.bytes = grown;
    }
    this.bytes.set(bytes.subarray(start, end), this.sizeBytes);
    this.sizeBytes = sizeBytes;
  }

  clear(): void {
    this.sizeBytes = 0;
    if (this.bytes.length > bytesKept) this.bytes = new Uint8Array(0);
  }
}
