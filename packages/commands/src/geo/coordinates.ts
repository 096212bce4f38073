/*
 * A position is one number of 52 bits, so that a sorted set keeps near ones near: longitude and latitude as fractions of their
 * range in 26 bits each, interleaved, with the longitude's highest bit first. The bits of a prefix of it are a cell of the map.
 * Everything is done in the doubles, and in the order, in which Redis does it.
 */

export const longitudeMax = 180;
/** Of the Mercator projection that is a square. */
export const latitudeMax = 85.05112878;
/** Bits of each coordinate. */
export const stepMax = 26;

const halfBits = 13;
const halfMask = (1 << halfBits) - 1;
const highScale = 2 ** (2 * halfBits);
const wordScale = 2 ** 32;
/** A power of two: multiplying by it is as exact as the division that Redis makes. */
const cellShare = 2 ** -stepMax;
const positionEnd = 2 ** (2 * stepMax);

/** The cell of a longitude, with `step` bits. */
export function longitudeCell(longitude: number, step: number): number {
  return Math.floor(((longitude + longitudeMax) / (2 * longitudeMax)) * 2 ** step);
}

export function latitudeCell(latitude: number, step: number): number {
  return Math.floor(((latitude + latitudeMax) / (2 * latitudeMax)) * 2 ** step);
}

/** The score of a position in range. */
export function scoreOf(longitude: number, latitude: number): number {
  return interleave(longitudeCell(longitude, stepMax), latitudeCell(latitude, stepMax));
}

/** Bits of both numbers, of up to 26 bits each, in turn: the lowest is that of `even`. */
export function interleave(odd: number, even: number): number {
  const low = spread(even & halfMask) | (spread(odd & halfMask) << 1);
  const high = spread(even >>> halfBits) | (spread(odd >>> halfBits) << 1);
  return high * highScale + low;
}

/** Scores that positions have. */
export function isPosition(score: number): boolean {
  return score >= 0 && score < positionEnd;
}

/** The cell, of 26 bits, of the longitude in a position's score. */
export function longitudeCellOf(position: number): number {
  return (gather(Math.floor(position / wordScale) >>> 1) << 16) | gather((position >>> 0) >>> 1);
}

export function latitudeCellOf(position: number): number {
  return (gather(Math.floor(position / wordScale)) << 16) | gather(position >>> 0);
}

/** Middle of the cell that a score names. Scores that no position has give a position at the edge of the map, as in Redis. */
export function longitudeOf(score: number): number {
  const cell = (gather(highWord(score) >>> 1) << 16) | gather(lowWord(score) >>> 1);
  return middle(cell >>> 0, longitudeMax);
}

export function latitudeOf(score: number): number {
  const cell = (gather(highWord(score)) << 16) | gather(lowWord(score));
  return middle(cell >>> 0, latitudeMax);
}

/** Cells beyond the map exist where the score has more than 52 bits. */
function middle(cell: number, max: number): number {
  const scale = max * 2;
  const from = cell * cellShare * scale - max;
  const to = ((cell + 1) >>> 0) * cellShare * scale - max;
  return Math.max(-max, Math.min(max, (from + to) / 2));
}

/** Bit i of 16 to bit 2i. */
function spread(n: number): number {
  let x = (n | (n << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

/** Bit 2i to bit i of 16. */
function gather(n: number): number {
  let x = n & 0x55555555;
  x = (x | (x >>> 1)) & 0x33333333;
  x = (x | (x >>> 2)) & 0x0f0f0f0f;
  x = (x | (x >>> 4)) & 0x00ff00ff;
  return (x | (x >>> 8)) & 0xffff;
}

function lowWord(score: number): number {
  return score >= 0 && score < 2 ** 53 ? score >>> 0 : Number(wordsOf(score) & 0xffff_ffffn);
}

function highWord(score: number): number {
  return score >= 0 && score < 2 ** 53 ? Math.floor(score / wordScale) : Number(wordsOf(score) >> 32n);
}

/** What a processor makes of such a score when it converts it to an unsigned integer of 64 bits (x86-64). */
function wordsOf(score: number): bigint {
  if (score >= 2 ** 63) return score < 2 ** 64 ? BigInt(score) : 0n;
  if (!(score > -(2 ** 63))) return 2n ** 63n;
  return BigInt.asUintN(64, BigInt(Math.trunc(score)));
}
