/**
 * The snapshot of a full sync, in the two forms in which a master sends it:
 *
 *   $1234 CRLF <1234 bytes of RDB>                    from a file
 *   $EOF:<40 bytes> CRLF <RDB> <the same 40 bytes>    as it is made, diskless
 *
 * No CRLF follows either. The mark is random, and the master sends nothing after it before it has heard from the replica,
 * so that it always stands at the end of what has come.
 */
import { latin1Of } from '@kvartz/base';

export const markBytes = 40;

/** What came is not what was announced. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

/** Takes what comes after the head. */
export class TransferReader {
  /** Bytes of the payload; undefined: its end is marked. */
  readonly sizeBytes: number | undefined;
  /** Bytes of the payload that have been handed on. */
  receivedBytes = 0;
  readonly #mark: string | undefined;
  /** The last bytes that came, as long as they may be the mark. */
  #tail: Uint8Array = new Uint8Array(0);

  /** `head` is a line without its end. */
  constructor(head: string) {
    if (/^\$EOF:[\x21-\x7e]{40}$/.test(head)) {
      this.#mark = head.slice(5);
      return;
    }
    if (!/^\$\d{1,15}$/.test(head)) {
      throw new TransferError(
        `expected the size of a snapshot ($<bytes> or $EOF:<mark>), found ${JSON.stringify(head.slice(0, 80))}`,
      );
    }
    this.sizeBytes = Number(head.slice(1));
  }

  /**
   * Hands the payload in `bytes[start, end)` on. Returns how many bytes belonged to the transfer, or -1 when all did and
   * more are to come.
   */
  take(
    bytes: Uint8Array,
    start: number,
    end: number,
    payload: (bytes: Uint8Array, start: number, end: number) => void,
  ): number {
    if (this.sizeBytes === undefined) return this.#takeMarked(bytes, start, end, payload) ? end - start : -1;
    const count = Math.min(end - start, this.sizeBytes - this.receivedBytes);
    this.receivedBytes += count;
    if (count > 0) payload(bytes, start, start + count);
    return this.receivedBytes === this.sizeBytes ? count : -1;
  }

  /** True: the mark stands at the end. */
  #takeMarked(
    bytes: Uint8Array,
    start: number,
    end: number,
    payload: (bytes: Uint8Array, start: number, end: number) => void,
  ): boolean {
    const tail = this.#tail;
    const fresh = end - start;
    const keptOfTail = Math.max(0, Math.min(tail.length, markBytes - fresh));
    const out = tail.length - keptOfTail;
    if (out > 0) payload(tail, 0, out);
    const passed = Math.max(0, fresh - markBytes);
    if (passed > 0) payload(bytes, start, start + passed);
    this.receivedBytes += out + passed;
    const kept = new Uint8Array(keptOfTail + fresh - passed);
    kept.set(tail.subarray(out));
    kept.set(bytes.subarray(start + passed, end), keptOfTail);
    this.#tail = kept;
    return kept.length === markBytes && latin1Of(kept, 0, markBytes) === this.#mark;
  }
}
