/**
 * Request and reply over lists: at least once.
 *
 *   caller  LPUSH {jobs}:waiting  ->  BLMOVE  worker  {jobs}:busy:<worker>
 *   caller  BLPOP {jobs}:replies:<caller>  <-  MULTI LPUSH, LREM, EXEC  worker
 *
 * A job is always in one list: it waits, or a worker is busy with it. The reply and the end of the job are one transaction. A
 * worker that dies leaves its job in its busy list; the next idle worker sees that its sign of life has expired, and puts the
 * job back. One hash tag keeps all keys in one slot, so the same code runs against a cluster.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type Caller, type Handler, type Job, PendingCalls, type RequestReply, type Worker } from './request-reply.ts';

const waiting = '{jobs}:waiting';
const workers = '{jobs}:workers';
const busyOf = (worker: string): string => `{jobs}:busy:${worker}`;
const aliveOf = (worker: string): string => `{jobs}:alive:${worker}`;

const aliveMs = 3000;
const waitSeconds = 1;
/** Replies that their caller has not fetched by then are thrown away. */
const replySeconds = 60;

function startWorker(redis: Redis, name: string, handle: Handler): Worker {
  const blocking = redis.duplicate();
  let isStopping = false;
  const signOfLife = (): Promise<unknown> => redis.set(aliveOf(name), '1', 'PX', aliveMs);
  const timer = setInterval(() => void signOfLife(), aliveMs / 3);

  async function run(): Promise<void> {
    await signOfLife();
    await redis.sadd(workers, name);
    while (!isStopping) {
      const text = await blocking.blmove(waiting, busyOf(name), 'RIGHT', 'LEFT', waitSeconds);
      if (text === null) await takeBackFromTheDead(redis);
      else await work(text);
    }
    clearInterval(timer);
    await redis.multi().srem(workers, name).del(aliveOf(name)).exec();
    blocking.disconnect();
  }

  async function work(text: string): Promise<void> {
    const job = JSON.parse(text) as Job;
    const result = await handle(job.body);
    await redis
      .multi()
      .lpush(job.replyTo, JSON.stringify([job.id, result]))
      .expire(job.replyTo, replySeconds)
      .lrem(busyOf(name), 1, text)
      .exec();
  }

  const ended = run();
  return {
    stop: () => {
      isStopping = true;
      return ended;
    },
  };
}

async function takeBackFromTheDead(redis: Redis): Promise<void> {
  for (const name of await redis.smembers(workers)) {
    if ((await redis.exists(aliveOf(name))) === 1) continue;
    while ((await redis.lmove(busyOf(name), waiting, 'RIGHT', 'RIGHT')) !== null);
    await redis.srem(workers, name);
  }
}

async function openCaller(redis: Redis): Promise<Caller> {
  const blocking = redis.duplicate();
  const replyTo = `{jobs}:replies:${randomUUID()}`;
  const pending = new PendingCalls();
  let isClosed = false;

  async function read(): Promise<void> {
    while (!isClosed) {
      const found = await blocking.blpop(replyTo, waitSeconds);
      if (found !== null) pending.settle(...(JSON.parse(found[1]) as [string, string]));
    }
    blocking.disconnect();
  }

  void read();
  return {
    call: (body, timeoutMs) => {
      const job: Job = { id: randomUUID(), body, replyTo };
      const result = pending.add(job.id, timeoutMs);
      void redis.lpush(waiting, JSON.stringify(job));
      return result;
    },
    close: () => {
      isClosed = true;
    },
  };
}

export const lists: RequestReply = { startWorker, openCaller };
