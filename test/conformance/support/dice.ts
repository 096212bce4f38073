import { Prng } from '@kvartz/base';

/** Choices from a seed. */
export class Dice {
  readonly #prng: Prng;

  constructor(seed: number) {
    this.#prng = new Prng(seed);
  }

  below(limit: number): number {
    return this.#prng.uint32() % limit;
  }

  chance(probability: number): boolean {
    return this.#prng.uint32() < probability * 2 ** 32;
  }

  oneOf<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** A character per byte; few different ones, so that runs and matches happen. */
  bytes(length: number): string {
    return Array.from({ length }, () => this.oneOf(['a', 'b', '\x00', '\xff', '\x55'])).join('');
  }
}
