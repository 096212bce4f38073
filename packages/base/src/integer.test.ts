import { equal } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { formatInteger, parseInt64, parseInteger } from './integer.ts';
import { asciiBytes, latin1Of } from './text.ts';

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

describe('parseInteger', () => {
  for (const [text, expected] of [
    ['0', 0],
    ['7', 7],
    ['-7', -7],
    ['123456789', 123456789],
    ['1234567890', 1234567890],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', Infinity],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['-9007199254740992', -Infinity],
    ['9223372036854775807', Infinity],
    ['9223372036854775808', NaN],
    ['9223372037000000000', NaN],
    ['9223372036000000000', Infinity],
    ['-9223372036854775808', -Infinity],
    ['-9223372036854775809', NaN],
    ['99999999999999999999', NaN],
    ['-99999999999999999999', NaN],
    ['', NaN],
    ['-', NaN],
    ['-0', NaN],
    ['+1', NaN],
    ['00', NaN],
    ['01', NaN],
    ['-01', NaN],
    [' 1', NaN],
    ['1 ', NaN],
    ['1.0', NaN],
    ['1e3', NaN],
    ['--1', NaN],
    ['12a4567890123', NaN],
    ['12345678901234:', NaN],
    ['1/', NaN],
  ] as const) {
    test(`'${text}' is ${expected}`, () => {
      const bytes = asciiBytes(`9${text}9`);
      equal(parseInteger(bytes, 1, 1 + text.length), expected);
    });
  }

  test('takes exactly the canonical spelling of every 64-bit integer', () =>
    fc.assert(
      fc.property(fc.bigInt({ min: int64Min, max: int64Max }), fc.nat(63), (n, shift) => {
        const value = n >> BigInt(shift);
        const bytes = asciiBytes(String(value));
        equal(parseInt64(bytes, 0, bytes.length), value);
        const isSafe = value >= -(2n ** 53n - 1n) && value < 2n ** 53n;
        equal(parseInteger(bytes, 0, bytes.length), isSafe ? Number(value) : value > 0n ? Infinity : -Infinity);
      }),
    ));

  test('refuses every text whose value does not print as that text', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[-+ 0-9a.]{0,21}$/), (text) => {
        const bytes = asciiBytes(text);
        const value = parseInt64(bytes, 0, bytes.length);
        if (value !== undefined) equal(String(value), text);
        else equal(/^(0|-?[1-9]\d*)$/.test(text) && BigInt(text) >= int64Min && BigInt(text) <= int64Max, false);
      }),
    ));
});

describe('formatInteger', () => {
  const print = (n: number): string => {
    const target = new Uint8Array(24).fill(0x2e);
    const end = formatInteger(target, 2, n);
    equal(latin1Of(target, 0, 2) + latin1Of(target, end, end + 1), '...');
    return latin1Of(target, 2, end);
  };

  test('prints every number of digits', () => {
    for (let power = 0; power < 16; power++) {
      for (const n of [10 ** power, 10 ** power - 1, 10 ** power + 1]) {
        equal(print(n), String(n));
        if (n > 0) equal(print(-n), String(-n));
      }
    }
    equal(print(-0), '0');
    equal(print(Number.MAX_SAFE_INTEGER), '9007199254740991');
    equal(print(Number.MIN_SAFE_INTEGER), '-9007199254740991');
  });

  test('prints as String does', () =>
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(52), (n, shift) => {
        const value = Math.trunc(n / 2 ** shift) || 0;
        equal(print(value), String(value));
      }),
    ));
});
