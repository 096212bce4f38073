import type { PushLog } from './push-log.ts';

const bufferBytes = 512;
const bufferBytesKept = 16 * 1024;
const nothing = new Uint8Array(0);

/**
 * What waits to be pushed to one client. As long as that is one run of a log's messages, which it is for those who listen to
 * one channel, only its place is kept; anything else is copied together.
 */
export class ClientPushes {
  /** The run is `[start, end)` of this log; undefined: there is none. */
  log: PushLog | undefined;
  start = 0;
  end = 0;
  /** Copies are `copied[0, copiedBytes)`. */
  copied: Uint8Array<ArrayBuffer> = nothing;
  copiedBytes = 0;

  get isEmpty(): boolean {
    return this.log === undefined && this.copiedBytes === 0;
  }

  /** Copies the run, so that what does not follow on it can be appended. */
  spill(): void {
    const { log } = this;
    if (log === undefined) return;
    this.log = undefined;
    this.append(log.writer.buffer.u8, this.start, this.end);
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const sizeBytes = this.copiedBytes + end - start;
    if (sizeBytes > this.copied.length) {
      const grown = new Uint8Array(Math.max(sizeBytes, this.copied.length * 2, bufferBytes));
      grown.set(this.copied.subarray(0, this.copiedBytes));
      this.copied = grown;
    }
    if (end - start < shortBytes)
      for (let i = start, at = this.copiedBytes; i < end; i++, at++) this.copied[at] = bytes[i];
    else this.copied.set(bytes.subarray(start, end), this.copiedBytes);
    this.copiedBytes = sizeBytes;
  }

  /** Nothing waits. `isTaken`: nobody reads the copies any more. */
  clear(isTaken: boolean): void {
    this.log = undefined;
    this.copiedBytes = 0;
    if (!isTaken || this.copied.length > bufferBytesKept) this.copied = nothing;
  }
}

/** Up to this length a loop beats the native copy. */
const shortBytes = 64;
