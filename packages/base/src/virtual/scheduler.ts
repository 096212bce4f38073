import { assert } from '../assert.ts';
import { EventHeap, ScheduledEvent } from './event-heap.ts';

/**
 * Virtual time. A *turn* is all that happens at one moment, as one turn of the event loop is: first the events of that
 * moment (also those which they add to it), then what was left to `afterTurn`. Time stands still within a turn.
 *
 * `advance` is synchronous and suits code without promises. Code with promises is run by `run`, which lets them settle
 * after every turn, so that what they cause still happens at that moment.
 */
export class Scheduler {
  #nowMs = 0;
  #sequence = 0;
  readonly #heap = new EventHeap();
  #afterTurn: (() => void)[] = [];
  #isRunning = false;

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Number of events that are still to happen. */
  get pendingCount(): number {
    return this.#heap.size;
  }

  /** At a moment not before now; the current moment is still within this turn. */
  at(timeMs: number, callback: () => void): ScheduledEvent {
    const event = new ScheduledEvent(Math.max(timeMs, this.#nowMs), this.#sequence++, callback);
    this.#heap.push(event);
    return event;
  }

  cancel(event: ScheduledEvent): void {
    this.#heap.cancel(event);
  }

  afterTurn(callback: () => void): void {
    this.#afterTurn.push(callback);
  }

  /** Runs everything up to and including `untilMs` and leaves the clock there. */
  advance(untilMs: number): void {
    this.#exclusively(() => {
      while (this.#hasTurnUntil(untilMs)) this.#turn();
    });
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /**
   * The same, with promises settled after every turn. Stops early when `isDone`, asked after every turn, says so; returns
   * whether it did.
   */
  async run(untilMs: number, isDone: () => boolean = () => false): Promise<boolean> {
    assert(!this.#isRunning, 'the virtual world is running already');
    this.#isRunning = true;
    try {
      await settle();
      if (isDone()) return true;
      while (this.#hasTurnUntil(untilMs)) {
        this.#turn();
        await settle();
        if (isDone()) return true;
      }
    } finally {
      this.#isRunning = false;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    return false;
  }

  #exclusively(body: () => void): void {
    assert(!this.#isRunning, 'the virtual world is running already');
    this.#isRunning = true;
    try {
      body();
    } finally {
      this.#isRunning = false;
    }
  }

  #hasTurnUntil(untilMs: number): boolean {
    if (this.#afterTurn.length > 0) return true;
    const next = this.#heap.peek();
    return next !== undefined && next.timeMs <= untilMs;
  }

  #turn(): void {
    let event = this.#heap.peek();
    // What promises have left to the end of the turn that has just passed belongs to that moment.
    if (this.#afterTurn.length === 0 && event !== undefined) this.#nowMs = event.timeMs;
    while (event !== undefined && event.timeMs <= this.#nowMs) {
      this.#heap.shift();
      const { callback } = event;
      event.callback = undefined;
      callback?.();
      event = this.#heap.peek();
    }
    const callbacks = this.#afterTurn;
    this.#afterTurn = [];
    for (const callback of callbacks) callback();
  }
}

/**
 * Waits until no promise has anything left to do. Only a task of the real event loop comes after all of them; it reads
 * neither time nor the outer world, so virtual runs stay repeatable. 1 us a turn.
 */
function settle(): Promise<void> {
  // oxlint-disable-next-line no-restricted-globals -- see above: there is no other way to see the end of the microtasks
  return new Promise((resolve) => setImmediate(resolve));
}
