import { AssertionError } from '@kvartz/base';
import { CommandFlag } from '@kvartz/commands';
import { type Args, ReplyBufferError } from '@kvartz/resp';
import { type Client, Gate } from './client.ts';
import type { ServerContext } from './context.ts';
import type { Kernel } from './kernel.ts';
import { Histogram } from './latency/histogram.ts';
import type { ServerCommand } from './table.ts';

/** Runs a command that has passed the gates. */
export function runCommand(kernel: Kernel, client: Client, command: ServerCommand, args: Args): void {
  const context = kernel.context;
  const reply = context.reply;
  enterCommand(context, client);
  client.lastCommand = command.name;
  const dirty = context.dirty;
  const errorCount = reply.errorCount;
  const position = reply.position;
  const processed = ++kernel.stats.commandsProcessed;
  const calls = ++command.calls;
  if (
    command.isTimed ||
    calls <= firstCalls ||
    args.count > manyArgs ||
    (processed & (sampleEvery - 1)) === 0 ||
    (kernel.gates & Gate.timed) !== 0
  ) {
    const isSample = (processed & (sampleEvery - 1)) === 0 && !command.isTimed && calls > firstCalls;
    runTimed(kernel, client, command, args, isSample && args.count <= manyArgs);
  } else command.run!(context, args);
  if (reply.errorCount !== errorCount) {
    command.failedCalls++;
    kernel.stats.noteErrors(reply);
  }
  if (kernel.effects.isOn && (context.dirty !== dirty || context.effects !== undefined)) {
    kernel.effects.record(context, args);
    if (kernel.ackHold.isOn && !context.isInExec) kernel.ackHold.note(client, position, reply.position);
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
/** So many calls of a command are timed one by one, that what is called seldom has figures, too. */
const firstCalls = 16;
/** After so long the time that a turn goes by is out of date. */
const longUsec = 1000;

/** `isSample`: the time stands for the calls that were not timed. */
function runTimed(kernel: Kernel, client: Client, command: ServerCommand, args: Args, isSample: boolean): void {
  const { clock } = kernel.env;
  const { dbIndex } = client;
  const { reply } = kernel.context;
  const { position } = reply;
  const startMs = clock.monotonicMs();
  try {
    command.run!(kernel.context, args);
  } catch (error) {
    answerBug(kernel, command, error);
  }
  const ms = clock.monotonicMs() - startMs;
  const usec = Math.round(ms * 1000);
  if (usec > longUsec) kernel.refreshTime();
  const weight = isSample && (kernel.gates & Gate.timed) === 0 ? sampleEvery : 1;
  command.usec += usec * weight;
  if (kernel.config.latencyTracking) (command.latency ??= new Histogram()).record(ms * 1_000_000, weight);
  if (!command.isSlowlogSkipped) kernel.slowlog.offer(command.name, args, usec, kernel.nowMs, client);
  kernel.latency.sample((command.flags & CommandFlag.fast) === 0 ? 'command' : 'fast-command', ms, kernel.nowMs);
  if (kernel.hotKeys.isRunning) kernel.hotKeys.record(command, args, ms * 1000, Math.max(0, reply.position - position));
  if (!kernel.monitors.isEmpty) kernel.monitors.show(client, dbIndex, command, args);
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
  if (client.tracking !== undefined && command?.name.startsWith('client|') !== true)
    kernel.tracking.requestOver(client);
  kernel.context.reply.protocol = client.protocol;
  const before = kernel.context.reply.position;
  kernel.context.reply.error(text);
  if ((client.gates & Gate.silent) !== 0) kernel.context.reply.position = before;
  kernel.stats.noteErrors(kernel.context.reply);
}
