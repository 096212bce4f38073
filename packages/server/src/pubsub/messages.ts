import { ByteBuffer } from '@kvartz/base';
import { ReplyWriter } from '@kvartz/resp';

const bufferBytes = 512;
/** A buffer that one large message made grow beyond this is not kept. */
const bufferBytesKept = 64 * 1024;

/** One published message as it goes to subscribers: encoded once for each protocol that one of them speaks. */
export class MessageEncoder {
  readonly #resp2 = new ReplyWriter(bufferBytes);
  readonly #resp3 = new ReplyWriter(bufferBytes);

  constructor() {
    this.#resp3.protocol = 3;
  }

  /** Forgets the last message. */
  begin(): void {
    for (const writer of [this.#resp2, this.#resp3]) {
      writer.position = 0;
      if (writer.buffer.sizeBytes > bufferBytesKept) writer.buffer = new ByteBuffer(bufferBytes);
    }
  }

  /** `message channel payload`, or with a pattern `pmessage pattern channel payload`. Bytes are in `[0, position)`. */
  encode(
    protocol: 2 | 3,
    kind: string,
    pattern: Uint8Array | undefined,
    channel: ByteBuffer,
    cs: number,
    ce: number,
    payload: ByteBuffer,
    ps: number,
    pe: number,
  ): ReplyWriter {
    const writer = protocol === 3 ? this.#resp3 : this.#resp2;
    if (writer.position > 0) return writer;
    writer.push(pattern === undefined ? 3 : 4);
    writer.bulkText(kind);
    if (pattern !== undefined) writer.bulkBytes(pattern);
    writer.bulk(channel, cs, ce);
    writer.bulk(payload, ps, pe);
    return writer;
  }

  /** The end of a subscription that the server takes back. */
  encodeEnd(protocol: 2 | 3, kind: string, channel: Uint8Array, count: number): ReplyWriter {
    const writer = protocol === 3 ? this.#resp3 : this.#resp2;
    writer.push(3);
    writer.bulkText(kind);
    writer.bulkBytes(channel);
    writer.integer(count);
    return writer;
  }
}
