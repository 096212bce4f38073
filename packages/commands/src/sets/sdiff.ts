import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { type Output, replyOutput, storeOutput } from './output.ts';
import { sources } from './sources.ts';

/** Adding a member to a set costs about as much as so many lookups. */
const additionCost = 4;

/** SDIFF key [key ...]. */
export function sdiff(context: CommandContext, args: Args): void {
  if (!sources.find(context, args, 1, args.count - 1)) return;
  const output = replyOutput.begin(context);
  subtract(context, output);
  output.end();
}

/** SDIFFSTORE destination key [key ...]. */
export function sdiffstore(context: CommandContext, args: Args): void {
  if (!sources.find(context, args, 2, args.count - 2)) return;
  const output = storeOutput.begin(context);
  subtract(context, output);
  output.end(args, KeyEvents.setDiffStore);
}

/**
 * The members of the first set that are in no other. Either each is looked up in one set after another, the largest first
 * (half of them, if it is found at all); or, when many small sets are taken from a large one, in their union.
 */
function subtract(context: CommandContext, output: Output): void {
  if (!sources.hasFirst) return;
  const { sets } = context.db;
  const size = context.db.countOf(sources.at(0));
  const others = sources.count - 1;
  const isUnionCheaper = sources.sizes(context, 1) * additionCost + size < (size * others) / 2;
  const isUnited = isUnionCheaper && sources.unite(context, 1);
  if (!isUnited) {
    sets.scratch.free();
    sources.sortByFalling(context, 1);
  }
  const batch = sets.batches(sources.at(0));
  while (batch.next()) {
    if (isUnited) sets.scratch.keepOthers(batch);
    else sources.dropThoseOf(context, 1, sources.count, batch);
    if (!output.take(batch)) break;
  }
  sets.scratch.free();
}
