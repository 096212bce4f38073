import { dataCommands } from '@kvartz/commands';
import { serverCommands } from './commands/index.ts';
import { clusterCommands } from './cluster/index.ts';
import type { RenamedCommand } from './config/index.ts';
import { CommandTable } from './table.ts';

/** Every command of a node. */
export function serverTable(renamed: readonly RenamedCommand[] = []): CommandTable {
  return new CommandTable([...dataCommands, ...serverCommands, ...clusterCommands], renamed);
}
