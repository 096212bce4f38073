import { integerAt, isKeyword, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import { compatibleVersion } from '../version.ts';
import { authenticate } from './authentication.ts';
import { byteStringAt } from './byte-string-argument.ts';
import { setClientName } from './client/name.ts';

const NOT_AUTHENTICATED =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can ' +
  'be used to authenticate the client and select the RESP protocol version at the same time';

/** HELLO [version [AUTH username password] [SETNAME name]]. */
export function hello(context: ServerContext, args: Args): void {
  const { client, reply } = context;
  let protocol: 2 | 3 = client.protocol;
  if (args.count > 1) {
    const version = integerAt(args, 1);
    if (!Number.isFinite(version)) return reply.error('ERR Protocol version is not an integer or out of range');
    if (version !== 2 && version !== 3) return reply.error('NOPROTO unsupported protocol version');
    protocol = version;
  }
  if (!applyOptions(context, args)) return;
  if (!client.isAuthenticated) return reply.error(NOT_AUTHENTICATED);
  client.protocol = protocol;
  context.kernel.pubSub.refreshGate(client);
  reply.protocol = protocol;
  replyGreeting(context);
}

/** In their order; what comes before a faulty one stays done, as in Redis. */
function applyOptions(context: ServerContext, args: Args): boolean {
  for (let i = 2; i < args.count; i++) {
    const isLast = i + 1 >= args.count;
    if (isKeyword(args, i, 'auth') && i + 2 < args.count) {
      if (!authenticate(context, byteStringAt(args, i + 1), args, i + 2)) return false;
      i += 2;
    } else if (isKeyword(args, i, 'setname') && !isLast) {
      if (!setClientName(context, args, i + 1)) return false;
      i += 1;
    } else {
      context.reply.error(`ERR Syntax error in HELLO option '${textAt(args, i)}'`);
      return false;
    }
  }
  return true;
}

function replyGreeting({ client, kernel, reply }: ServerContext): void {
  reply.map(7);
  reply.bulkText('server');
  reply.bulkText('redis');
  reply.bulkText('version');
  reply.bulkText(compatibleVersion);
  reply.bulkText('proto');
  reply.integer(client.protocol);
  reply.bulkText('id');
  reply.integer(client.id);
  reply.bulkText('mode');
  reply.bulkText(kernel.config.clusterEnabled ? 'cluster' : 'standalone');
  reply.bulkText('role');
  reply.bulkText('master');
  reply.bulkText('modules');
  reply.array(0);
}
