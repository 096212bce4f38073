import { ReplyError } from '@kvartz/resp';

/** A reply as tests write it: errors as `-text`, aggregates as arrays. */
export function shown(reply: unknown): unknown {
  if (reply instanceof ReplyError) return `-${reply.message}`;
  if (reply instanceof Map) return [...reply].flat().map(shown);
  if (reply instanceof Set) return [...reply].map(shown);
  return Array.isArray(reply) ? reply.map(shown) : reply;
}
