import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TransferError, TransferReader } from './transfer.ts';

const mark = '0123456789abcdef0123456789abcdef01234567';

/** Feeds pieces; returns the payload and what was left over after its end. */
function receive(
  head: string,
  bytes: Uint8Array,
  cuts: readonly number[],
): { payload: number[]; rest: number | undefined } {
  const reader = new TransferReader(head);
  const payload: number[] = [];
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    const to = Math.min(bytes.length, Math.max(at, cut));
    const used = reader.take(bytes, at, to, (from, start, end) => payload.push(...from.subarray(start, end)));
    if (used >= 0) {
      expect(reader.receivedBytes).toBe(payload.length);
      return { payload, rest: to - at - used };
    }
    at = to;
  }
  return { payload, rest: undefined };
}

const anyCuts = fc.array(fc.nat(300)).map((cuts) => cuts.toSorted((a, b) => a - b));

describe('TransferReader', () => {
  test('takes so many bytes and leaves the rest, wherever the chunks end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), anyCuts, fc.nat(50), (bytes, cuts, extra) => {
        const sizeBytes = Math.max(1, bytes.length - extra);
        const { payload, rest } = receive(`$${sizeBytes}`, bytes, cuts);
        expect(payload).toEqual([...bytes.subarray(0, sizeBytes)]);
        expect(rest).toBeDefined();
      }),
    );
  });

  test('finds the mark at the end, wherever the chunks end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), anyCuts, (bytes, cuts) => {
        const all = Uint8Array.from([...bytes, ...new TextEncoder().encode(mark)]);
        expect(receive(`$EOF:${mark}`, all, cuts)).toEqual({ payload: [...bytes], rest: 0 });
      }),
    );
  });

  test('waits for more without the mark', () => {
    expect(receive(`$EOF:${mark}`, new Uint8Array(100), [10, 50]).rest).toBeUndefined();
    expect(receive('$101', new Uint8Array(100), [10]).rest).toBeUndefined();
  });

  test.each(['', '$', '$x', '$-1', '+OK', '$EOF:short', `$EOF:${mark}0`, '$1234567890123456'])(
    'refuses the head %j',
    (head) => {
      expect(() => new TransferReader(head)).toThrow(TransferError);
    },
  );
});
