import { NO_SUCH_KEY, textAt } from '@kvartz/commands';
import { Encoding } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';

/** DEBUG LISTPACK key: what there is to say of a value that is one listpack goes to the log, as Redis's to its output. */
export function listpack({ db, kernel, reply }: ServerContext, args: Args): void {
  const entry = db.peek(args.buffer, args.start[2], args.end[2]);
  if (entry === 0) return reply.error(NO_SUCH_KEY);
  const encoding = db.encodingOf(entry);
  if (encoding !== Encoding.listpack && encoding !== Encoding.listpackex) {
    return reply.error('ERR Not a listpack encoded object.');
  }
  kernel.log.notice(
    `listpack of ${textAt(args, 2)}: ${db.countOf(entry)} elements, ${db.memoryOf(entry)} bytes in all`,
  );
  reply.simple('Listpack structure printed on stdout');
}

/** DEBUG QUICKLIST-PACKED-THRESHOLD bytes: from what size an element is kept alone is fixed here. */
export function quicklistPackedThreshold({ reply }: ServerContext): void {
  reply.ok();
}
