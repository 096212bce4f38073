/** Where syncs take more than this, as a rule, they leave the event loop; ... */
const backgroundMs = 10;
/** ... where they take less than this they come back. */
const inlineMs = 5;
/** One that takes much longer than the others counts as this: every disk is busy at times. */
const countedMsMax = 40;
/** Of those in the background, one is done inline now and then to see how long the disk itself takes. */
const probeEvery = 32;
/** Behind a sync in the background that took `lingerFromMs` the next one waits so long, ... */
const lingerMs = 1;
/** ... for those who were just answered to come again: 50 clients in two halves that wait for each other's syncs get half. */
const lingerFromMs = 4;

/**
 * Where `appendfsync always` syncs: inline, or in the background, where the event loop goes on meanwhile. Inline gives more, also where
 * the disk takes as long as the requests of a turn: all who wait are answered by each sync, while those who come during a sync in the
 * background wait for the next one as well (SET of 50 connections at pipeline 16, syncs of 0.5 ms: 390,000/s inline, 120,000 in
 * the background). But it stops all else, so that it is left when the disk is slow: measured, since disks differ by a factor of
 * a hundred.
 */
export class SyncPace {
  /** Milliseconds that the disk takes, as a moving average. */
  averageMs = 0;
  #isInline = true;
  #isFixed = false;
  #count = 0;

  /** Of the next sync. */
  get isInline(): boolean {
    return this.#isInline || (!this.#isFixed && this.#count % probeEvery === 0);
  }

  /** A sync is over. Only inline it is known what the disk took, and not the requests of the turn in which it ended. */
  note(ms: number, wasInline: boolean): void {
    this.#count++;
    if (!wasInline || this.#isFixed) return;
    const weight = this.#isInline ? 1 / 16 : 1 / 4;
    this.averageMs += (Math.min(ms, countedMsMax) - this.averageMs) * weight;
    if (this.averageMs > backgroundMs) this.#isInline = false;
    else if (this.averageMs < inlineMs) this.#isInline = true;
  }

  /** How long the next sync waits behind one in the background. */
  lingerMsAfter(ms: number): number {
    return ms >= lingerFromMs ? lingerMs : 0;
  }

  /** For tests, on whose disks syncs take no time. */
  fix(isInline: boolean): void {
    this.#isFixed = true;
    this.#isInline = isInline;
  }
}
