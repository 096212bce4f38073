import { patternBits, registerCount } from './element-pattern.ts';

/** 1 / (2 ln 2). */
const alphaInfinity = 0.7213475204444817;

/**
 * The cardinality of a HyperLogLog with `counts[i]` registers of value i, as Redis estimates it, to the last bit. 2^63 for
 * registers that no elements make.
 * Otmar Ertl, New cardinality estimation algorithms for HyperLogLog sketches, https://arxiv.org/abs/1702.01284
 */
export function estimateCardinality(counts: Int32Array): number {
  const m = registerCount;
  let z = m * tau((m - counts[patternBits + 1]) / m);
  for (let i = patternBits; i >= 1; i--) z = (z + counts[i]) * 0.5;
  z += m * sigma(counts[0] / m);
  const cardinality = Math.round((alphaInfinity * m * m) / z);
  return cardinality < 2 ** 63 ? cardinality : 2 ** 63;
}

function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let y = 1;
  let z = share;
  let previous: number;
  do {
    x *= x;
    previous = z;
    z += x * y;
    y += y;
  } while (previous !== z);
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - share;
  let previous: number;
  do {
    x = Math.sqrt(x);
    previous = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (previous !== z);
  return z / 3;
}
