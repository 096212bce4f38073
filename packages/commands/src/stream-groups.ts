import type { CommandContext } from './context.ts';
import { type CommandSpec, defineCommands } from './spec.ts';
import { xack } from './streams/xack.ts';
import { xautoclaim } from './streams/xautoclaim.ts';
import { xclaim } from './streams/xclaim.ts';
import {
  xgroupCreate,
  xgroupCreateconsumer,
  xgroupDelconsumer,
  xgroupDestroy,
  xgroupHelp,
  xgroupSetid,
} from './streams/xgroup.ts';
import { xpending } from './streams/xpending.ts';
import { xreadgroup } from './streams/xreadgroup.ts';

export const streamGroupCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([
  {
    name: 'xack',
    summary: 'Says that entries have been dealt with: they are pending no longer.',
    complexity: 'O(n log m) in the numbers of IDs and of pending entries',
    run: xack,
  },
  {
    name: 'xautoclaim',
    summary: 'Passes pending entries that have been idle for long to a consumer, as a cursor goes over them.',
    complexity: 'O(n) in the number of entries looked at',
    run: xautoclaim,
  },
  {
    name: 'xclaim',
    summary: 'Passes pending entries to a consumer.',
    complexity: 'O(n log m) in the numbers of IDs and of pending entries',
    run: xclaim,
  },
  { name: 'xgroup', summary: 'Commands about consumer groups.', complexity: 'Depends on subcommand.' },
  {
    name: 'xgroup|create',
    summary: 'Makes a group.',
    complexity: 'O(log n) in the number of groups',
    run: xgroupCreate,
  },
  {
    name: 'xgroup|createconsumer',
    summary: 'Makes a consumer.',
    complexity: 'O(log n) in the number of consumers',
    run: xgroupCreateconsumer,
  },
  {
    name: 'xgroup|delconsumer',
    summary: 'Removes a consumer, and forgets what was pending for it.',
    complexity: 'O(n log m) in the numbers of its pending entries and of those of the group',
    run: xgroupDelconsumer,
  },
  {
    name: 'xgroup|destroy',
    summary: 'Removes a group.',
    complexity: 'O(1); what it holds is freed later, bit by bit',
    run: xgroupDestroy,
  },
  { name: 'xgroup|help', summary: 'Tells about the subcommands.', complexity: 'O(1)', run: xgroupHelp },
  {
    name: 'xgroup|setid',
    summary: 'Lets a group go on behind another entry.',
    complexity: 'O(log n) in the number of groups',
    run: xgroupSetid,
  },
  {
    name: 'xpending',
    summary: 'Tells about entries that were delivered and not acknowledged.',
    complexity: 'O(log m + n) in the numbers of pending entries and of those looked at',
    run: xpending,
  },
  {
    name: 'xreadgroup',
    summary: 'Gives a consumer entries that no other one of its group has; waits for some.',
    complexity: 'O(n log m) in the numbers of entries given and of pending entries',
    run: xreadgroup,
  },
]);
