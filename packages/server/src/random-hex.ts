import type { Random } from '@kvartz/base';

/** So many random digits: an even number. */
export function randomHex(random: Random, digits: number): string {
  const bytes = new Uint8Array(digits / 2);
  random.fill(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
