import { ByteBuffer } from '@kvartz/base';
import { type StreamId, streamIdTextBytesMax, type StreamWalk } from '@kvartz/engine';
import type { ReplyWriter } from '@kvartz/resp';

const text = new ByteBuffer(streamIdTextBytesMax);

export function replyId(reply: ReplyWriter, id: StreamId): void {
  reply.bulk(text, 0, id.format(text.u8, 0));
}

/** The entry that the walk has reached: its ID, and an array of fields and values. */
export function replyEntry(reply: ReplyWriter, walk: StreamWalk): void {
  reply.array(2);
  replyId(reply, walk.id);
  reply.array(walk.fieldCount * 2);
  const { field, value } = walk;
  while (walk.nextField()) {
    reply.bulk(field.buffer, field.start, field.end);
    reply.bulk(value.buffer, value.start, value.end);
  }
}
