/**
 * How long calls took, in buckets whose width is at most 1/32 of their value, as HdrHistogram divides them: 32 of equal width
 * between a power of two and the next. One is 7 KB and takes a sample in a few nanoseconds.
 */
export class Histogram {
  /** Samples taken, weights included. */
  count = 0;
  readonly #counts = new Float64Array(bucketCount);

  /** `weight`: how many calls the sample stands for. Longer than a second counts as a second. */
  record(nanoseconds: number, weight: number): void {
    this.#counts[bucketOf(nanoseconds < nanosecondsMax ? nanoseconds | 0 : nanosecondsMax)] += weight;
    this.count += weight;
  }

  /** The nanoseconds within which `percent` of all calls ended: the upper end of their bucket. */
  percentile(percent: number): number {
    const wanted = Math.max(1, (percent / 100) * this.count);
    let sum = 0;
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      sum += this.#counts[bucket];
      if (sum >= wanted) return upperEndOf(bucket);
    }
    return 0;
  }

  /**
   * Microseconds and the number of calls that took no longer, for each doubling of 1024 ns that adds some: what LATENCY
   * HISTOGRAM shows. The microseconds are those of HdrHistogram with two digits, as Redis shows them (33, 66, 132, ...).
   */
  *doublings(): Generator<readonly [usec: number, calls: number]> {
    let sum = 0;
    let bucket = 0;
    for (let bound = 1024; sum < this.count; bound *= 2) {
      const before = sum;
      const last = bucketOf(bound);
      for (; bucket <= last; bucket++) sum += this.#counts[bucket];
      if (sum > before) yield [Math.floor((bound + bound / 128 - 1) / 1000), sum];
    }
  }
}

const subBits = 5;
const subCount = 1 << subBits;
const nanosecondsMax = 1_000_000_000;
const bucketCount = bucketOf(nanosecondsMax) + 1;

/** Values below 64 have a bucket each. */
function bucketOf(value: number): number {
  if (value < subCount * 2) return value;
  const shift = 31 - Math.clz32(value) - subBits;
  return (shift << subBits) + (value >>> shift);
}

function upperEndOf(bucket: number): number {
  if (bucket < subCount * 2) return bucket;
  const shift = (bucket >>> subBits) - 1;
  return (((bucket & (subCount - 1)) + subCount + 1) << shift) - 1;
}
