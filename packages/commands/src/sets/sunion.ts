import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { type Output, replyOutput, storeOutput, type StoreOutput } from './output.ts';
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
  addAll(context, output);
  output.end(args, KeyEvents.setUnionStore);
}

function compare(context: CommandContext, output: Output): void {
  for (let i = 0; i < sources.count; i++) {
    const batch = context.db.sets.batches(sources.at(i));
    while (batch.next()) {
      sources.dropThoseOf(context, 0, i, batch);
      output.take(batch);
    }
  }
}

/** False: no memory. */
function build(context: CommandContext, output: Output): boolean {
  const { sets } = context.db;
  const isDone = sources.unite(context, 0);
  if (isDone) for (const batch = sets.scratchBatches(); batch.next();) output.take(batch);
  sets.scratch.free();
  return isDone;
}

/** Those that are in several sets as often. */
function addAll(context: CommandContext, output: StoreOutput): void {
  for (let i = 0; i < sources.count; i++) {
    const walk = context.db.sets.walk(sources.at(i));
    while (walk.next()) if (!output.add(walk)) return;
  }
}
