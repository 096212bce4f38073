import type { Random } from '@kvartz/base';

/** A uniform integer in [0, count); count in [1, 2^32]. */
export function randomBelow(random: Random, count: number): number {
  // Numbers of the last, incomplete round of `count` would come up more often than the others.
  const fairMax = 2 ** 32 - (2 ** 32 % count);
  let n = random.uint32();
  while (n >= fairMax) n = random.uint32();
  return n % count;
}
