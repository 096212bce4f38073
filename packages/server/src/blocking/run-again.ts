import { ReplyBufferError } from '@kvartz/resp';
import { Halt } from '../client.ts';
import type { Kernel } from '../kernel.ts';
import { answerBug, enterCommand } from '../run-command.ts';
import type { BlockedClient } from './blocked-client.ts';

/**
 * Runs the command of a client that has waited, now that the key in argument `keyIndex` is there. Gates were passed when it
 * came, and the call was counted then. The client's bit `blocked` stays when the command still finds nothing.
 */
export function runAgain(kernel: Kernel, waiter: BlockedClient, keyIndex: number): void {
  const { args, client, command } = waiter;
  const { context } = kernel;
  kernel.beginReplies(client);
  enterCommand(context, client);
  const { reply } = context;
  const { dirty } = context;
  const { errorCount, position } = reply;
  const startMs = kernel.env.clock.monotonicMs();
  context.readyKey = keyIndex;
  client.halts &= ~Halt.blocked;
  try {
    command.run!(context, args);
  } catch (error) {
    if (!(error instanceof ReplyBufferError)) answerBug(kernel, command, error);
    kernel.unreadable(client, error);
  }
  context.readyKey = 0;
  command.usec += Math.round((kernel.env.clock.monotonicMs() - startMs) * 1000);
  if (reply.errorCount !== errorCount) {
    command.failedCalls++;
    kernel.stats.noteErrors(reply);
  }
  if (kernel.effects.isOn && (context.dirty !== dirty || context.effects !== undefined)) {
    kernel.effects.record(context, args);
    if (kernel.ackHold.isOn) kernel.ackHold.note(client, position, reply.position);
  }
  if (waiter.isSilent && (client.halts & Halt.closing) === 0) reply.position = position;
}
