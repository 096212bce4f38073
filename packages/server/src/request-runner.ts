import { type Args, RequestBatch } from '@kvartz/resp';
import type { Client } from './client.ts';
import { execute } from './dispatch.ts';
import type { Kernel } from './kernel.ts';
import { pauseCongested } from './output-limits.ts';

/** Misses of so many keys overlap as well as the processor can; more would only push each other out of the cache. */
const batchMax = 16;

/**
 * Runs the requests that a client has sent, in order, until they end or the client must wait.
 *
 * Requests of a pipeline are decoded ahead, up to 16, and their keys announced to the keyspace before the first of them
 * runs: with millions of keys most of a command is waiting for memory, and the waits of different keys then overlap.
 */
export class RequestRunner {
  readonly #kernel: Kernel;
  readonly #batch = new RequestBatch(batchMax);
  /** The batch is in use: a client that may go on while another one's requests run has to wait for the turn's end. */
  isRunning = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Throws what the decoder throws. */
  run(client: Client): void {
    const decoder = client.decoder;
    const batch = this.#batch;
    const { pushes } = this.#kernel;
    this.isRunning = true;
    pushes.current = client;
    try {
      for (;;) {
        const count = decoder.nextBatch(batch);
        if (count === 0) {
          if (!decoder.next()) return;
          if (this.#execute(client, decoder.args)) continue;
          decoder.retain();
          return;
        }
        if (count > 1) this.#announce(client, count);
        for (let i = 0; i < count; i++) {
          if (this.#execute(client, batch.args[i])) continue;
          decoder.unread(batch, i + 1);
          decoder.retain();
          return;
        }
      }
    } finally {
      this.isRunning = false;
      pushes.current = undefined;
    }
  }

  /** False: the client may run nothing more for now. */
  #execute(client: Client, args: Args): boolean {
    const kernel = this.#kernel;
    const { output } = kernel;
    execute(kernel, client, args);
    if (output.isFull || kernel.pushes.isPressing) this.#handOver(client);
    return client.halts === 0;
  }

  /** What the last request made the server push to its own client comes right after its reply. */
  #handOver(client: Client): void {
    const { output, pushes } = this.#kernel;
    pushes.isPressing = false;
    pushes.moveTo(client, output.writer);
    if (!output.isFull && !pushes.isFull) return;
    this.#kernel.flushOutput();
    pauseCongested(client);
    if (this.#kernel.outputHold.isOn && output.isFull) this.#kernel.outputHold.pause(client);
    output.begin(client);
  }

  /** The second word of a request is its first key, nearly always; where it is not, nothing is lost. */
  #announce(client: Client, count: number): void {
    const keyspace = this.#kernel.databases[client.dbIndex];
    if (!keyspace.wantsAnnouncements) return;
    const { args: requests } = this.#batch;
    for (let i = 0; i < count; i++) {
      const args = requests[i];
      if (args.count > 1) keyspace.announce(args.buffer, args.start[1], args.end[1]);
    }
    keyspace.prefetch();
  }
}
