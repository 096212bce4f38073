/** Cut off what is older, but for the last of it. */
const keptMs = 10_000;

/** When a count that only grows reached which value. */
export class Timeline {
  readonly #times: number[] = [];
  readonly #counts: number[] = [];

  add(timeMs: number, count: number): void {
    if (this.#times.at(-1) === timeMs) this.#counts[this.#counts.length - 1] = count;
    else {
      this.#times.push(timeMs);
      this.#counts.push(count);
    }
  }

  /** The count at this time; 0: not known any more. */
  countAt(timeMs: number): number {
    return this.#counts[this.#times.findLastIndex((time) => time <= timeMs)] ?? 0;
  }

  /** When the count reached this value; undefined: not yet, or not known any more. */
  timeOf(count: number): number | undefined {
    const index = this.#counts.findIndex((reached) => reached >= count);
    // What came before the first that is known may be long ago.
    return index < 0 || (index === 0 && this.#counts[0] !== count) ? undefined : this.#times[index];
  }

  /** The count is this one; what went beyond it has not been, and long ago is forgotten. */
  cut(count: number, nowMs: number): void {
    const end = this.#counts.findIndex((reached) => reached >= count);
    const reachedMs = this.#times[end] ?? nowMs;
    if (end >= 0) {
      this.#times.length = end;
      this.#counts.length = end;
    }
    this.#times.push(reachedMs);
    this.#counts.push(count);
    const old = this.#times.findLastIndex((time) => time <= nowMs - keptMs);
    this.#times.splice(0, Math.max(0, old));
    this.#counts.splice(0, Math.max(0, old));
  }
}
