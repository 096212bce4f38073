import { defineCommands, integerAt, wrongArity, DB_OUT_OF_RANGE, NOT_INT32, NOT_INTEGER } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { Gate } from '../client.ts';
import type { ServerContext } from '../context.ts';
import { auth } from './authentication.ts';
import { hello } from './hello.ts';

export const connectionCommands = defineCommands<ServerContext>([
  {
    name: 'auth',
    summary: 'Proves who the client is.',
    complexity: 'O(1) for a user without further rules',
    run: auth,
  },
  {
    name: 'hello',
    summary: 'Chooses the version of the protocol and tells about the server.',
    complexity: 'O(1)',
    run: hello,
  },
  { name: 'ping', summary: 'Answers PONG, or what it was given.', complexity: 'O(1)', run: ping },
  { name: 'echo', summary: 'Answers what it was given.', complexity: 'O(1)', run: echo },
  { name: 'select', summary: 'Chooses the database of this connection.', complexity: 'O(1)', run: select },
  { name: 'quit', summary: 'Closes the connection.', complexity: 'O(1)', run: quit },
  { name: 'reset', summary: 'Brings the connection back to the state of a new one.', complexity: 'O(1)', run: reset },
]);

function ping({ client, reply }: ServerContext, args: Args): void {
  if (args.count > 2) reply.error(wrongArity('ping'));
  else if ((client.gates & Gate.subscribed) !== 0) {
    // Among messages an answer looks like one.
    reply.array(2);
    reply.bulkText('pong');
    if (args.count === 2) reply.bulk(args.buffer, args.start[1], args.end[1]);
    else reply.bulkText('');
  } else if (args.count === 2) reply.bulk(args.buffer, args.start[1], args.end[1]);
  else reply.pong();
}

function echo({ reply }: ServerContext, args: Args): void {
  reply.bulk(args.buffer, args.start[1], args.end[1]);
}

function select({ client, databases, isClusterEnabled, reply }: ServerContext, args: Args): void {
  const index = integerAt(args, 1);
  if (Number.isNaN(index)) return reply.error(NOT_INTEGER);
  if (index < -(2 ** 31) || index > 2 ** 31 - 1) return reply.error(NOT_INT32);
  if (isClusterEnabled && index !== 0) return reply.error('ERR SELECT is not allowed in cluster mode');
  if (index < 0 || index >= databases.length) return reply.error(DB_OUT_OF_RANGE);
  client.select(index);
  reply.ok();
}

function quit({ client, kernel, reply }: ServerContext): void {
  reply.ok();
  kernel.closeAfterReply(client);
}

function reset({ client, kernel, reply }: ServerContext): void {
  kernel.discardTransaction(client);
  kernel.pubSub.forget(client);
  kernel.tracking.disable(client);
  kernel.monitors.remove(client);
  client.select(0);
  client.protocol = 2;
  client.name = '';
  client.replyMode = 'on';
  client.setGate(Gate.silent, false);
  client.isNoEvict = false;
  client.isNoTouch = false;
  client.setGate(Gate.noTouch, false);
  client.isReadonly = false;
  client.setGate(Gate.asking, false);
  client.user = 'default';
  kernel.admission.deauthenticated(client);
  reply.protocol = 2;
  reply.simple('RESET');
}
