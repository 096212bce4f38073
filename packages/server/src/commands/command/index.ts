import { defineCommands } from '@kvartz/commands';
import type { ServerContext } from '../../context.ts';
import { replyHelp } from '../help.ts';
import { docs } from './docs.ts';
import { all, info } from './info.ts';
import { getkeys, getkeysandflags } from './keys.ts';
import { count, list } from './list.ts';

const perCommand = 'O(N) where N is the number of commands asked for';

export const commandCommands = defineCommands<ServerContext>([
  {
    name: 'command',
    summary: 'Tells about all commands.',
    complexity: 'O(N) where N is the number of commands',
    run: all,
  },
  { name: 'command|count', summary: 'How many commands there are.', complexity: 'O(1)', run: count },
  { name: 'command|docs', summary: 'The documentation of commands.', complexity: perCommand, run: docs },
  {
    name: 'command|getkeys',
    summary: 'The keys of a request.',
    complexity: 'O(N) where N is the number of arguments',
    run: getkeys,
  },
  {
    name: 'command|getkeysandflags',
    summary: 'The keys of a request, and what it does with them.',
    complexity: 'O(N) where N is the number of arguments',
    run: getkeysandflags,
  },
  { name: 'command|help', summary: 'Tells about the subcommands.', complexity: 'O(1)', run: help },
  { name: 'command|info', summary: 'Arity, flags and keys of commands.', complexity: perCommand, run: info },
  {
    name: 'command|list',
    summary: 'The names of the commands.',
    complexity: 'O(N) where N is the number of commands',
    run: list,
  },
]);

function help(context: ServerContext): void {
  replyHelp(context, 'COMMAND', [
    '(no subcommand)',
    '    Return arity, flags and keys of all commands.',
    'COUNT',
    '    Return how many commands there are.',
    'DOCS [<command-name> ...]',
    '    Return the documentation of the commands named, or of all.',
    'GETKEYS <full-command>',
    '    Return the keys of a request.',
    'GETKEYSANDFLAGS <full-command>',
    '    Return the keys of a request, and what it does with each.',
    'INFO [<command-name> ...]',
    '    Return arity, flags and keys of the commands named, or of all.',
    'LIST [FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <pattern>)]',
    '    Return the names of all commands, or of those that fit.',
  ]);
}
