/** One spike of an event. */
export interface LatencySample {
  readonly unixSeconds: number;
  /** Milliseconds: the longest of its second. */
  ms: number;
}

/** Spikes of one event, oldest first. */
export interface LatencyEvent {
  readonly samples: LatencySample[];
  /** Milliseconds, since the event was reset. */
  maxMs: number;
}

/** As many spikes of an event are remembered. */
const samplesMax = 160;

/**
 * Remembers what took longer than `latency-monitor-threshold`, by the name of the event, for the LATENCY commands. Names and
 * the number of samples are Redis's.
 */
export class LatencyMonitor {
  /** 0: nothing is remembered. */
  thresholdMs = 0;
  readonly #events = new Map<string, LatencyEvent>();

  /** `nowMs`: wall time. */
  sample(event: string, ms: number, nowMs: number): void {
    if (this.thresholdMs === 0 || ms < this.thresholdMs) return;
    let known = this.#events.get(event);
    if (known === undefined) {
      known = { samples: [], maxMs: 0 };
      this.#events.set(event, known);
    }
    const whole = Math.floor(ms);
    const unixSeconds = Math.floor(nowMs / 1000);
    known.maxMs = Math.max(known.maxMs, whole);
    const last = known.samples.at(-1);
    if (last?.unixSeconds === unixSeconds) {
      last.ms = Math.max(last.ms, whole);
      return;
    }
    known.samples.push({ unixSeconds, ms: whole });
    if (known.samples.length > samplesMax) known.samples.shift();
  }

  get events(): ReadonlyMap<string, LatencyEvent> {
    return this.#events;
  }

  /** How many of the events there were; without names: all. */
  reset(names: readonly string[]): number {
    if (names.length === 0) {
      const count = this.#events.size;
      this.#events.clear();
      return count;
    }
    return names.filter((name) => this.#events.delete(name)).length;
  }
}
