import { textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import { replyWhenDone } from '../deferred.ts';

/**
 * DEBUG SLEEP seconds: nobody is answered for that time. Redis stops altogether; here clients wait, so that a simulated
 * server sleeps on virtual time. Inside EXEC it does not wait.
 */
export function sleep(context: ServerContext, args: Args): void {
  const { kernel, nowMs, reply } = context;
  const seconds = Number.parseFloat(textAt(args, 2));
  const sleepMs = Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds * 1000)) : 0;
  if (sleepMs === 0 || context.isInExec) return reply.ok();
  kernel.clientPause.begin(nowMs + sleepMs, 'all');
  const slept = new Promise<void>((resolve) => void kernel.env.timers.after(sleepMs, resolve));
  replyWhenDone(context, slept, (writer) => writer.ok());
}
