import type { CommandContext } from './context.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

export const listCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([]);
