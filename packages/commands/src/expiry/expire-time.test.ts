import { NO_EXPIRY } from '@kvartz/engine';
import { Args } from '@kvartz/resp';
import { expect, test } from 'vitest';
import { TestContext } from '../../test/test-context.ts';
import { expireTimeAt, TIME_OVERFLOW } from './expire-time.ts';

for (const [text, unitMs, baseMs, atMs] of [
  ['10', 1000, 500, 10_500],
  ['-10', 1, 500, 490],
  ['x', 1, 0, NaN],
  ['9223372036854775', 1000, 0, Number.MAX_SAFE_INTEGER],
  ['9223372036854776', 1000, 0, TIME_OVERFLOW],
  ['9223372036854775807', 1, 1, TIME_OVERFLOW],
  ['-9223372036854775808', 1, 1, -Number.MAX_SAFE_INTEGER],
  ['-9223372036854775808', 1000, 1, TIME_OVERFLOW],
  ['9007199254740991', 1, 1, Number.MAX_SAFE_INTEGER],
  ['-1', 1, 0, -3],
  ['-2', 1, 0, -3],
] as const)
  test(`${baseMs} + ${text} * ${unitMs} is ${atMs}`, () =>
    expect(expireTimeAt(Args.of(text), 0, unitMs, baseMs)).toBe(atMs));

test('a replica that is told of the millisecond before 1970 does not keep the key for ever', () => {
  const context = new TestContext();
  context.db.expiryMode = 'ignore';
  context.run('SET', 'a', '1');
  context.run('PEXPIREAT', 'a', '-1');
  const { buffer, start, end } = Args.of('a');
  expect(context.db.expireAtMs(context.db.peek(buffer, start[0], end[0]))).not.toBe(NO_EXPIRY);
});
