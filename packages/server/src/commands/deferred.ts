import type { ReplyWriter } from '@kvartz/resp';
import { Gate, Halt } from '../client.ts';
import type { ServerContext } from '../context.ts';

/**
 * Answers the running command when the work is done; until then the client's further requests wait. Not for commands
 * inside EXEC, whose replies must stand in one array.
 */
export function replyWhenDone<T>(
  { client, kernel, reply }: ServerContext,
  work: Promise<T>,
  answer: (reply: ReplyWriter, outcome: { readonly value: T } | { readonly error: unknown }) => void,
): void {
  client.halts |= Halt.suspended;
  client.connection.pauseReading();
  const finish = (outcome: { readonly value: T } | { readonly error: unknown }): void => {
    if ((client.halts & Halt.closed) !== 0) return;
    client.halts &= ~Halt.suspended;
    client.connection.resumeReading();
    kernel.beginReplies(client);
    kernel.scheduleFlush();
    const before = reply.position;
    reply.protocol = client.protocol;
    answer(reply, outcome);
    kernel.stats.noteErrors(reply);
    if ((client.gates & Gate.silent) !== 0) reply.position = before;
    kernel.resume(client);
  };
  work.then(
    (value) => finish({ value }),
    (error: unknown) => finish({ error }),
  );
}
