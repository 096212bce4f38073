import type { CommandContext } from './context.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

export const geoCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([]);
