/** Something that will happen at a moment of virtual time. */
export class ScheduledEvent {
  readonly timeMs: number;
  /** Events of one moment happen in the order in which they were scheduled. */
  readonly sequence: number;
  /** Undefined once it has happened or was cancelled. */
  callback: (() => void) | undefined;

  constructor(timeMs: number, sequence: number, callback: () => void) {
    this.timeMs = timeMs;
    this.sequence = sequence;
    this.callback = callback;
  }
}

/**
 * A binary heap of events, the earliest first. Cancelled events stay until they surface or until half of the heap is
 * dead: timeouts that are armed and cancelled with every message would otherwise fill it.
 */
export class EventHeap {
  #events: ScheduledEvent[] = [];
  #cancelledCount = 0;

  push(event: ScheduledEvent): void {
    this.#events.push(event);
    this.#siftUp(this.#events.length - 1);
  }

  cancel(event: ScheduledEvent): void {
    if (event.callback === undefined) return;
    event.callback = undefined;
    this.#cancelledCount++;
    if (this.#cancelledCount > 64 && this.#cancelledCount * 2 > this.#events.length) this.#purge();
  }

  /** The earliest event that is still to happen. */
  peek(): ScheduledEvent | undefined {
    while (this.#events.length > 0 && this.#events[0].callback === undefined) {
      this.#removeTop();
      this.#cancelledCount--;
    }
    return this.#events[0];
  }

  /** Removes what `peek` has returned. */
  shift(): void {
    this.#removeTop();
  }

  get size(): number {
    return this.#events.length - this.#cancelledCount;
  }

  #purge(): void {
    // A sorted array is a heap.
    this.#events = this.#events.filter((event) => event.callback !== undefined).toSorted(compare);
    this.#cancelledCount = 0;
  }

  #removeTop(): void {
    const events = this.#events;
    const last = events.pop();
    if (last === undefined || events.length === 0) return;
    events[0] = last;
    this.#siftDown();
  }

  #siftUp(index: number): void {
    const events = this.#events;
    const event = events[index];
    let i = index;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (compare(events[parent], event) <= 0) break;
      events[i] = events[parent];
      i = parent;
    }
    events[i] = event;
  }

  #siftDown(): void {
    const events = this.#events;
    const event = events[0];
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && compare(events[child + 1], events[child]) < 0) child++;
      if (compare(event, events[child]) <= 0) break;
      events[i] = events[child];
      i = child;
    }
    events[i] = event;
  }
}

function compare(a: ScheduledEvent, b: ScheduledEvent): number {
  return a.timeMs - b.timeMs || a.sequence - b.sequence;
}
