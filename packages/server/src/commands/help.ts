import type { ServerContext } from '../context.ts';

/** HELP of a container, in Redis's layout: a line of usage, the lines given, and HELP itself. */
export function replyHelp(context: ServerContext, container: string, lines: readonly string[]): void {
  const { reply } = context;
  reply.array(lines.length + 3);
  reply.simple(`${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (const line of lines) reply.simple(line);
  reply.simple('HELP');
  reply.simple('    Prints this help.');
}
