import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { LIMIT_NEGATIVE, MORE_KEYS_THAN_ARGS, NUMKEYS_NOT_POSITIVE, SYNTAX_ERROR } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { countOutput, type Output, replyOutput, storeOutput } from './output.ts';
import { sources } from './sources.ts';

/** SINTER key [key ...]. */
export function sinter(context: CommandContext, args: Args): void {
  if (!sources.find(context, args, 1, args.count - 1)) return;
  const output = replyOutput.begin(context);
  intersect(context, output);
  output.end();
}

/** SINTERSTORE destination key [key ...]. */
export function sinterstore(context: CommandContext, args: Args): void {
  if (!sources.find(context, args, 2, args.count - 2)) return;
  const output = storeOutput.begin(context);
  intersect(context, output);
  output.end(args, KeyEvents.setInterStore);
}

/** SINTERCARD numkeys key [key ...] [LIMIT limit]; a limit of 0 is none. */
export function sintercard(context: CommandContext, args: Args): void {
  const { reply } = context;
  const keyCount = integerAt(args, 1);
  if (!(keyCount >= 1)) return reply.error(NUMKEYS_NOT_POSITIVE);
  if (keyCount > args.count - 2) return reply.error(MORE_KEYS_THAN_ARGS);
  let limit = 0;
  for (let i = 2 + keyCount; i < args.count; i += 2) {
    if (i + 1 === args.count || !isKeyword(args, i, 'limit')) return reply.error(SYNTAX_ERROR);
    limit = integerAt(args, i + 1);
    if (!(limit >= 0)) return reply.error(LIMIT_NEGATIVE);
  }
  if (!sources.find(context, args, 2, keyCount)) return;
  const output = countOutput.begin(limit === 0 ? Infinity : limit);
  intersect(context, output);
  reply.integer(output.count);
}

/** The members of the smallest set that are in all others, which are asked from the smallest on. */
function intersect(context: CommandContext, output: Output): void {
  if (sources.missing > 0) return;
  sources.sortByRising(context);
  const { sets } = context.db;
  const batch = sets.batches(sources.at(0));
  while (batch.next()) {
    for (let i = 1; i < sources.count && batch.count > 0; i++) sets.keep(sources.at(i), true);
    if (!output.take(batch)) return;
  }
}
