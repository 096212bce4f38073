import { integerAt, isKeyword, SYNTAX_ERROR, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { type Client, Halt } from '../../client.ts';
import type { ServerContext } from '../../context.ts';
import { type ClientType, isOfType, parseClientType } from './line.ts';

interface Filter {
  id?: number;
  type?: ClientType;
  remote?: string;
  local?: string;
  user?: string;
  /** Connected for longer than so many seconds. */
  minAgeSeconds?: number;
  skipsMe: boolean;
}

/** CLIENT KILL ip:port, or CLIENT KILL filter value [filter value ...]. */
export function kill(context: ServerContext, args: Args): void {
  const { kernel, reply } = context;
  const isOldForm = args.count === 3;
  const filter = isOldForm ? { remote: textAt(args, 2), skipsMe: false } : parseFilter(context, args);
  if (filter === undefined) return;
  let count = 0;
  for (const client of kernel.clients.values()) {
    if ((client.halts & (Halt.closing | Halt.closed)) !== 0 || !fits(client, filter, context.client)) continue;
    count++;
    // Its own connection gets the reply first.
    if (client === context.client) kernel.closeAfterReply(client);
    else kernel.kill(client);
  }
  if (!isOldForm) reply.integer(count);
  else if (count > 0) reply.ok();
  else reply.error('ERR No such client');
}

function fits(client: Client, filter: Filter, me: Client): boolean {
  if (filter.id !== undefined && client.id !== filter.id) return false;
  if (filter.type !== undefined && !isOfType(client, filter.type)) return false;
  if (filter.remote !== undefined && client.connection.remote !== filter.remote) return false;
  if (filter.local !== undefined && client.connection.local !== filter.local) return false;
  if (filter.user !== undefined && (!client.isAuthenticated || client.user !== filter.user)) return false;
  if (filter.minAgeSeconds !== undefined) {
    const ageMs = client.kernel.monotonicMs - client.createdMs;
    if (ageMs < filter.minAgeSeconds * 1000) return false;
  }
  return client !== me || !filter.skipsMe;
}

/** Undefined when an error was answered. */
function parseFilter({ reply }: ServerContext, args: Args): Filter | undefined {
  const filter: Filter = { skipsMe: true };
  for (let i = 2; i < args.count; i += 2) {
    const error = i + 1 < args.count ? addFilter(filter, args, i) : SYNTAX_ERROR;
    if (error === undefined) continue;
    reply.error(error);
    return undefined;
  }
  return filter;
}

function addFilter(filter: Filter, args: Args, i: number): string | undefined {
  const value = textAt(args, i + 1);
  if (isKeyword(args, i, 'id')) {
    filter.id = integerAt(args, i + 1);
    return filter.id > 0 ? undefined : 'ERR client-id should be greater than 0';
  }
  if (isKeyword(args, i, 'type')) {
    const type = parseClientType(value);
    if (type === undefined) return `ERR Unknown client type '${value}'`;
    filter.type = type;
  } else if (isKeyword(args, i, 'addr')) filter.remote = value;
  else if (isKeyword(args, i, 'laddr')) filter.local = value;
  else if (isKeyword(args, i, 'user')) {
    if (value !== 'default') return `ERR No such user '${value}'`;
    filter.user = value;
  } else if (isKeyword(args, i, 'maxage')) {
    filter.minAgeSeconds = integerAt(args, i + 1);
    if (!(filter.minAgeSeconds > 0)) return 'ERR maxage should be greater than 0';
  } else if (isKeyword(args, i, 'skipme') && isKeyword(args, i + 1, 'yes')) filter.skipsMe = true;
  else if (isKeyword(args, i, 'skipme') && isKeyword(args, i + 1, 'no')) filter.skipsMe = false;
  else return SYNTAX_ERROR;
  return undefined;
}
