import type { Timer, Timers } from '@kvartz/base';
import type { BlockedClient } from './blocked-client.ts';

/**
 * Who stops waiting when: a binary heap with the earliest deadline at its root, and one timer for all. Joining and leaving
 * cost O(log n); the timer is set anew only for a deadline earlier than all others, and rings once in vain when the one
 * that it was set for has left.
 */
export class Deadlines {
  readonly #timers: Timers;
  readonly #onDue: () => void;
  readonly #heap: BlockedClient[] = [];
  #timer: Timer | undefined;
  #timerMs = Infinity;

  constructor(timers: Timers, onDue: () => void) {
    this.#timers = timers;
    this.#onDue = onDue;
  }

  get count(): number {
    return this.#heap.length;
  }

  add(waiter: BlockedClient, nowMs: number): void {
    waiter.heapIndex = this.#heap.length;
    this.#heap.push(waiter);
    this.#rise(waiter);
    if (waiter.deadlineMs < this.#timerMs) this.#arm(nowMs);
  }

  remove(waiter: BlockedClient): void {
    const at = waiter.heapIndex;
    if (at < 0) return;
    waiter.heapIndex = -1;
    const last = this.#heap.pop()!;
    if (last === waiter) return;
    this.#put(last, at);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out one whose deadline has come; undefined when there is none. */
  takeDue(nowMs: number): BlockedClient | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.deadlineMs > nowMs) return undefined;
    this.remove(first);
    return first;
  }

  /** To be called when all that are due have been taken. */
  rearm(nowMs: number): void {
    this.stop();
    if (this.#heap.length > 0) this.#arm(nowMs);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerMs = Infinity;
  }

  #arm(nowMs: number): void {
    this.#timer?.cancel();
    this.#timerMs = this.#heap[0].deadlineMs;
    this.#timer = this.#timers.after(Math.max(0, this.#timerMs - nowMs), this.#onDue);
  }

  #rise(waiter: BlockedClient): void {
    let at = waiter.heapIndex;
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1];
      if (parent.deadlineMs <= waiter.deadlineMs) break;
      const parentAt = parent.heapIndex;
      this.#put(parent, at);
      at = parentAt;
    }
    this.#put(waiter, at);
  }

  #sink(waiter: BlockedClient): void {
    const heap = this.#heap;
    let at = waiter.heapIndex;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      if (childAt + 1 < heap.length && heap[childAt + 1].deadlineMs < heap[childAt].deadlineMs) childAt++;
      if (heap[childAt].deadlineMs >= waiter.deadlineMs) break;
      this.#put(heap[childAt], at);
      at = childAt;
    }
    this.#put(waiter, at);
  }

  #put(waiter: BlockedClient, at: number): void {
    this.#heap[at] = waiter;
    waiter.heapIndex = at;
  }
}
