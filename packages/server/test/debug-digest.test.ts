import { expect, test } from 'vitest';
import { TestServer } from './support/test-server.ts';

/** What redis-server 7.0.15 answers to DEBUG DIGEST after the same requests. */
const digests: readonly (readonly [requests: string, digest: string])[] = [
  ['PING', '0'.repeat(40)],
  ['SET a 1', '943d800368fb9c0e951138f1bc0e313ac769d91f'],
  ['SET a 1; SET b hello; SELECT 3; SET a x EX 1000', 'aa91d67f15869a0e26c5f3681b59f5bdc514df11'],
  ['HSET h f1 v1 f2 42', '3e85b433db980c8e8b7895eeb348bf5f3f83d8bf'],
  ['SADD s x y; ZADD z 1.5 m 2 n; HSET h f1 v1 f2 42', '541491433a6f055bcec9a41c48196feb20df1d54'],
];

for (const [requests, digest] of digests)
  test(`DEBUG DIGEST after ${requests}`, async () => {
    const client = await (await TestServer.start()).connect();
    for (const request of requests.split('; ')) await client.ask(request);
    expect(await client.ask('DEBUG DIGEST')).toBe(digest);
  });

test('DEBUG DIGEST-VALUE', async () => {
  const client = await (await TestServer.start()).connect();
  await client.ask('SET a hello');
  expect(await client.ask('DEBUG DIGEST-VALUE a b')).toEqual([
    '36b23a1456b2dce2c3ed252c456761301dba8060',
    '0'.repeat(40),
  ]);
});

test('DEBUG LISTPACK and QUICKLIST-PACKED-THRESHOLD', async () => {
  const client = await (await TestServer.start()).connect();
  await client.ask('SET a hello');
  expect(String(await client.ask('DEBUG LISTPACK none'))).toContain('ERR no such key');
  expect(String(await client.ask('DEBUG LISTPACK a'))).toContain('ERR Not a listpack encoded object.');
  expect(await client.ask('DEBUG QUICKLIST-PACKED-THRESHOLD 10b')).toBe('OK');
});

test('that a field of a hash expires is part of the digest, and when is not', async () => {
  const client = await (await TestServer.start()).connect();
  const seen: unknown[] = [];
  for (const request of ['HSET h a 1 b 2', 'HEXPIRE h 100 FIELDS 1 a', 'HEXPIRE h 200 FIELDS 1 a', 'HSET h a 1']) {
    await client.ask(request);
    seen.push(await client.ask('DEBUG DIGEST-VALUE h'));
  }
  expect(seen[1]).not.toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[1]);
  expect(seen[3]).toEqual(seen[0]);
  expect(await client.ask('DEBUG LISTPACK h')).toBe('Listpack structure printed on stdout');
});
