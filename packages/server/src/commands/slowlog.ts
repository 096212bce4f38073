import { defineCommands, integerAt, textAt, wrongSubcommandArity } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import { replyHelp } from './help.ts';

export const slowlogCommands = defineCommands<ServerContext>([
  { name: 'slowlog', summary: 'Commands about the log of slow commands.', complexity: 'Depends on subcommand.' },
  {
    name: 'slowlog|get',
    summary: 'The last slow commands.',
    complexity: 'O(N) where N is the number of entries returned',
    run: get,
  },
  { name: 'slowlog|len', summary: 'How many slow commands the log holds.', complexity: 'O(1)', run: len },
  {
    name: 'slowlog|reset',
    summary: 'Empties the log of slow commands.',
    complexity: 'O(N) where N is the number of entries',
    run: reset,
  },
  { name: 'slowlog|help', summary: 'Tells about the subcommands.', complexity: 'O(1)', run: help },
]);

const DEFAULT_COUNT = 10;

function get({ kernel, reply }: ServerContext, args: Args): void {
  if (args.count > 3) return reply.error(wrongSubcommandArity('SLOWLOG', textAt(args, 1)));
  const count = args.count === 3 ? integerAt(args, 2) : DEFAULT_COUNT;
  if (!(count >= -1)) return reply.error('ERR count should be greater than or equal to -1');
  const all = kernel.slowlog.entries;
  const entries = count === -1 ? all : all.slice(0, count);
  reply.array(entries.length);
  for (const entry of entries) {
    reply.array(6);
    reply.integer(entry.id);
    reply.integer(entry.unixSeconds);
    reply.integer(entry.usec);
    reply.array(entry.args.length);
    for (const argument of entry.args) reply.bulkBytes(argument);
    reply.bulkText(entry.remote);
    reply.bulkText(entry.clientName);
  }
}

function len({ kernel, reply }: ServerContext): void {
  reply.integer(kernel.slowlog.entries.length);
}

function reset({ kernel, reply }: ServerContext): void {
  kernel.slowlog.reset();
  reply.ok();
}

function help(context: ServerContext): void {
  replyHelp(context, 'SLOWLOG', [
    'GET [<count>]',
    '    Return the last <count> slow commands (default: 10, -1: all), each as',
    '    id, unix time, microseconds, arguments, client address and client name.',
    'LEN',
    '    Return the number of entries in the log.',
    'RESET',
    '    Empty the log.',
  ]);
}
