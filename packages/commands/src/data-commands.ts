import { bitmapCommands } from './bitmaps.ts';
import type { CommandContext } from './context.ts';
import { expiryCommands } from './expiry.ts';
import { databaseCommands, keyCommands } from './keys.ts';
import type { CommandSpec } from './spec.ts';
import { stringCommands } from './strings.ts';

/** Every command on keys and values, whatever server runs it. */
export const dataCommands: readonly CommandSpec<CommandContext>[] = [
  ...stringCommands,
  ...bitmapCommands,
  ...keyCommands,
  ...databaseCommands,
  ...expiryCommands,
];
