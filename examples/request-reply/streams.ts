/**
 * Request and reply over streams: at least once, with the server keeping the books.
 *
 *   caller  XADD {jobs}:stream  ->  XREADGROUP  worker
 *   caller  XREAD {jobs}:replies:<caller>  <-  MULTI XADD, XACK, XDEL, EXEC  worker
 *
 * What a worker has read and not acknowledged stays in the pending list of the group; when a worker dies, another one takes
 * its entries over with XAUTOCLAIM. The reply and the acknowledgement are one transaction.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type Caller, type Handler, PendingCalls, type RequestReply, type Worker } from './request-reply.ts';

const jobs = '{jobs}:stream';
const group = 'workers';

const waitMs = 1000;
/** A job that was read so long ago and not acknowledged has lost its worker; longer than any job takes. */
const lostMs = 3000;
const repliesKept = 1000;
const replySeconds = 60;

/** `[id, [field, value, ...]]` */
type Entry = [id: string, fields: string[]];

function startWorker(redis: Redis, name: string, handle: Handler): Worker {
  const blocking = redis.duplicate();
  let isStopping = false;

  async function run(): Promise<void> {
    await createGroup(redis);
    while (!isStopping) {
      const entry = (await readOne()) ?? (await takeOver());
      if (entry !== undefined) await work(entry);
    }
    await redis.xgroup('DELCONSUMER', jobs, group, name);
    blocking.disconnect();
  }

  async function readOne(): Promise<Entry | undefined> {
    const options = ['COUNT', 1, 'BLOCK', waitMs, 'STREAMS', jobs, '>'] as const;
    const found = (await blocking.xreadgroup('GROUP', group, name, ...options)) as [string, Entry[]][] | null;
    return found?.[0]?.[1][0];
  }

  async function takeOver(): Promise<Entry | undefined> {
    const found = (await redis.xautoclaim(jobs, group, name, lostMs, '0', 'COUNT', 1)) as [string, Entry[], string[]];
    return found[1][0];
  }

  async function work([entryId, fields]: Entry): Promise<void> {
    const { id, body, replyTo } = Object.fromEntries(pairsOf(fields));
    const result = await handle(body);
    await redis
      .multi()
      .xadd(replyTo, 'MAXLEN', '~', repliesKept, '*', 'id', id, 'result', result)
      .expire(replyTo, replySeconds)
      .xack(jobs, group, entryId)
      .xdel(jobs, entryId)
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

/** From the first entry on; that the group exists already is fine. */
async function createGroup(redis: Redis): Promise<void> {
  try {
    await redis.xgroup('CREATE', jobs, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!(error as Error).message.startsWith('BUSYGROUP')) throw error;
  }
}

function* pairsOf(fields: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i < fields.length; i += 2) yield [fields[i]!, fields[i + 1]!];
}

async function openCaller(redis: Redis): Promise<Caller> {
  const blocking = redis.duplicate();
  const replyTo = `{jobs}:replies:${randomUUID()}`;
  const pending = new PendingCalls();
  let isClosed = false;

  async function read(): Promise<void> {
    let last = '0';
    while (!isClosed) {
      const found = await blocking.xread('COUNT', 100, 'BLOCK', waitMs, 'STREAMS', replyTo, last);
      for (const [entryId, fields] of found?.[0]?.[1] ?? []) {
        const { id, result } = Object.fromEntries(pairsOf(fields));
        pending.settle(id!, result!);
        last = entryId;
      }
    }
    blocking.disconnect();
  }

  void read();
  return {
    call: (body, timeoutMs) => {
      const id = randomUUID();
      const result = pending.add(id, timeoutMs);
      void redis.xadd(jobs, '*', 'id', id, 'body', body, 'replyTo', replyTo);
      return result;
    },
    close: () => {
      isClosed = true;
    },
  };
}

export const streams: RequestReply = { startWorker, openCaller };
