import { elementBytes, type EntryRef, type StreamId, streamIdTextBytesMax, type StreamWalk } from '@kvartz/engine';
import type { ReplyWriter } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { writeElements } from '../lists/element-bulks.ts';
import { putHeadFirst } from '../reply-head.ts';

const dollar = 0x24;
const crlf = 0x0d0a;
/** `$15`, and a line end before and after the ID. */
const idBulkBytesMax = streamIdTextBytesMax + 7;

export function replyId(reply: ReplyWriter, id: StreamId): void {
  reply.reserve(idBulkBytesMax);
  const { buffer, position: at } = reply;
  const { dv, u8 } = buffer;
  // The digits go where they belong after a length of two digits, which the IDs of clocks have.
  let end = id.format(u8, at + 5);
  const length = end - at - 5;
  u8[at] = dollar;
  if (length >= 10) {
    const tens = (length / 10) | 0;
    dv.setUint32(at + 1, ((0x30 + tens) << 24) | ((0x30 + length - tens * 10) << 16) | crlf);
  } else {
    u8.copyWithin(at + 4, at + 5, end--);
    u8[at + 1] = 0x30 + length;
    dv.setUint16(at + 2, crlf);
  }
  dv.setUint16(end, crlf);
  reply.position = end + 2;
}

/** The entry that the walk has reached: its ID, and an array of fields and values. */
export function replyEntry(reply: ReplyWriter, walk: StreamWalk): void {
  reply.array(2);
  replyId(reply, walk.id);
  const { bytes, fieldCount, to } = walk;
  reply.array(fieldCount * 2);
  if (!walk.hasMasterFields) return writeElements(reply, bytes, walk.at, to, fieldCount * 2);
  let fieldAt = walk.fieldsAt;
  let valueAt = walk.at;
  for (let left = fieldCount; left > 0; left--) {
    const fieldEnd = fieldAt + elementBytes(bytes, fieldAt);
    const valueEnd = valueAt + elementBytes(bytes, valueAt);
    writeElements(reply, bytes, fieldAt, fieldEnd, 1);
    writeElements(reply, bytes, valueAt, valueEnd, 1);
    fieldAt = fieldEnd;
    valueAt = valueEnd;
  }
}

/** An array of up to `max` entries of stream `e` from `start` to `end`, backward with the highest first. */
export function replyRange(
  { db, reply }: CommandContext,
  e: EntryRef,
  start: StreamId,
  end: StreamId,
  isBackward: boolean,
  max: number,
): void {
  const { streams } = db;
  const { walk } = streams;
  // Usually a range ends with its count, or with the stream.
  const expected = Math.min(max, streams.count(e));
  const headStart = reply.position;
  reply.array(expected);
  const bodyStart = reply.position;
  walk.seek(streams.root(e), start, end, isBackward);
  let count = 0;
  for (; count < max && walk.next(); count++) replyEntry(reply, walk);
  if (count !== expected) replaceHead(reply, headStart, bodyStart, count);
}

/** Puts an array's head for `count` elements in place of one that was wrong, and which stands right before its body. */
function replaceHead(reply: ReplyWriter, headStart: number, bodyStart: number, count: number): void {
  reply.buffer.u8.copyWithin(headStart, bodyStart, reply.position);
  reply.position -= bodyStart - headStart;
  const bodyEnd = reply.position;
  reply.array(count);
  putHeadFirst(reply, headStart, bodyEnd);
}
