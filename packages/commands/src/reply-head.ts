import type { ReplyWriter } from '@kvartz/resp';

const head = new Uint8Array(128);

/**
 * Turns round the two halves of a reply: the body, which was written first because its length was not known, and the head
 * after it, from `headStart` on (128 bytes at most): `*<count>` and the like.
 */
export function putHeadFirst(reply: ReplyWriter, bodyStart: number, headStart: number): void {
  const { u8 } = reply.buffer;
  const headBytes = reply.position - headStart;
  for (let i = 0; i < headBytes; i++) head[i] = u8[headStart + i];
  u8.copyWithin(bodyStart + headBytes, bodyStart, headStart);
  for (let i = 0; i < headBytes; i++) u8[bodyStart + i] = head[i];
}
