import { randomFillSync } from 'node:crypto';
import type { Random } from '@kvartz/base';

const poolCount = 1024;

/** The operating system's cryptographic generator. Single numbers come from a pool: a call for each costs 1 us. */
export class RealRandom implements Random {
  readonly #pool = new Uint32Array(poolCount);
  #used = poolCount;

  uint32(): number {
    if (this.#used === poolCount) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    return this.#pool[this.#used++];
  }

  fill(target: Uint8Array): void {
    randomFillSync(target);
  }
}
