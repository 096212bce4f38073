import { assert } from './assert.ts';
import type { Random } from './env.ts';

/**
 * Deterministic random numbers for tests, the simulator and sampling; never for secrets. The generator is sfc32 (Chris
 * Doty-Humphrey, PractRand): 128 bits of state with a counter in it, so every seed has a period of at least 2^32.
 */
export class Prng implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** The seed may be any safe integer. */
  constructor(seed: number) {
    assert(Number.isSafeInteger(seed), `seed ${seed} is not a safe integer`);
    this.#a = 0;
    this.#b = seed | 0;
    this.#c = Math.floor(seed / 2 ** 32) | 0;
    // Seeds that differ in one bit give unrelated numbers only after some rounds.
    for (let i = 0; i < 15; i++) this.uint32();
  }

  uint32(): number {
    const a = this.#a;
    const b = this.#b;
    const c = this.#c;
    const sum = (a + b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = b ^ (b >>> 9);
    this.#b = (c + (c << 3)) | 0;
    this.#c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  fill(target: Uint8Array): void {
    let word = 0;
    for (let i = 0; i < target.length; i++) {
      if ((i & 3) === 0) word = this.uint32();
      target[i] = word;
      word >>>= 8;
    }
  }

  /** Uniform integer in [0, count); count in [1, 2^32]. */
  below(count: number): number {
    assert(count >= 1 && count <= 2 ** 32, `below(${count})`);
    // Numbers of the last, incomplete round of `count` would come up more often than the others.
    const fairMax = 2 ** 32 - (2 ** 32 % count);
    let n = this.uint32();
    while (n >= fairMax) n = this.uint32();
    return n % count;
  }

  /** Uniform number in [0, 1) with 32 bits. */
  ratio(): number {
    return this.uint32() / 2 ** 32;
  }

  /** True with the given probability, in [0, 1]. */
  chance(probability: number): boolean {
    return probability > 0 && this.ratio() < probability;
  }

  /** A generator of its own, so that what one part draws does not change what another sees. */
  fork(): Prng {
    return new Prng(this.uint32() * 2 ** 20 + (this.uint32() >>> 12));
  }
}
