/** While a sync takes less than this it is done inline: ... */
const inlineMs = 0.5;
/** ... above this in the background. Between them what is done is gone on with. */
const backgroundMs = 1;
const weight = 1 / 16;

/**
 * Where `appendfsync always` syncs. Inline costs no change of threads, in the background the event loop reads and runs requests
 * meanwhile: which one is better depends on how long the disk takes, so that is measured.
 */
export class SyncPace {
  isInline = true;
  /** Milliseconds; a moving average. */
  averageMs = 0;
  #isFixed = false;

  note(ms: number): void {
    this.averageMs += (ms - this.averageMs) * weight;
    if (this.#isFixed) return;
    // One sync that stops the loop for long is enough to leave it.
    if (this.averageMs > backgroundMs || ms > backgroundMs * 16) this.isInline = false;
    else if (this.averageMs < inlineMs) this.isInline = true;
  }

  /** For tests, on whose disks syncs take no time. */
  fix(isInline: boolean): void {
    this.#isFixed = true;
    this.isInline = isInline;
  }
}
