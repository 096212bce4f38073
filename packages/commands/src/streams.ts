import type { CommandContext } from './context.ts';
import { type CommandSpec, defineCommands } from './spec.ts';
import { xadd } from './streams/xadd.ts';
import { xdel, xlen } from './streams/xdel.ts';
import { xinfoHelp, xinfoStream } from './streams/xinfo.ts';
import { xinfoConsumers, xinfoGroups } from './streams/xinfo-groups.ts';
import { xrange, xrevrange } from './streams/xrange.ts';
import { xread } from './streams/xread.ts';
import { xsetid } from './streams/xsetid.ts';
import { xtrim } from './streams/xtrim.ts';

export const streamCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([
  {
    name: 'xadd',
    summary: 'Appends an entry to a stream, and trims it if asked to; creates the stream when it is not there.',
    complexity: 'O(1), and O(n) in the number of entries trimmed',
    run: xadd,
  },
  {
    name: 'xdel',
    summary: 'Removes entries by their IDs.',
    complexity: 'O(log n) for each ID',
    run: xdel,
  },
  { name: 'xinfo', summary: 'Commands that tell about streams.', complexity: 'Depends on subcommand.' },
  {
    name: 'xinfo|consumers',
    summary: 'Tells about the consumers of a group.',
    complexity: 'O(n) in the number of consumers',
    run: xinfoConsumers,
  },
  {
    name: 'xinfo|groups',
    summary: 'Tells about the groups of a stream.',
    complexity: 'O(n) in the number of groups',
    run: xinfoGroups,
  },
  { name: 'xinfo|help', summary: 'Tells about the subcommands.', complexity: 'O(1)', run: xinfoHelp },
  {
    name: 'xinfo|stream',
    summary: 'Tells about a stream.',
    complexity: 'O(log n)',
    run: xinfoStream,
  },
  { name: 'xlen', summary: 'Gives the number of entries.', complexity: 'O(1)', run: xlen },
  {
    name: 'xrange',
    summary: 'Gives the entries between two IDs.',
    complexity: 'O(log n + m) in the number of entries, and of those given',
    run: xrange,
  },
  {
    name: 'xread',
    summary: 'Gives the entries of several streams above an ID of each; waits for some.',
    complexity: 'O(log n + m) for each stream, in the number of entries, and of those given',
    run: xread,
  },
  {
    name: 'xrevrange',
    summary: 'Gives the entries between two IDs, the last first.',
    complexity: 'O(log n + m) in the number of entries, and of those given',
    run: xrevrange,
  },
  {
    name: 'xsetid',
    summary: "Sets a stream's last ID, and what it remembers of entries that are gone.",
    complexity: 'O(log n)',
    run: xsetid,
  },
  {
    name: 'xtrim',
    summary: 'Removes the first entries of a stream, down to a length or up to an ID.',
    complexity: 'O(n) in the number of entries trimmed',
    run: xtrim,
  },
]);
