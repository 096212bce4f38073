import { encodingName, NO_SUCH_KEY } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';

/** One line of `name:value`, in Redis's order; there are no pointers and no reference counts to tell of. */
export function debugObject({ db, nowMs, reply }: ServerContext, args: Args): void {
  const entry = db.peek(args.buffer, args.start[2], args.end[2]);
  if (entry === 0) return reply.error(NO_SUCH_KEY);
  const idleSeconds = Math.floor(db.idleMs(entry) / 1000);
  const lru = (Math.floor(nowMs / 1000) - idleSeconds) % 2 ** 24;
  reply.simple(
    `Value at:0x${entry.toString(16)} refcount:1 encoding:${encodingName(db.encodingOf(entry))} serializedlength:${db.memoryOf(entry)} ` +
      `lru:${lru} lru_seconds_idle:${idleSeconds}`,
  );
}
