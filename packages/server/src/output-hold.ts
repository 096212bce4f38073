import { type Client, Halt } from './client.ts';
import type { Kernel } from './kernel.ts';
import { type DetachedReplies, flushAtBytes } from './output.ts';

/** So many bytes of replies are held; who would add to more runs nothing until they leave. */
const heldBytesMax = 4 * 1024 * 1024;

/**
 * Keeps replies back until the disk has what they acknowledge, while requests are read and run on:
 *
 *   sealed               replies to what is being made durable now, taken out of `Output`
 *   Output, and pushes   what came since; the next to be sealed
 *
 * Replies to reads wait as well, since they may show what is not durable yet. What clients are pushed waits in its place
 * among their replies.
 */
export class OutputHold {
  /** Nothing leaves for now. */
  isOn = false;
  readonly #kernel: Kernel;
  #sealed: DetachedReplies | undefined;
  /** Whose connections end after what is sealed. */
  #closing: Client[] = [];
  #waiting: Client[] = [];
  #sealsNext = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** From here on nothing leaves. `isCovered`: all that is written before the next flush leaves with the next `release`. */
  begin(isCovered: boolean): void {
    this.isOn = true;
    this.#sealsNext = isCovered;
    this.#kernel.output.fullBytes = heldBytesMax;
  }

  /** What `flushOutput` does while nothing leaves. */
  flush(): void {
    const { closing, output, pushes } = this.#kernel;
    pushes.moveAll(output);
    if (!this.#sealsNext) return;
    this.#sealsNext = false;
    this.#sealed = output.detach();
    this.#closing = [...closing];
    closing.clear();
  }

  /** Much waits beside replies: until the next `release` each client runs one more request at most. */
  press(): void {
    this.#kernel.output.fullBytes = 0;
  }

  /** Too much is held for this client to go on. */
  pause(client: Client): void {
    client.halts |= Halt.unsynced;
    this.#waiting.push(client);
  }

  /** What is sealed leaves, and what came since is to be flushed: after another `begin`, or freely. */
  release(): void {
    const kernel = this.#kernel;
    this.isOn = false;
    this.#sealsNext = false;
    kernel.output.fullBytes = flushAtBytes;
    const [sealed, closing, waiting] = [this.#sealed, this.#closing, this.#waiting];
    this.#sealed = undefined;
    this.#closing = [];
    this.#waiting = [];
    if (sealed !== undefined) kernel.output.sendDetached(sealed);
    for (const client of closing) if (!kernel.ackHold.endLater(client)) client.connection.end();
    if (kernel.closing.size > 0) kernel.scheduleFlush();
    if (waiting.length > 0) kernel.env.timers.afterTurn(() => this.#resume(waiting));
  }

  #resume(waiting: readonly Client[]): void {
    for (const client of waiting) {
      client.halts &= ~Halt.unsynced;
      this.#kernel.resume(client);
    }
  }
}
