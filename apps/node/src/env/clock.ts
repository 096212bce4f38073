import type { Clock } from '@kvartz/base';

/** The machine's clocks. */
export class RealClock implements Clock {
  wallMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }
}
