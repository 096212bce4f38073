import { ReplyDecoder, Args, type ReplyValue } from '@kvartz/resp';
import { expect, test } from 'vitest';
import { TestContext } from '../../test/test-context.ts';
import { timeoutMsAt } from './timeout.ts';

const notFloat = 'ERR timeout is not a float or out of range';
const negative = 'ERR timeout is negative';

/** As redis-server 7.0.15 takes them. */
const timeouts: readonly (readonly [text: string, ms: number | string])[] = [
  ['0', 0],
  ['-0', 0],
  ['1', 1000],
  ['+1', 1000],
  ['0.001', 1],
  ['0.0011', 2],
  ['0.1', 100],
  ['1e3', 1_000_000],
  ['0x1', 1000],
  ['1e-300', 1],
  ['-0.0001', 0],
  // An x87's 0.001 is less than a thousandth.
  ['-0.001', 0],
  ['-0.002', negative],
  ['-1', negative],
  ['inf', negative],
  ['-inf', negative],
  ['1e400', negative],
  ['9223372036854775', 9_223_372_036_854_775_000],
  ['9223372036854776', negative],
  ['', notFloat],
  ['abc', notFloat],
  ['nan', notFloat],
  [' 1', notFloat],
  ['1 ', notFloat],
];

for (const [text, expected] of timeouts)
  test(`a timeout of '${text}': ${expected}`, () => {
    const context = new TestContext();
    const ms = timeoutMsAt(context, Args.of(text), 0);
    if (typeof expected === 'number') expect(ms).toBe(expected);
    else {
      expect(ms).toBe(-1);
      expect((replyOf(context) as Error).message).toBe(expected);
    }
  });

function replyOf({ reply }: TestContext): ReplyValue {
  const decoder = new ReplyDecoder({ aggregates: 'array' });
  decoder.feed(reply.buffer.u8.slice(0, reply.position));
  decoder.next();
  return decoder.value;
}
