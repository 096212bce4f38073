import { utf8Bytes } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addLongDoubles, formatLongDouble, type LongDouble, parseLongDouble } from './long-double.ts';
import { addShortDecimals, ShortDecimal } from './short-decimal.ts';

function parse(text: string): LongDouble | number | undefined {
  const bytes = utf8Bytes(text);
  return parseLongDouble(bytes, 0, bytes.length);
}

function print(text: string): string | undefined {
  const value = parse(text);
  return typeof value === 'object' ? formatLongDouble(value) : String(value);
}

describe('parseLongDouble and formatLongDouble', () => {
  // What redis-server 7.0.15 (x86-64) answers to SET k <text>, INCRBYFLOAT k 0.
  for (const [text, printed] of [
    ['0', '0'],
    ['-0.0', '0'],
    ['3.0e3', '3000'],
    ['0.1', '0.1'],
    ['100.1', '100.1'],
    ['1e17', '100000000000000000'],
    ['1e-17', '0.00000000000000001'],
    ['4.9e-18', '0'],
    ['123456789.123456789', '123456789.12345678899873747'],
    ['18446744073709551615.5', '18446744073709551616'],
    ['36893488147419103233', '36893488147419103232'],
    ['0x1.8p3', '12'],
    ['0x.1', '0.0625'],
    ['1.', '1'],
    ['.5', '0.5'],
    ['+7.25', '7.25'],
    ['1e-4950', '0'],
  ] as const)
    test(`${text} prints as ${printed}`, () => expect(print(text)).toBe(printed));

  for (const text of [
    '',
    '.',
    '1e',
    '1e+',
    '0x',
    '0x.',
    '0x1p',
    ' 1',
    '1 ',
    'abc',
    '1,5',
    '--1',
    'nan',
    'nan(1)',
    '1\0',
  ])
    test(`'${text}' is no number`, () => expect(parse(text)).toBeUndefined());

  test('infinities are told apart from what overflows', () => {
    expect([parse('inf'), parse('-Infinity')]).toEqual([Infinity, -Infinity]);
    expect([parse('1e4933'), parse('-1e999999999'), parse('0x1p16384')]).toEqual([undefined, undefined, undefined]);
  });

  test('the smallest number is there, half of it is not', () => {
    expect(parse('0x1p-16445')).toEqual({ mantissa: 1n, exponent: -16_445 });
    expect(parse('0x1p-16446')).toBeUndefined();
    expect(parse('0x1.8p-16446')).toEqual({ mantissa: 1n, exponent: -16_445 });
  });

  test('the largest number is there, and its double is not', () => {
    const largest = parse('1.18973149535723176502e+4932') as LongDouble;
    expect(largest).toEqual({ mantissa: 2n ** 64n - 1n, exponent: 16_320 });
    expect(addLongDoubles(largest, largest)).toBe(Infinity);
  });

  test('ties go to the even mantissa', () => {
    const mantissas = ['0x1.00000000000000010', '0x1.00000000000000030', '0x1.00000000000000031'].map((text) => {
      return (parse(text) as LongDouble).mantissa;
    });
    expect(mantissas).toEqual([2n ** 63n, 2n ** 63n + 2n, 2n ** 63n + 2n]);
  });

  test('every integer of 64 bits is exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => {
        expect(print(String(n))).toBe(String(n));
      }),
    );
  });

  test('more digits than a number may have are refused', () => {
    expect(parse('1'.repeat(5120))).toBeUndefined();
    expect(parse(`0.${'0'.repeat(5000)}1e5001`)).toEqual(parse('1'));
  });
});

describe('addShortDecimals', () => {
  function shortDecimal(text: string): ShortDecimal | undefined {
    const bytes = utf8Bytes(text);
    const decimal = new ShortDecimal();
    return decimal.parse(bytes, 0, bytes.length) ? decimal : undefined;
  }

  test('it takes decimals without exponent, of up to 15 digits', () => {
    const texts = ['1', '-1.5', '.5', '5.', '123456789012345', '0.00000000000001'];
    expect(texts.filter((text) => shortDecimal(text) === undefined)).toEqual([]);
    const others = ['', '-', '.', '1e3', '+1', '1..2', '1234567890123456', '0x1', 'inf', '1 '];
    expect(others.filter((text) => shortDecimal(text) !== undefined)).toEqual([]);
  });

  test('what it answers is what long doubles answer', () => {
    const decimalOf = fc
      .tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: 0, max: 15 }))
      .map(([n, places]) => (n / 10 ** places).toFixed(places));
    let answered = 0;
    fc.assert(
      fc.property(decimalOf, decimalOf, (left, right) => {
        const a = shortDecimal(left);
        const b = shortDecimal(right);
        const short = a === undefined || b === undefined ? undefined : addShortDecimals(a, b);
        if (short === undefined) return;
        answered++;
        const sum = addLongDoubles(parse(left) as LongDouble, parse(right) as LongDouble) as LongDouble;
        expect(short).toBe(formatLongDouble(sum));
      }),
      { numRuns: 20_000 },
    );
    expect(answered).toBeGreaterThan(2000);
  });
});
