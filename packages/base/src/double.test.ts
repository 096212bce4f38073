import { equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { formatDouble, formatDouble17, parseDouble } from './double.ts';
import { asciiBytes } from './text.ts';

const parse = (text: string): number => parseDouble(asciiBytes(`1${text}1`), 1, 1 + text.length);

/** What redis-server 7.0.15 reads and replies; see testdata/make-doubles.ts. */
const golden = readFileSync(new URL('../testdata/doubles.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [string, string])
  .map(([spelling, reply]) => [spelling.replaceAll('\\t', '\t'), reply]);

test('parseDouble and formatDouble17: as redis-server reads and replies', () => {
  ok(golden.length > 600, `${golden.length} rows`);
  for (const [spelling, reply] of golden) {
    const value = parse(spelling);
    equal(Number.isNaN(value) ? 'ERR' : formatDouble17(value), reply, `'${spelling}'`);
  }
});

describe('parseDouble', () => {
  test('refuses nothing at all', () => equal(parse(''), NaN));

  test('reads decimals as Number does', () =>
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(20), (n, digits) => {
        equal(parse(String(n)), Number(String(n))); // -0 prints as 0
        const fixed = Math.abs(n) < 1e21 ? n.toFixed(digits) : String(n);
        equal(parse(fixed), Number(fixed));
      }),
    ));

  test('reads hexadecimals exactly', () =>
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 70n }), fc.integer({ min: -900, max: 900 }), (mantissa, exponent) => {
        equal(parse(`0x${mantissa.toString(16)}p${exponent}`), Number(mantissa) * 2 ** exponent);
      }),
    ));
});

describe('formatDouble', () => {
  // As Redis 7.2 and later (d2string with fpconv) prints them.
  for (const [n, expected] of [
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-3, '-3'],
    [0.1, '0.1'],
    [-0.1, '-0.1'],
    [3.5, '3.5'],
    [0.30000000000000004, '0.30000000000000004'],
    [100_000_000, '100000000'],
    [123456789012345680, '123456789012345680'],
    [2 ** 53, '9007199254740992'],
    [-(2 ** 62), '-4611686018427387904'],
    [1e19, '1e+19'],
    [1e20, '1e+20'],
    [1.5e300, '1.5e+300'],
    [123456789012345680000, '123456789012345680000'],
    [0.001, '0.001'],
    [0.000001, '0.000001'],
    [0.0000001, '1e-7'],
    [0.0000015, '1.5e-6'],
    [1.5e-7, '1.5e-7'],
    [1234567.12345678, '1.23456712345678e+6'],
    [123.123456789, '123.123456789'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
  ] as const) {
    test(`${n} is ${expected}`, () => equal(formatDouble(n), expected));
  }

  test('reads back as the same double', () =>
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.integer(), (n, integer) => {
        for (const value of [n, integer, integer / 100]) {
          equal(parse(formatDouble(value)), value);
          equal(parse(formatDouble17(value)), value);
        }
      }),
    ));
});
