import { bitmapCommands } from './bitmaps.ts';
import { blockingCommands } from './blocking.ts';
import type { CommandContext } from './context.ts';
import { expiryCommands } from './expiry.ts';
import { geoCommands } from './geo.ts';
import { hashCommands } from './hashes.ts';
import { hyperloglogCommands } from './hyperloglog.ts';
import { databaseCommands, keyCommands } from './keys.ts';
import { listCommands } from './lists.ts';
import { setCommands } from './sets.ts';
import { sortCommands } from './sort.ts';
import { sortedSetCommands } from './sorted-sets.ts';
import type { CommandSpec } from './spec.ts';
import { streamGroupCommands } from './stream-groups.ts';
import { streamCommands } from './streams.ts';
import { stringCommands } from './strings.ts';

/** Every command on keys and values, whatever server runs it. */
export const dataCommands: readonly CommandSpec<CommandContext>[] = [
  ...stringCommands,
  ...bitmapCommands,
  ...hashCommands,
  ...listCommands,
  ...setCommands,
  ...sortedSetCommands,
  ...streamCommands,
  ...geoCommands,
  ...hyperloglogCommands,
  ...blockingCommands,
  ...streamGroupCommands,
  ...sortCommands,
  ...keyCommands,
  ...databaseCommands,
  ...expiryCommands,
];
