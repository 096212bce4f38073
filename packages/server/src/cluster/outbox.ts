/** What an outbox needs to know of the disk. */
export interface SaveProgress {
  /** Everything up to this ticket is on disk. */
  readonly savedTicket: number;
  /** Why the last write failed; undefined after one that succeeded. */
  readonly lastError: Error | undefined;
}

/** An effect that waits for the disk: a message, the answer to an operator, or something within this node. */
interface Held {
  readonly ticket: number;
  readonly kind: 'message' | 'answer' | 'local';
  readonly run: (error: Error | undefined) => void;
}

const heldMax = 5_000;

/**
 * The order of saving and sending: what comes after a barrier is done when everything up to the barrier's ticket is on
 * disk. A disk that stands still must not fill the memory, so beyond a limit the oldest messages are dropped, which peers
 * bear.
 */
export class Outbox {
  readonly #disk: SaveProgress;
  #barrierTicket = 0;
  #held: Held[] = [];

  constructor(disk: SaveProgress) {
    this.#disk = disk;
  }

  /** Nothing that must be on disk is missing there. */
  get isOpen(): boolean {
    return this.#barrierTicket <= this.#disk.savedTicket;
  }

  barrier(ticket: number): void {
    this.#barrierTicket = ticket;
  }

  /** Runs it now, or when what came before it is on disk. An answer is run with the error when the disk fails. */
  add(run: (error: Error | undefined) => void, kind: Held['kind']): void {
    if (this.isOpen) {
      run(undefined);
      return;
    }
    this.#held.push({ ticket: this.#barrierTicket, kind, run });
    if (this.#held.length <= heldMax) return;
    let surplus = heldMax / 2;
    this.#held = this.#held.filter((one) => one.kind !== 'message' || surplus-- <= 0);
  }

  /** A write has succeeded, or failed. */
  release(): void {
    const { lastError, savedTicket } = this.#disk;
    const held = this.#held;
    // When the disk fails, operators are told; everything else waits for better times.
    const isReady = ({ ticket, kind }: Held): boolean =>
      lastError === undefined ? ticket <= savedTicket : kind === 'answer';
    this.#held = held.filter((one) => !isReady(one));
    for (const one of held) if (isReady(one)) one.run(lastError);
  }
}
