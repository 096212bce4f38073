import { latin1Of } from '@kvartz/base';

/**
 * The 80-bit floating point number of x86-64, which Redis adds in (`long double`): a finite value is
 * `mantissa * 2^exponent` with a signed mantissa of at most 64 bits. One value has many forms; none is preferred.
 *
 * Arithmetic is exact on BigInt, then rounded as the processor does: to nearest, ties to even, with gradual underflow.
 */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const mantissaBits = 64;
/** Exponents of the last bit: of the smallest subnormal, and of the largest number. */
const exponentMin = -16_445;
const exponentMax = 16_383 - 63;

/** Redis reads no number from 5 KiB of text or more. */
const textBytesMax = 5 * 1024 - 1;
/** Powers of ten past which every number of that many digits overflows, or is nothing. */
const decimalExponentMax = 12_000;

const decimalPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const hexPattern = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i;
const infinityPattern = /^([+-]?)inf(?:inity)?$/i;

/**
 * The number that `u8[start, end)` spells, as C's `strtold` reads it: Infinity or -Infinity where it says so, undefined
 * when it is no number, is NaN, overflows, or is too small to be told from zero.
 */
export function parseLongDouble(u8: Uint8Array, start: number, end: number): LongDouble | number | undefined {
  if (end === start || end - start > textBytesMax) return undefined;
  const text = latin1Of(u8, start, end);
  const infinite = infinityPattern.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  const hex = hexPattern.exec(text);
  const parts = hex ?? decimalPattern.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole, fraction = '', exponentText = '0'] = parts;
  if (whole.length + fraction.length === 0) return undefined;
  const digits = BigInt(`${hex === null ? '' : '0x'}${whole}${fraction}`);
  if (digits === 0n) return { mantissa: 0n, exponent: 0 };
  const signed = sign === '-' ? -digits : digits;
  const value =
    hex === null
      ? scaleByTen(signed, clampExponent(exponentText, decimalExponentMax) - fraction.length)
      : round(signed, 1n, clampExponent(exponentText, 4 * decimalExponentMax) - 4 * fraction.length);
  return typeof value === 'number' || value.mantissa === 0n ? undefined : value;
}

/** The number of digits stands against the exponent, so neither alone says how large a number is. */
function clampExponent(text: string, max: number): number {
  return Math.max(-max, Math.min(max, Number(text)));
}

function scaleByTen(digits: bigint, power: number): LongDouble | number {
  return power >= 0 ? round(digits * 10n ** BigInt(power), 1n, 0) : round(digits, 10n ** BigInt(-power), 0);
}

/** Infinity or -Infinity when the sum is out of range. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble | number {
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  return round(sum, 1n, exponent);
}

/** Infinity or -Infinity when the product is out of range. */
export function multiplyLongDoubles(a: LongDouble, b: LongDouble): LongDouble | number {
  return round(a.mantissa * b.mantissa, 1n, a.exponent + b.exponent);
}

/** `numerator / denominator * 2^exponent`, rounded. */
function round(numerator: bigint, denominator: bigint, exponent: number): LongDouble | number {
  if (numerator === 0n) return { mantissa: 0n, exponent: 0 };
  const isNegative = numerator < 0n;
  let rest = isNegative ? -numerator : numerator;
  // The quotient has this many bits, or one more.
  const quotientBits = bitLength(rest) - bitLength(denominator);
  const roundedExponent = Math.max(exponent + quotientBits - mantissaBits, exponentMin);
  const shift = roundedExponent - exponent;
  let divisor = denominator;
  if (shift > 0) divisor <<= BigInt(shift);
  else rest <<= BigInt(-shift);
  let mantissa = rest / divisor;
  let lost = rest % divisor;
  let finalExponent = roundedExponent;
  if (bitLength(mantissa) > mantissaBits) {
    lost += (mantissa & 1n) * divisor;
    mantissa >>= 1n;
    divisor <<= 1n;
    finalExponent++;
  }
  const twiceLost = lost * 2n;
  if (twiceLost > divisor || (twiceLost === divisor && (mantissa & 1n) === 1n)) mantissa++;
  if (mantissa >> BigInt(mantissaBits) !== 0n) {
    mantissa >>= 1n;
    finalExponent++;
  }
  if (finalExponent > exponentMax) return isNegative ? -Infinity : Infinity;
  return { mantissa: isNegative ? -mantissa : mantissa, exponent: finalExponent };
}

function bitLength(n: bigint): number {
  const hex = n.toString(16);
  return n === 0n ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}

const printedDigits = 17;
const printedScale = 10n ** BigInt(printedDigits);

/** C's `%.17Lf` without the zeros at its end (and the point, where nothing follows it). */
export function formatLongDouble(value: LongDouble): string {
  const isNegative = value.mantissa < 0n;
  const magnitude = isNegative ? -value.mantissa : value.mantissa;
  let scaled = magnitude * printedScale;
  if (value.exponent >= 0) scaled <<= BigInt(value.exponent);
  else {
    const shift = BigInt(-value.exponent);
    const half = 1n << (shift - 1n);
    const lost = scaled & ((1n << shift) - 1n);
    scaled >>= shift;
    if (lost > half || (lost === half && (scaled & 1n) === 1n)) scaled++;
  }
  return withPoint(isNegative, scaled.toString(), printedDigits);
}

/** `digits * 10^-scale` without needless zeros; zero has no sign. */
export function withPoint(isNegative: boolean, digits: string, scale: number): string {
  const padded = digits.padStart(scale + 1, '0');
  const whole = padded.slice(0, padded.length - scale);
  let end = padded.length;
  while (end > whole.length && padded[end - 1] === '0') end--;
  const text = end > whole.length ? `${whole}.${padded.slice(whole.length, end)}` : whole;
  return isNegative && text !== '0' ? `-${text}` : text;
}
