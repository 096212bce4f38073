import type { CommandContext } from './context.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

export const sortedSetCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([]);
