import { latin1Bytes } from '@kvartz/base';
import { isKeyword, matchGlob, SYNTAX_ERROR, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import type { ServerCommand } from '../../table.ts';

export function count({ kernel, reply }: ServerContext): void {
  reply.integer(kernel.table.count);
}

/** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN glob]: subcommands are listed too. */
export function list({ kernel, reply }: ServerContext, args: Args): void {
  const fits = filterOf(args);
  if (fits === undefined) return reply.error(SYNTAX_ERROR);
  const names: string[] = [];
  const visit = (command: ServerCommand): void => {
    if (fits(command)) names.push(command.name);
    for (const subcommand of command.subcommands?.values() ?? []) visit(subcommand);
  };
  for (const command of kernel.table.all()) visit(command);
  reply.array(names.length);
  for (const name of names) reply.bulkText(name);
}

type Filter = (command: ServerCommand) => boolean;

function filterOf(args: Args): Filter | undefined {
  if (args.count === 2) return () => true;
  if (args.count !== 5 || !isKeyword(args, 2, 'filterby')) return undefined;
  const value = textAt(args, 4);
  if (isKeyword(args, 3, 'module')) return () => false;
  if (isKeyword(args, 3, 'aclcat')) {
    const category = value.toLowerCase();
    return ({ spec }) => spec.categories.includes(category);
  }
  if (!isKeyword(args, 3, 'pattern')) return undefined;
  const { u8 } = args.buffer;
  return ({ name }) => {
    const bytes = latin1Bytes(name);
    return matchGlob(u8, args.start[4], args.end[4], bytes, 0, bytes.length, true);
  };
}
