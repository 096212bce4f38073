import { formatDouble } from '@kvartz/base';
import { ReplyWriter } from './reply-writer.ts';

/** A request is an array of bulks, which the writer of replies knows how to write. */
let writer = new ReplyWriter(1024);
/** A buffer larger than this is not kept for the next request. */
const keptBytesMax = 64 * 1024;

/**
 * One request as the bytes to be sent: strings as UTF-8, bytes as they are, integers by their digits, other numbers as
 * Redis prints doubles.
 */
export function encodeRequest(parts: readonly (string | Uint8Array | number)[]): Uint8Array<ArrayBuffer> {
  writer.position = 0;
  writer.array(parts.length);
  for (const part of parts) {
    if (typeof part === 'string') writer.bulkText(part);
    else if (typeof part !== 'number') writer.bulkBytes(part);
    else if (Number.isSafeInteger(part)) writer.bulkInteger(part);
    else writer.bulkText(formatDouble(part));
  }
  const bytes = writer.buffer.u8.slice(0, writer.position);
  if (writer.buffer.sizeBytes > keptBytesMax) writer = new ReplyWriter(1024);
  return bytes;
}
