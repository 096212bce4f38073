import { AssertionError } from '@kvartz/base';
import { type Args, ReplyBufferError } from '@kvartz/resp';
import { type Client, Gate } from './client.ts';
import type { ServerContext } from './context.ts';
import type { Kernel } from './kernel.ts';
import type { ServerCommand } from './table.ts';

/** Runs a command that has passed the gates. */
export function runCommand(kernel: Kernel, client: Client, command: ServerCommand, args: Args): void {
  const context = kernel.context;
  const reply = context.reply;
  enterCommand(context, client);
  client.lastCommand = command.name;
  const dirty = context.dirty;
  const errorCount = reply.errorCount;
  const processed = ++kernel.stats.commandsProcessed;
  command.calls++;
  if (
    command.isTimed ||
    args.count > manyArgs ||
    (processed & (sampleEvery - 1)) === 0 ||
    (kernel.gates & Gate.timed) !== 0
  ) {
    runTimed(kernel, client, command, args);
  } else command.run!(context, args);
  if (reply.errorCount !== errorCount) {
    command.failedCalls++;
    kernel.stats.noteErrors(reply);
  }
  if (kernel.effects.sink !== undefined && (context.dirty !== dirty || context.effects !== undefined)) {
    kernel.effects.record(context, args);
  }
}

/** What the command that runs next is to see. */
export function enterCommand(context: ServerContext, client: Client): void {
  context.client = client;
  // Not kept by the client: SWAPDB changes which keyspace an index means.
  context.db = context.databases[client.dbIndex];
  context.dbIndex = client.dbIndex;
  context.effects = undefined;
  context.reply.protocol = client.protocol;
}

/**
 * Reading the clock costs as much as a tenth of a pipelined GET, so commands that are always quick are timed now and
 * then, each sample standing for all; those that can take long are timed each time, for the slow log.
 */
const sampleEvery = 64;
const manyArgs = 64;
/** After so long the time that a turn goes by is out of date. */
const longUsec = 1000;

function runTimed(kernel: Kernel, client: Client, command: ServerCommand, args: Args): void {
  const clock = kernel.env.clock;
  const startMs = clock.monotonicMs();
  try {
    command.run!(kernel.context, args);
  } catch (error) {
    answerBug(kernel, command, error);
  }
  const usec = Math.round((clock.monotonicMs() - startMs) * 1000);
  if (usec > longUsec) kernel.refreshTime();
  const isAlone = command.isTimed || args.count > manyArgs || (kernel.gates & Gate.timed) !== 0;
  command.usec += isAlone ? usec : usec * sampleEvery;
  if (!command.isSlowlogSkipped) kernel.slowlog.offer(command.name, args, usec, kernel.nowMs, client);
}

/** A bug is an assertion and ends the process: what it would do next nobody knows. */
export function answerBug(kernel: Kernel, command: ServerCommand, error: unknown): never {
  if (error instanceof ReplyBufferError) throw error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  kernel.log.warning(`BUG in ${command.name}: ${text}`);
  throw error instanceof AssertionError ? error : new AssertionError(`${command.name}: ${text}`);
}

/** Answers a request that is not run; inside MULTI it spoils the transaction, and an EXEC that is refused ends it. */
export function refuse(kernel: Kernel, client: Client, command: ServerCommand | undefined, reason: string): void {
  let text = reason;
  if (command?.name === 'exec') {
    kernel.discardTransaction(client);
    text = `EXECABORT Transaction discarded because of: ${reason.replace(/^ERR /, '')}`;
  } else if (client.transaction !== undefined) client.transaction.isAborted = true;
  answerRefused(kernel, client, command, text);
}

/** The answer to a request that is not run, as it is. */
export function answerRefused(kernel: Kernel, client: Client, command: ServerCommand | undefined, text: string): void {
  if (command !== undefined) command.rejectedCalls++;
  kernel.context.reply.protocol = client.protocol;
  const before = kernel.context.reply.position;
  kernel.context.reply.error(text);
  if ((client.gates & Gate.silent) !== 0) kernel.context.reply.position = before;
  kernel.stats.noteErrors(kernel.context.reply);
}
