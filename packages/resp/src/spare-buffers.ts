/**
 * Buffers that were used for requests in pieces and are kept for the next ones: fresh memory is zeroed, faulted in page
 * by page and later collected, which together costs more than the copy of the bytes that it is for.
 *
 * Bounded: only buffers of a middle size, and at most `totalBytesMax` of them. `trim`, called now and then, gives back
 * those that have not been needed since the last time.
 */
import { ByteBuffer } from '@kvartz/base';

const smallestBytes = 16 * 1024;
/** Larger ones are not kept. */
export const spareBytesMax = 4 * 1024 * 1024;
const totalBytesMax = 32 * 1024 * 1024;

export class SpareBuffers {
  /** Smallest first. */
  readonly #buffers: ByteBuffer[] = [];
  #totalBytes = 0;
  /** The least that has been here since the last `trim`. */
  #idleBytes = 0;

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** A buffer of at least `needBytes`, of about `wantedBytes` if possible; what is in it is left over from others. */
  take(needBytes: number, wantedBytes: number): ByteBuffer {
    const buffers = this.#buffers;
    // The smallest that is as large as wanted, else the largest that will do.
    let index = buffers.length - 1;
    while (index > 0 && buffers[index - 1].sizeBytes >= wantedBytes) index--;
    if (index < 0 || buffers[index].sizeBytes < needBytes) return new ByteBuffer(wantedBytes);
    const [buffer] = buffers.splice(index, 1);
    this.#totalBytes -= buffer.sizeBytes;
    if (this.#totalBytes < this.#idleBytes) this.#idleBytes = this.#totalBytes;
    return buffer;
  }

  /** Nobody else may use the buffer any more. */
  give(buffer: ByteBuffer): void {
    const { sizeBytes } = buffer;
    if (sizeBytes < smallestBytes || sizeBytes > spareBytesMax || this.#totalBytes + sizeBytes > totalBytesMax) return;
    const buffers = this.#buffers;
    let index = buffers.length;
    while (index > 0 && buffers[index - 1].sizeBytes > sizeBytes) index--;
    buffers.splice(index, 0, buffer);
    this.#totalBytes += sizeBytes;
  }

  trim(): void {
    // From the largest down: what is then asked for is more often small than large.
    while (this.#idleBytes > 0) {
      const buffer = this.#buffers.pop();
      if (buffer === undefined) break;
      this.#totalBytes -= buffer.sizeBytes;
      this.#idleBytes -= buffer.sizeBytes;
    }
    this.#idleBytes = this.#totalBytes;
  }
}
