import { allCommandFacts, type CommandFacts, defineCommands } from '@kvartz/commands';
import { ByteBuffer, latin1Bytes } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { type Client, Gate } from '../client.ts';
import type { ServerContext } from '../context.ts';
import type { Kernel } from '../kernel.ts';
import { runCommand } from '../run-command.ts';
import { byteStringAt } from './byte-string-argument.ts';

export const transactionCommands = defineCommands<ServerContext>([
  {
    name: 'multi',
    summary: 'Begins a transaction.',
    complexity: 'O(1)',
    facts: withoutNoMulti('multi'),
    run: multi,
  },
  {
    name: 'exec',
    summary: 'Runs the commands of the transaction.',
    complexity: 'Depends on commands in the transaction',
    run: exec,
  },
  {
    name: 'discard',
    summary: 'Drops the transaction.',
    complexity: 'O(N) where N is the number of queued commands',
    run: discard,
  },
  {
    name: 'watch',
    summary: 'Lets EXEC do nothing when one of the keys has changed by then.',
    complexity: 'O(1) for every key',
    facts: withoutNoMulti('watch'),
    run: watch,
  },
  { name: 'unwatch', summary: 'Forgets the watched keys.', complexity: 'O(1)', run: unwatch },
]);

/**
 * Redis 7 runs MULTI and WATCH inside a transaction, and they answer an error of their own that does not spoil it. The
 * facts are of a later level, which refuses them as it does SHUTDOWN.
 */
function withoutNoMulti(name: string): CommandFacts {
  const facts = allCommandFacts.get(name) as CommandFacts;
  return { ...facts, command_flags: (facts.command_flags ?? []).filter((flag) => flag !== 'NO_MULTI') };
}

function multi({ client, reply }: ServerContext): void {
  if (client.transaction !== undefined) return reply.error('ERR MULTI calls can not be nested');
  client.transaction = { queue: [], isAborted: false, argBytes: 0, hasWrite: false };
  client.setGate(Gate.multi, true);
  reply.ok();
}

function discard({ client, kernel, reply }: ServerContext): void {
  if (client.transaction === undefined) return reply.error('ERR DISCARD without MULTI');
  kernel.discardTransaction(client);
  reply.ok();
}

function exec(context: ServerContext): void {
  const { client, kernel, reply } = context;
  const { transaction } = client;
  if (transaction === undefined) return reply.error('ERR EXEC without MULTI');
  expireWatched(kernel, client);
  const { isWatchBroken } = client;
  kernel.discardTransaction(client);
  if (transaction.isAborted) return reply.error('EXECABORT Transaction discarded because of previous errors.');
  if (isWatchBroken) return reply.nullArray();

  reply.array(transaction.queue.length);
  kernel.effects.beginTransaction();
  context.isInExec = true;
  for (const { command, args } of transaction.queue) {
    runCommand(kernel, client, command, args);
    if ((client.gates & Gate.tracking) !== 0) kernel.tracking.remember(client, command, args);
  }
  context.isInExec = false;
  kernel.effects.endTransaction();
  // What it did is what its commands have said; EXEC itself is nothing to repeat.
  context.effects = [];
}

/** A watched key that has expired has changed, though nobody has looked for it since. */
function expireWatched({ databases }: Kernel, client: Client): void {
  for (const { dbIndex, key } of client.watched) {
    const bytes = ByteBuffer.from(latin1Bytes(key));
    databases[dbIndex].peek(bytes, 0, bytes.sizeBytes);
  }
}

function watch({ client, db, dbIndex, kernel, reply }: ServerContext, args: Args): void {
  if (client.transaction !== undefined) return reply.error('ERR WATCH inside MULTI is not allowed');
  for (let i = 1; i < args.count; i++) {
    // A key that has expired by now is absent, and does not change when it is removed.
    db.peek(args.buffer, args.start[i], args.end[i]);
    kernel.watches.watch(client, dbIndex, byteStringAt(args, i));
  }
  kernel.observers.refresh();
  reply.ok();
}

function unwatch({ client, kernel, reply }: ServerContext): void {
  kernel.watches.unwatch(client);
  kernel.observers.refresh();
  reply.ok();
}
