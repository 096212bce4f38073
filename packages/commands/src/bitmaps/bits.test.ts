import { ByteBuffer } from '@kvartz/base';
import { Span } from '@kvartz/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitField, Overflow, readField, writeField } from './bit-field.ts';
import { BitOperation, combineBytes } from './combine-bytes.ts';
import { countBits } from './count-bits.ts';
import { findBit } from './find-bit.ts';

/** Bytes at an odd place of a larger buffer, with set bits on both sides that nobody may count. */
const base = 5;
const stringOf = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 100 }),
  fc.uint8Array({ minLength: 1, maxLength: 100, max: 0 }),
  fc.uint8Array({ minLength: 1, maxLength: 100, min: 255 }),
);

function bufferOf(bytes: Uint8Array): ByteBuffer {
  const buffer = new ByteBuffer(bytes.length + 20);
  buffer.u8.fill(0xff);
  buffer.u8.set(bytes, base);
  return buffer;
}

/** The string as `0`s and `1`s, highest bit of the first byte first. */
function bitsOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
}

const rangeOf = fc.tuple(stringOf, fc.nat(), fc.nat()).map(([bytes, a, b]) => {
  const length = bytes.length * 8 + 1;
  return { bytes, start: Math.min(a % length, b % length), end: Math.max(a % length, b % length) };
});

test('countBits counts as one would by hand', () => {
  fc.assert(
    fc.property(rangeOf, ({ bytes, start, end }) => {
      const ones = bitsOf(bytes).slice(start, end).replaceAll('0', '').length;
      expect(countBits(bufferOf(bytes), base, start, end)).toBe(ones);
    }),
  );
});

test('findBit finds what one would find by hand', () => {
  fc.assert(
    fc.property(rangeOf, fc.constantFrom(0, 1), ({ bytes, start, end }, bit) => {
      const found = bitsOf(bytes).slice(0, end).indexOf(String(bit), start);
      expect(findBit(bufferOf(bytes), base, start, end, bit)).toBe(found);
    }),
  );
});

test('combineBytes combines as one would byte by byte', () => {
  fc.assert(
    fc.property(stringOf, stringOf, fc.constantFrom(...Object.values(BitOperation)), (a, b, operation) => {
      const [long, short] = a.length >= b.length ? [a, b] : [b, a];
      const target = ByteBuffer.from(long);
      const source = new Span(bufferOf(short));
      source.start = base;
      source.end = base + short.length;
      combineBytes(target, operation, source);
      const expected = Array.from(long, (byte, i) => {
        const other = short[i] ?? 0;
        if (operation === BitOperation.and) return byte & other;
        if (operation === BitOperation.or) return byte | other;
        if (operation === BitOperation.xor) return byte ^ other;
        return i < short.length ? ~other & 0xff : byte;
      });
      expect([...target.u8]).toEqual(expected);
    }),
  );
});

describe('fields', () => {
  const fieldOf = fc.record({ bits: fc.integer({ min: 1, max: 64 }), offset: fc.nat(200), isSigned: fc.boolean() });

  test('what is written is read again, and nothing else changes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 40, maxLength: 40 }),
        fieldOf,
        fc.bigInt(-(2n ** 63n), 2n ** 63n),
        (bytes, field, value) => {
          const { bits, offset, isSigned } = field;
          const buffer = bufferOf(bytes);
          writeField(buffer, base, offset, bits, value);
          const written = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
          expect(readField(buffer, base, base + 40, offset, bits, isSigned)).toBe(written);
          const after = bitsOf(buffer.u8.subarray(base, base + 40));
          expect(after.slice(offset, offset + bits)).toBe(BigInt.asUintN(bits, value).toString(2).padStart(bits, '0'));
          expect(after.slice(0, offset) + after.slice(offset + bits)).toBe(
            bitsOf(bytes).slice(0, offset) + bitsOf(bytes).slice(offset + bits),
          );
          expect(
            [...buffer.u8.subarray(0, base), ...buffer.u8.subarray(base + 40)].every((byte) => byte === 0xff),
          ).toBe(true);
        },
      ),
    );
  });

  test('what lies past the end reads as zeros', () => {
    const buffer = bufferOf(Uint8Array.of(0xff));
    expect(readField(buffer, base, base + 1, 4, 8, false)).toBe(0xf0n);
    expect(readField(buffer, base, base + 1, 100, 63, false)).toBe(0n);
  });

  for (const [value, bits, isSigned, overflow, fitted] of [
    [128n, 8, true, Overflow.wrap, -128n],
    [128n, 8, true, Overflow.saturate, 127n],
    [-129n, 8, true, Overflow.saturate, -128n],
    [-129n, 8, true, Overflow.fail, undefined],
    [127n, 8, true, Overflow.fail, 127n],
    [256n, 8, false, Overflow.wrap, 0n],
    [256n, 8, false, Overflow.saturate, 255n],
    [-1n, 8, false, Overflow.saturate, 0n],
    [2n ** 63n, 64, true, Overflow.saturate, 2n ** 63n - 1n],
  ] as const)
    test(`${value} in ${isSigned ? 'i' : 'u'}${bits} becomes ${fitted}`, () =>
      expect(fitField(value, bits, isSigned, overflow)).toBe(fitted));
});
