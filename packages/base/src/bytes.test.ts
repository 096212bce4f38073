import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { ByteBuffer } from './byte-buffer.ts';
import { copyBytes, equalBytes, equalsIgnoreCase } from './bytes.ts';
import { asciiBytes } from './text.ts';

describe('copyBytes', () => {
  test('copies between buffers as set(subarray) does', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(700), fc.nat(700), fc.nat(40), (bytes, x, y, at) => {
        const [start, end] = [Math.min(x, y, bytes.length), Math.min(Math.max(x, y), bytes.length)];
        const to = new ByteBuffer(800);
        const expected = new Uint8Array(800);
        expected.set(bytes.subarray(start, end), at);
        copyBytes(ByteBuffer.from(bytes), start, end, to, at);
        deepEqual(to.u8, expected);
      }),
    ));

  test('copies inside one buffer as copyWithin does, overlapping or not', () =>
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 600, maxLength: 600 }),
        fc.nat(300),
        fc.nat(300),
        fc.nat(300),
        (bytes, start, sizeBytes, at) => {
          const buffer = ByteBuffer.from(bytes);
          copyBytes(buffer, start, start + sizeBytes, buffer, at);
          deepEqual(buffer.u8, bytes.slice().copyWithin(at, start, start + sizeBytes));
        },
      ),
    ));
});

describe('equalBytes', () => {
  test('is true for the same bytes at any alignment', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(9), fc.nat(9), (bytes, i, j) => {
        const a = new ByteBuffer(120);
        const b = new ByteBuffer(120);
        a.u8.set(bytes, i);
        b.u8.set(bytes, j);
        equal(equalBytes(a, i, i + bytes.length, b, j, j + bytes.length), true);
      }),
    ));

  test('sees one different byte anywhere', () =>
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, n, x) => {
          const other = bytes.slice();
          other[n % bytes.length] ^= x;
          equal(equalBytes(ByteBuffer.from(bytes), 0, bytes.length, ByteBuffer.from(other), 0, bytes.length), false);
        },
      ),
    ));

  test('compares lengths first', () => {
    const buffer = new ByteBuffer(16);
    equal(equalBytes(buffer, 0, 8, buffer, 0, 7), false);
    equal(equalBytes(buffer, 3, 3, buffer, 9, 9), true);
  });
});

describe('equalsIgnoreCase', () => {
  for (const [text, lower, expected] of [
    ['get', 'get', true],
    ['GeT', 'get', true],
    ['getx', 'get', false],
    ['ge', 'get', false],
    ['', '', true],
    ['@', '`', false], // 0x40 and 0x60 differ in the case bit, but are not letters
    ['[', '{', false],
    ['Zz', 'zz', true],
    ['no-evict', 'no-evict', true],
  ] as const) {
    test(`'${text}' ${expected ? 'is' : 'is not'} '${lower}'`, () => {
      const bytes = asciiBytes(`..${text}..`);
      equal(equalsIgnoreCase(bytes, 2, 2 + text.length, lower), expected);
    });
  }
});
