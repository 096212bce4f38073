/** A bulk that the end of a chunk has cut: its body, and how much of the CRLF behind that is still to come. */
import { BulkBody } from './bulk-body.ts';
import type { ReplyChunk } from './reply-chunk.ts';

const carriageReturn = 0x0d;
const newline = 0x0a;

export class CutBulk {
  /** The type byte. */
  readonly kind: number;
  readonly sizeBytes: number;
  readonly #body: BulkBody;
  #endBytes = 2;

  constructor(kind: number, sizeBytes: number, isText: boolean) {
    this.kind = kind;
    this.sizeBytes = sizeBytes;
    this.#body = new BulkBody(sizeBytes, isText);
  }

  /** Reads on from the chunk; the body when that has all of it and of the CRLF, undefined when more bytes are needed. */
  read(chunk: ReplyChunk): string | Uint8Array<ArrayBuffer> | undefined {
    const { u8 } = chunk;
    const body = this.#body;
    chunk.at = body.take(u8, chunk.at, chunk.end);
    if (body.missingBytes > 0) return undefined;
    while (this.#endBytes > 0) {
      if (chunk.at === chunk.end) return undefined;
      const expected = this.#endBytes === 2 ? carriageReturn : newline;
      if (u8[chunk.at] !== expected) chunk.refuseBodyEnd(chunk.at);
      chunk.at++;
      this.#endBytes--;
    }
    return body.finish();
  }
}
