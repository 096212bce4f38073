import { integerAt, isKeyword, SYNTAX_ERROR, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { type Client, Halt } from '../../client.ts';
import type { ServerContext } from '../../context.ts';
import { clientLine, isOfType, parseClientType } from './line.ts';

export function info({ client, kernel, reply }: ServerContext): void {
  reply.verbatim('txt', `${clientLine(client, kernel.monotonicMs)}\n`);
}

/** CLIENT LIST [TYPE type | ID id [id ...]]. */
export function list(context: ServerContext, args: Args): void {
  const { kernel, reply } = context;
  const chosen = choose(context, args);
  if (chosen === undefined) return;
  let text = '';
  for (const client of chosen) {
    if ((client.halts & Halt.closed) === 0) text += `${clientLine(client, kernel.monotonicMs)}\n`;
  }
  reply.verbatim('txt', text);
}

/** Undefined when an error was answered. */
function choose({ kernel, reply }: ServerContext, args: Args): Iterable<Client> | undefined {
  const { clients } = kernel;
  if (args.count === 2) return clients.values();
  if (args.count === 4 && isKeyword(args, 2, 'type')) {
    const type = parseClientType(textAt(args, 3));
    if (type !== undefined) return [...clients.values()].filter((client) => isOfType(client, type));
    reply.error(`ERR Unknown client type '${textAt(args, 3)}'`);
    return undefined;
  }
  if (args.count > 3 && isKeyword(args, 2, 'id')) {
    const found: Client[] = [];
    for (let i = 3; i < args.count; i++) {
      const id = integerAt(args, i);
      if (Number.isNaN(id)) {
        reply.error('ERR Invalid client ID');
        return undefined;
      }
      const client = clients.get(id);
      if (client !== undefined) found.push(client);
    }
    return found;
  }
  reply.error(SYNTAX_ERROR);
  return undefined;
}
