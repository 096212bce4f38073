import { PayloadWriter } from '@kvartz/persistence';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { keyToRead } from '../lookup.ts';

const payloads = new PayloadWriter();

/** DUMP key: the value in the form that RESTORE takes. */
export function dump(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = keyToRead(context, args, 1);
  if (entry === 0) return reply.null();
  payloads.write(db, entry);
  reply.bulk(payloads.buffer, 0, payloads.end);
  payloads.release();
}
