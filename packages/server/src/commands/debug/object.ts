import { encodingName, NO_SUCH_KEY } from '@kvartz/commands';
import { Encoding, type EntryRef, type Keyspace } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';

/** One line of `name:value`, in Redis's order; there are no pointers and no reference counts to tell of, and lists are not compressed. */
export function debugObject({ db, nowMs, reply }: ServerContext, args: Args): void {
  const entry = db.peek(args.buffer, args.start[2], args.end[2]);
  if (entry === 0) return reply.error(NO_SUCH_KEY);
  const idleSeconds = Math.floor(db.idleMs(entry) / 1000);
  const lru = (Math.floor(nowMs / 1000) - idleSeconds) % 2 ** 24;
  reply.simple(
    `Value at:0x${entry.toString(16)} refcount:1 encoding:${encodingName(db.encodingOf(entry))} serializedlength:${db.memoryOf(entry)} ` +
      `lru:${lru} lru_seconds_idle:${idleSeconds}${listText(db, entry)}`,
  );
}

/** Of a quicklist: its packs. */
function listText(db: Keyspace, entry: EntryRef): string {
  if (db.encodingOf(entry) !== Encoding.quicklist) return '';
  const { packs, packBytes } = db.lists.shapeOf(entry);
  const average = (db.countOf(entry) / packs).toFixed(2);
  return (
    ` ql_nodes:${packs} ql_avg_node:${average} ql_listpack_max:${db.limits.listMaxListpackSize} ql_compressed:0` +
    ` ql_uncompressed_size:${packBytes}`
  );
}
