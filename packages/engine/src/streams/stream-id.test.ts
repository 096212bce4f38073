import { latin1Bytes } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamId } from './stream-id.ts';

const max64 = 2n ** 64n - 1n;
const u64 = fc.oneof(fc.bigInt({ min: 0n, max: max64 }), fc.bigInt({ min: 0n, max: 2n ** 33n }), fc.constant(max64));

function idOf(text: string, isMissingSeqMax = false): StreamId | undefined {
  const bytes = latin1Bytes(`[${text}]`);
  const id = new StreamId();
  return id.parse(bytes, 1, bytes.length - 1, isMissingSeqMax) ? id : undefined;
}

test.each([
  ['1-2', '1-2'],
  ['5', '5-0'],
  ['18446744073709551615-18446744073709551615', '18446744073709551615-18446744073709551615'],
  ['9223372036854775808', '9223372036854775808-0'],
  ['00000000000000000000000000012-007', '12-7'],
  [' +1-\t2', '1-2'],
  ['1-2\0what follows', '1-2'],
  ['1--0', '1-0'],
  ['1--05', '1-18446744073709551611'],
])('the ID %j is %s', (text, expected) => {
  expect(String(idOf(text))).toBe(expected);
});

test.each([
  '',
  '-',
  '+',
  'x',
  '1-',
  '-1',
  '1-2-3',
  '1--5',
  '1 -2',
  '1- ',
  '18446744073709551616',
  '99999999999999999999',
  '1-184467440737095516150',
])('%j is no ID', (text) => {
  expect(idOf(text)).toBeUndefined();
});

test('a sequence number that is missing can be the highest', () => {
  expect(String(idOf('5', true))).toBe('5-18446744073709551615');
});

test('IDs print as they are read, and are ordered as pairs of numbers', () => {
  fc.assert(
    fc.property(u64, u64, u64, u64, (ms, seq, otherMs, otherSeq) => {
      const id = idOf(`${ms}-${seq}`)!;
      const other = idOf(`${otherMs}-${otherSeq}`)!;
      expect(String(id)).toBe(`${ms}-${seq}`);
      const expected = ms === otherMs ? Number(seq > otherSeq) - Number(seq < otherSeq) : ms > otherMs ? 1 : -1;
      expect(id.compare(other)).toBe(expected);
      expect(id.equals(new StreamId().copy(id))).toBe(true);
      const words = new Uint32Array(6);
      id.writeTo(words, 1);
      expect(other.readFrom(words, 1).compare(id)).toBe(0);
    }),
  );
});

test('the next ID and the one before', () => {
  fc.assert(
    fc.property(u64, u64, (ms, seq) => {
      const value = (ms << 64n) + seq;
      const next = value + 1n;
      const id = idOf(`${ms}-${seq}`)!;
      expect(id.isMin).toBe(value === 0n);
      expect(id.increment()).toBe(next <= (max64 << 64n) + max64);
      if (next <= (max64 << 64n) + max64) {
        expect(String(id)).toBe(`${next >> 64n}-${next & max64}`);
        expect(id.decrement()).toBe(true);
      }
      expect(String(id)).toBe(`${ms}-${seq}`);
    }),
  );
  const id = new StreamId().setMax();
  expect([id.isMax, id.increment(), id.isMax]).toEqual([true, false, true]);
  id.setMin();
  expect([id.isMin, id.decrement(), id.isMin]).toEqual([true, false, true]);
  expect(String(id.set(2 ** 40 + 5, 2 ** 33))).toBe('1099511627781-8589934592');
  expect([id.ms, id.seq]).toEqual([2 ** 40 + 5, 2 ** 33]);
});
