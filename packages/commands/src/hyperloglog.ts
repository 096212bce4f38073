import type { CommandContext } from './context.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

export const hyperloglogCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([]);
