import { latin1Of } from './text.ts';

const digit0 = 0x30;
/** Powers of ten that are exact as doubles, as far as the fast path needs them. */
const exactPowersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/** Digits that always fit 53 bits. */
const exactDigitsMax = 15;

const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const hexPattern = /^([+-]?)0[xX](?=[0-9a-fA-F.])([0-9a-fA-F]*)\.?([0-9a-fA-F]*)(?:[pP]([+-]?\d+))?$/;
const infinityPattern = /^[+-]?(?:inf|infinity)$/i;

/**
 * The double that `u8[start, end)` spells in the way that Redis reads scores and increments: all of what C's `strtod`
 * takes (decimal, hexadecimal, `inf`, `infinity`, in any case) without leading space. NaN when it is not one, and, as in
 * Redis, when it is `nan`, when it overflows, and when it is so small that it becomes zero.
 */
export function parseDouble(u8: Uint8Array, start: number, end: number): number {
  // Short decimals without exponent: both the digits and the power of ten are exact, so is their quotient's rounding.
  const isSigned = start < end && (u8[start] === 0x2d || u8[start] === 0x2b);
  const isNegative = isSigned && u8[start] === 0x2d;
  let i = isSigned ? start + 1 : start;
  if (end - i > 0 && end - i <= exactDigitsMax + 1) {
    let mantissa = 0;
    let digitCount = 0;
    let fractionStart = -1;
    for (; i < end; i++) {
      const digit = u8[i] - digit0;
      if (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        digitCount++;
      } else if (u8[i] === 0x2e && fractionStart < 0) fractionStart = i + 1;
      else break;
    }
    if (i === end && digitCount > 0 && digitCount <= exactDigitsMax) {
      const value = fractionStart < 0 ? mantissa : mantissa / exactPowersOfTen[end - fractionStart];
      return isNegative ? -value : value;
    }
  }
  return parseRareDouble(latin1Of(u8, start, end));
}

function parseRareDouble(text: string): number {
  if (decimalPattern.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return NaN;
    if (value === 0 && /[1-9]/.test(text.split(/e/i)[0])) return NaN;
    return value;
  }
  if (infinityPattern.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const hex = hexPattern.exec(text);
  if (hex === null) return NaN;
  const [, sign, whole, fraction, exponent = '0'] = hex;
  if (whole.length + fraction.length === 0) return NaN;
  const magnitude = hexToDouble(BigInt(`0x${whole}${fraction}`), Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -magnitude : magnitude;
}

/** `mantissa * 2^exponent`, rounded to nearest, ties to even; NaN on overflow and on underflow to zero. */
function hexToDouble(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bitCount = mantissa.toString(2).length;
  const leadExponent = bitCount - 1 + exponent;
  if (leadExponent > 1024) return NaN;
  if (leadExponent < -1076) return NaN;
  // Doubles below 2^-1022 have fewer bits: the last one always stands for 2^-1074 or more.
  const lastExponent = Math.max(leadExponent - 52, -1074);
  const dropBits = lastExponent - exponent;
  let kept = mantissa;
  if (dropBits > 0) {
    const unit = 1n << BigInt(dropBits);
    kept = mantissa / unit;
    const twiceRest = (mantissa % unit) * 2n;
    if (twiceRest > unit || (twiceRest === unit && (kept & 1n) === 1n)) kept++;
  }
  // Two exact steps: 2^-1074 alone is the smallest double, and 2^1023 the largest power.
  const scale = dropBits > 0 ? lastExponent : exponent;
  const half = Math.trunc(scale / 2);
  const value = Number(kept) * 2 ** half * 2 ** (scale - half);
  return value === 0 || !Number.isFinite(value) ? NaN : value;
}

/** Integers up to here print without an exponent (Redis: `double2ll` takes half of the 64-bit range). */
const plainIntegerMax = 2 ** 62;

/**
 * The text of a double in replies, as Redis 7.2 and later write it: `inf`, `-inf`, `nan`, integers up to 2^62 in full,
 * else the shortest digits that read back as the same double, in the layout of `fpconv`: `0.1`, `1e+20`, `1.5e-7`.
 */
export function formatDouble(n: number): string {
  if (Number.isInteger(n) && n >= -plainIntegerMax && n <= plainIntegerMax) {
    if (Number.isSafeInteger(n)) return Object.is(n, -0) ? '-0' : String(n);
    return BigInt(n).toString();
  }
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'nan' : n > 0 ? 'inf' : '-inf';
  const [head, exponentText] = Math.abs(n).toExponential().split('e');
  const digits = head.replace('.', '');
  const exponent = Number(exponentText);
  const sign = n < 0 ? '-' : '';
  // Power of ten of the last digit.
  const lastPower = exponent - digits.length + 1;
  if (lastPower >= 0 && exponent < digits.length + 7) return `${sign}${digits}${'0'.repeat(lastPower)}`;
  if (lastPower < 0 && (lastPower > -7 || Math.abs(exponent) < 4)) {
    if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
    return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
  }
  return `${sign}${head}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

/** The text of a double as Redis up to 7.0 writes it in replies: C's `%.17g`, so 0.1 is `0.10000000000000001`. */
export function formatDouble17(n: number): string {
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'nan' : n > 0 ? 'inf' : '-inf';
  if (n === 0) return Object.is(n, -0) ? '-0' : '0';
  const [head, exponentText] = exponential17(Math.abs(n)).split('e');
  const digits = head.replace('.', '').replace(/0+$/, '');
  const exponent = Number(exponentText);
  const sign = n < 0 ? '-' : '';
  if (exponent < -4 || exponent >= 17) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, '0')}`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** 17 digits, rounded to nearest; `toExponential` would round a tie up where C rounds it to the even digit. */
function exponential17(magnitude: number): string {
  const rounded = magnitude.toExponential(16);
  // oxlint-disable-next-line oxc/number-arg-out-of-range -- since ES2018 up to 100 digits
  const exact = magnitude.toExponential(100);
  const isTie = exact[18] === '5' && /^0*e/.test(exact.slice(19));
  return isTie && Number(exact[17]) % 2 === 0 ? exact.slice(0, 18) + exact.slice(exact.indexOf('e')) : rounded;
}
