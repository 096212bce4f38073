import type { EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { IS_LFU, NOT_LFU } from '../errors.ts';
import { encodingName } from './names.ts';

export function objectEncoding(context: CommandContext, args: Args): void {
  const entry = findQuietly(context, args);
  if (entry === 0) context.reply.null();
  else context.reply.bulkText(encodingName(context.db.encodingOf(entry)));
}

/** Values are not shared here. */
export function objectRefcount(context: CommandContext, args: Args): void {
  if (findQuietly(context, args) === 0) context.reply.null();
  else context.reply.integer(1);
}

export function objectIdletime(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = findQuietly(context, args);
  if (entry === 0) reply.null();
  else if (db.accessPolicy === 'lfu') reply.error(IS_LFU);
  else reply.integer(Math.floor(db.idleMs(entry) / 1000));
}

export function objectFreq(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = findQuietly(context, args);
  if (entry === 0) reply.null();
  else if (db.accessPolicy !== 'lfu') reply.error(NOT_LFU);
  else reply.integer(db.lfuCounter(entry));
}

/** Asking about a key is no use of it, and that it is not there is no event; but both are counted. */
function findQuietly(context: CommandContext, args: Args): EntryRef {
  const entry = context.db.peek(args.buffer, args.start[2], args.end[2]);
  if (entry === 0) context.keyspaceMisses++;
  else context.keyspaceHits++;
  return entry;
}

const help = [
  'OBJECT <subcommand> [<arg> ...]. Subcommands are:',
  'ENCODING <key>',
  '    How the value of <key> is held in memory: int, embstr, raw, listpack, ...',
  'FREQ <key>',
  '    How often <key> is used, on a logarithmic scale (with an LFU maxmemory policy).',
  'IDLETIME <key>',
  '    Seconds since <key> was last used (without an LFU maxmemory policy).',
  'REFCOUNT <key>',
  '    How many share the value of <key>: always 1.',
  'HELP',
  '    This text.',
];

export function objectHelp(context: CommandContext): void {
  context.reply.array(help.length);
  for (const line of help) context.reply.simple(line);
}
