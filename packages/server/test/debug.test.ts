import { expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { TestServer } from './support/test-server.ts';

test.each([
  ['100 a*a*b', 0],
  ['100 a*a*a', 1],
  ['0 *', 1],
  ['5 ??????', 0],
  ['x *', '-ERR value is not an integer or out of range'],
  ['-1 *', '-ERR value is out of range'],
])('DEBUG STRINGMATCH-LEN %s', async (words, reply) => {
  const client = await (await TestServer.start()).connect();
  expect(shown(await client.ask(`DEBUG STRINGMATCH-LEN ${words}`))).toBe(reply);
});
