import { ByteBuffer, latin1Bytes, utf8Bytes } from '@kvartz/base';
import { integerAt, KeyEvents, OUT_OF_MEMORY } from '@kvartz/commands';
import { NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import { byteStringAt } from '../byte-string-argument.ts';

const NOT_POSITIVE = 'ERR value is out of range, must be positive';

/** DEBUG POPULATE count [prefix] [size]. Keys that exist stay as they are. */
export function populate(context: ServerContext, args: Args): void {
  const { db, dbIndex, reply } = context;
  const count = integerAt(args, 2);
  const size = args.count > 4 ? integerAt(args, 4) : 0;
  if (!(count >= 0 && count <= 2 ** 31) || !(size >= 0 && size <= context.bulkBytesMax))
    return reply.error(NOT_POSITIVE);
  const prefix = args.count > 3 ? byteStringAt(args, 3) : 'key';
  for (let i = 0; i < count; i++) {
    const key = ByteBuffer.from(latin1Bytes(`${prefix}:${i}`));
    if (db.peek(key, 0, key.sizeBytes) !== 0) continue;
    const text = utf8Bytes(`value:${i}`);
    const value = new ByteBuffer(size === 0 ? text.length : size);
    value.u8.set(text.subarray(0, value.sizeBytes));
    const entry = db.setString(key, 0, key.sizeBytes, value, 0, value.sizeBytes, NO_EXPIRY);
    if (entry === 0) return reply.error(OUT_OF_MEMORY);
    context.touchKey(dbIndex, key, 0, key.sizeBytes, KeyEvents.set);
  }
  // As in Redis: replicas are not told.
  context.propagateNothing();
  reply.ok();
}
