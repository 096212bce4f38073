import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { type Output, replyOutput, storeOutput } from './output.ts';
import { sources } from './sources.ts';

/** Up to so many sets each member is looked up in those before its own; of more the union is built in memory. */
const comparedMax = 6;

/** SUNION key [key ...]. */
export function sunion(context: CommandContext, args: Args): void {
  if (!sources.find(context, args, 1, args.count - 1)) return;
  const output = replyOutput.begin(context);
  if (sources.count <= comparedMax) compare(context, output);
  else if (!build(context, output)) return output.refuse();
  output.end();
}

/** SUNIONSTORE destination key [key ...]. */
export function sunionstore(context: CommandContext, args: Args): void {
  if (!sources.find(context, args, 2, args.count - 2)) return;
  const output = storeOutput.begin(context);
  takeAll(context, output);
  output.end(args, KeyEvents.setUnionStore);
}

function compare(context: CommandContext, output: Output): void {
  for (let i = 0; i < sources.count; i++) {
    const walk = context.db.sets.walk(sources.at(i));
    while (walk.next()) if (sources.isNoneWith(context, walk, 0, i)) output.take(walk);
  }
}

/** False: no memory. */
function build(context: CommandContext, output: Output): boolean {
  const { scratch } = context.db.sets;
  const isDone = sources.unite(context, 0);
  if (isDone) for (const walk = scratch.walk(); walk.next();) output.take(walk);
  scratch.free();
  return isDone;
}

/** Hands over the members of all sets, those that are in several as often. */
function takeAll(context: CommandContext, output: Output): void {
  for (let i = 0; i < sources.count; i++) {
    const walk = context.db.sets.walk(sources.at(i));
    while (walk.next()) if (!output.take(walk)) return;
  }
}
