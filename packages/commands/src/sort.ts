import type { CommandContext } from './context.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

export const sortCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([]);
