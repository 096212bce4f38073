import { expect, test } from 'vitest';
import { TestContext } from '../../test/test-context.ts';

test('members of every length become the bulks that they are, in both directions', () => {
  const context = new TestContext();
  context.db.limits.zsetMaxListpackEntries = 0;
  const lengths = [...Array(130).keys(), 999, 1000, 5000, 9, 10, 11, 95, 96, 97];
  const members = lengths.map((length, i) => (length < 4 ? 'xyz'.slice(0, length) : `${i}`.padStart(length, '.')));
  for (const [i, member] of members.entries()) context.run('ZADD', 'key', i, member);
  expect(context.run('ZRANGE', 'key', 0, -1)).toEqual(members);
  expect(context.run('ZRANGE', 'key', 0, -1, 'REV')).toEqual(members.toReversed());
  expect(context.run('ZRANGE', 'key', 100, 120)).toEqual(members.slice(100, 121));
  expect(context.run('ZRANGE', 'key', 3, 4, 'WITHSCORES')).toEqual([members[3], '3', members[4], '4']);
});
