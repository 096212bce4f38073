import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyCollector } from './key-collector.ts';

const collector = new KeyCollector();

/** KEYS pattern. */
export function keys(context: CommandContext, args: Args): void {
  collector.begin(context.db, args, 1);
  context.db.forEach(collector.visit);
  collector.write(context.reply);
}

export function randomkey(context: CommandContext): void {
  const { db, reply } = context;
  const entry = db.randomEntry(context.random);
  if (entry === 0) return reply.null();
  const key = db.keyOf(entry);
  reply.bulk(key.buffer, key.start, key.end);
}
