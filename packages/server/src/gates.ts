import { CommandFlag } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { type Client, Gate, type Transaction } from './client.ts';
import { answerRefused, refuse, runCommand } from './run-command.ts';
import type { Kernel } from './kernel.ts';
import type { ServerCommand } from './table.ts';

/**
 * Looks at the gates that stand between this client and this command. True: the command may run now. False: it has been
 * answered, queued or put off. The order is Redis's, since it decides which error a client sees.
 */
export function passGates(kernel: Kernel, client: Client, command: ServerCommand, args: Args, gates: number): boolean {
  if ((gates & ~(Gate.cluster | Gate.timed)) === 0) return passCluster(kernel, client, command, args, gates);
  if ((gates & Gate.asking) !== 0) return passAsking(kernel, client, command, args, gates & ~Gate.asking);
  if ((gates & Gate.silent) !== 0) {
    runSilently(kernel, client, command, args, gates);
    return false;
  }
  if ((gates & Gate.noTouch) !== 0) {
    runUntouching(kernel, client, command, args, gates & ~Gate.noTouch);
    return false;
  }
  if ((gates & Gate.tracking) !== 0) {
    runTracked(kernel, client, command, args, gates & ~Gate.tracking);
    return false;
  }
  if ((gates & Gate.auth) !== 0) {
    refuse(kernel, client, command, 'NOAUTH Authentication required.');
    return false;
  }
  if ((gates & Gate.multi) !== 0 && (command.flags & CommandFlag.no_multi) !== 0) {
    refuse(kernel, client, command, 'ERR Command not allowed inside a transaction');
    return false;
  }
  if (!passCluster(kernel, client, command, args, gates)) return false;
  if (asksForMemory(kernel, client, command, gates) && !kernel.eviction.makeRoom(client, command, args)) {
    refuse(kernel, client, command, "OOM command not allowed when used memory > 'maxmemory'.");
    return false;
  }
  if ((gates & Gate.misconf) !== 0 && writes(client, command)) {
    refuse(kernel, client, command, kernel.persistence.refusal ?? 'MISCONF');
    return false;
  }
  if ((gates & Gate.noReplicas) !== 0 && writes(client, command)) {
    refuse(kernel, client, command, 'NOREPLICAS Not enough good replicas to write.');
    return false;
  }
  if ((gates & Gate.readonly) !== 0 && writes(client, command)) {
    refuse(kernel, client, command, "READONLY You can't write against a read only replica.");
    return false;
  }
  if ((gates & Gate.subscribed) !== 0) {
    refuse(kernel, client, command, `ERR Can't execute '${command.name}': ${onlySubscribed}`);
    return false;
  }
  if ((gates & Gate.stale) !== 0) {
    refuse(kernel, client, command, `MASTERDOWN ${masterDown}`);
    return false;
  }
  if ((gates & Gate.loading) !== 0) {
    refuse(kernel, client, command, 'LOADING Redis is loading the dataset in memory');
    return false;
  }
  if (isPaused(client, command, gates)) {
    kernel.clientPause.hold(client, args);
    return false;
  }
  if ((gates & Gate.multi) !== 0 && !runsInsideMulti.has(command.name)) {
    queue(client.transaction!, command, args);
    kernel.context.reply.queued();
    return false;
  }
  return true;
}

const masterDown = "Link with MASTER is down and replica-serve-stale-data is set to 'no'.";

const onlySubscribed = 'only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context';

const runsInsideMulti = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);

/** What ASKING allows, it allows to one command, whatever that is. */
function passAsking(kernel: Kernel, client: Client, command: ServerCommand, args: Args, rest: number): boolean {
  client.gates &= ~Gate.asking;
  client.isAsking = true;
  const isPassed = rest === 0 || passGates(kernel, client, command, args, rest);
  client.isAsking = false;
  return isPassed;
}

function passCluster(kernel: Kernel, client: Client, command: ServerCommand, args: Args, gates: number): boolean {
  if ((gates & Gate.cluster) === 0) return true;
  const error = kernel.cluster?.admit(client, command, args);
  if (error === undefined) return true;
  if (command.name === 'exec') {
    // EXEC that is redirected leaves the transaction, and says where to go rather than that it was aborted.
    kernel.discardTransaction(client);
    answerRefused(kernel, client, command, error);
  } else refuse(kernel, client, command, error);
  return false;
}

/** EXEC does when something in its queue does; and whatever is queued, since the queue takes memory. */
function asksForMemory(kernel: Kernel, client: Client, command: ServerCommand, gates: number): boolean {
  if ((kernel.gates & Gate.memory) === 0) return false;
  if (command.name === 'exec') {
    return client.transaction?.queue.some((one) => (one.command.flags & CommandFlag.denyoom) !== 0) === true;
  }
  if ((gates & Gate.memory) !== 0) return true;
  return (gates & Gate.multi) !== 0 && !runsInsideMulti.has(command.name);
}

/** PING, too: whoever looks after the server with it is to know. */
function writes(client: Client, command: ServerCommand): boolean {
  return command.name !== 'exec' || client.transaction?.queue.some((one) => one.command.isWrite) === true;
}

function isPaused(client: Client, command: ServerCommand, gates: number): boolean {
  if ((gates & Gate.pauseAll) !== 0) return true;
  if ((gates & Gate.pauseWrite) === 0) return false;
  return command.name !== 'exec' || client.transaction?.hasWrite === true;
}

function queue(transaction: Transaction, command: ServerCommand, args: Args): void {
  if (transaction.isAborted) return;
  const copy = args.clone();
  transaction.queue.push({ command, args: copy });
  transaction.argBytes += copy.buffer.sizeBytes;
  if ((command.flags & (CommandFlag.write | CommandFlag.may_replicate)) !== 0) transaction.hasWrite = true;
}

/** CLIENT NO-TOUCH: keys that the command looks up keep their age. */
function runUntouching(kernel: Kernel, client: Client, command: ServerCommand, args: Args, rest: number): void {
  for (const database of kernel.databases) database.isClockFrozen = true;
  if (rest === 0 || passGates(kernel, client, command, args, rest)) runCommand(kernel, client, command, args);
  for (const database of kernel.databases) database.isClockFrozen = false;
}

/** CLIENT REPLY OFF and SKIP: the command runs, and what it wrote is taken back. */
function runSilently(kernel: Kernel, client: Client, command: ServerCommand, args: Args, gates: number): void {
  const before = kernel.output.writer.position;
  const rest = gates & ~Gate.silent;
  const turnsOn = command.name === 'client|reply';
  if (rest === 0 || passGates(kernel, client, command, args, rest)) runCommand(kernel, client, command, args);
  if (client.replyMode === 'on' && turnsOn) return;
  kernel.output.writer.position = before;
  if (client.replyMode === 'skip' && !turnsOn) {
    client.replyMode = 'on';
    client.gates &= ~Gate.silent;
  }
}

/** CLIENT TRACKING: only when the command has run is it known which keys it has read, and not just found to have expired. */
function runTracked(kernel: Kernel, client: Client, command: ServerCommand, args: Args, rest: number): void {
  if (rest === 0 || passGates(kernel, client, command, args, rest)) {
    runCommand(kernel, client, command, args);
    kernel.tracking.remember(client, command, args);
  }
  kernel.tracking.requestOver(client);
}
