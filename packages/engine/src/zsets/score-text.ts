import { ByteBuffer, formatDouble, formatInteger } from '@kvartz/base';

/** The digits of a score as `writeScore` has left them. */
export const scoreText = new ByteBuffer(32);

/**
 * Writes the text of a score as an element of a listpack to `scoreText` and returns its end. Integers go in as such, also -0,
 * which is 0 there, as in Redis.
 */
export function writeScore(score: number): number {
  if (Number.isSafeInteger(score)) return formatInteger(scoreText.u8, 0, score === 0 ? 0 : score);
  const text = formatDouble(score);
  for (let i = 0; i < text.length; i++) scoreText.u8[i] = text.charCodeAt(i);
  return text.length;
}
