import type { Redis } from 'ioredis';

/** A request on its way to some worker. */
export interface Job {
  readonly id: string;
  readonly body: string;
  /** The list, stream or channel that its caller reads. */
  readonly replyTo: string;
}

export type Handler = (body: string) => Promise<string>;

/** Takes jobs one at a time, until it is stopped; what it has begun it ends. */
export interface Worker {
  stop(): Promise<void>;
}

/** Sends jobs and gets results back, many at a time over one connection for each direction. */
export interface Caller {
  /** Rejects when there is no answer in time. */
  call(body: string, timeoutMs: number): Promise<string>;
  close(): void;
}

/** One way to carry requests and replies. `redis` is used for quick commands; what blocks gets a connection of its own. */
export interface RequestReply {
  startWorker(redis: Redis, name: string, handle: Handler): Worker;
  openCaller(redis: Redis): Promise<Caller>;
}

/** The calls of one caller that wait for their reply, by id. */
export class PendingCalls {
  readonly #pending = new Map<string, (result: string) => void>();

  add(id: string, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`no reply to ${id} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(id, (result) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        resolve(result);
      });
    });
  }

  /** A reply that nobody waits for (any more, or twice) is dropped. */
  settle(id: string, result: string): void {
    this.#pending.get(id)?.(result);
  }
}
