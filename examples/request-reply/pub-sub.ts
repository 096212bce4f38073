/**
 * Request and reply over publish and subscribe: at most once, and nothing is kept anywhere.
 *
 *   caller  PUBLISH jobs  ->  every worker; the one whose SET NX succeeds takes the job
 *   caller  SUBSCRIBE replies:<caller>  <-  PUBLISH  worker
 *
 * The lowest latency and the least promise: a job is lost when its worker dies, and a caller learns of it by its timeout. That no
 * worker listens it learns at once, from the number that PUBLISH answers.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type Caller, type Handler, type Job, PendingCalls, type RequestReply, type Worker } from './request-reply.ts';

const jobs = 'jobs';
/** Longer than a message can be under way. */
const claimMs = 60_000;

function startWorker(redis: Redis, name: string, handle: Handler): Worker {
  const subscriber = redis.duplicate();
  /** One job at a time, as they came. */
  let last: Promise<unknown> = Promise.resolve();
  subscriber.on('message', (_channel: string, text: string) => {
    last = last.then(() => work(JSON.parse(text) as Job));
  });
  const subscribed = subscriber.subscribe(jobs);

  async function work(job: Job): Promise<void> {
    if ((await redis.set(`claim:${job.id}`, name, 'PX', claimMs, 'NX')) === null) return;
    await redis.publish(job.replyTo, JSON.stringify([job.id, await handle(job.body)]));
  }

  return {
    stop: async () => {
      await subscribed;
      await subscriber.unsubscribe(jobs);
      await last;
      subscriber.disconnect();
    },
  };
}

async function openCaller(redis: Redis): Promise<Caller> {
  const subscriber = redis.duplicate();
  const replyTo = `replies:${randomUUID()}`;
  const pending = new PendingCalls();
  subscriber.on('message', (_channel: string, text: string) => {
    pending.settle(...(JSON.parse(text) as [string, string]));
  });
  await subscriber.subscribe(replyTo);
  return {
    call: async (body, timeoutMs) => {
      const job: Job = { id: randomUUID(), body, replyTo };
      const result = pending.add(job.id, timeoutMs);
      result.catch(() => {});
      if ((await redis.publish(jobs, JSON.stringify(job))) === 0) throw new Error('no worker is listening');
      return result;
    },
    close: () => subscriber.disconnect(),
  };
}

export const pubSub: RequestReply = { startWorker, openCaller };
