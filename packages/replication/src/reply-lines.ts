import { latin1Of } from '@kvartz/base';
import { TransferError } from './transfer.ts';

/** No line of the handshake is anywhere near as long. */
const lineBytesMax = 4096;
const newline = 0x0a;

/** Lines that end in CRLF, out of chunks; empty ones, which a master sends while it is busy, are passed over. */
export class ReplyLines {
  #kept = '';

  /** Bytes of the last chunk that `next` has used. */
  used = 0;

  /** The next line of `bytes[start, end)`; undefined: it has not ended yet. Throws a TransferError on one that is too long. */
  next(bytes: Uint8Array, start: number, end: number): string | undefined {
    for (let at = start; at < end;) {
      const lineEnd = bytes.subarray(at, end).indexOf(newline);
      const to = lineEnd < 0 ? end : at + lineEnd;
      if (this.#kept.length + to - at > lineBytesMax) throw new TransferError(`a line of over ${lineBytesMax} bytes`);
      this.#kept += latin1Of(bytes, at, to);
      if (lineEnd < 0) break;
      at = to + 1;
      const line = this.#kept.endsWith('\r') ? this.#kept.slice(0, -1) : this.#kept;
      this.#kept = '';
      if (line === '') continue;
      this.used = at - start;
      return line;
    }
    this.used = end - start;
    return undefined;
  }
}
