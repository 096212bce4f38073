import { expect, test } from 'vitest';
import { TestServer } from './support/test-server.ts';

test('keys that nobody asks for are removed soon after they expire, however many, in slices', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  for (let i = 0; i < 30; i++) {
    const keys = Array.from({ length: 100 }, (_, k) => `SET key:${i}:${k} value PX 2000`);
    for (const line of keys) client.send(line);
    await server.world.run(10);
  }
  await server.world.run(100);
  expect(server.kernel.databases[0].keyCount).toBe(3000);
  await server.world.run(3000);
  expect(server.kernel.databases[0].keyCount).toBe(0);
  expect(server.kernel.stats.expiredKeys).toBe(3000);
});

test('DEBUG SET-ACTIVE-EXPIRE 0 leaves them to those who look', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  await client.ask('DEBUG SET-ACTIVE-EXPIRE 0');
  await client.ask('SET a 1 PX 10');
  await server.world.run(1000);
  expect(server.kernel.databases[0].keyCount).toBe(1);
  expect(await client.ask('GET a')).toBe(null);
  expect(server.kernel.databases[0].keyCount).toBe(0);
});

test('memory of what is deleted comes back at the end of the turn, not at the next tick', async () => {
  const server = await TestServer.start({ directives: { hz: 1 } });
  const { arena } = server.kernel;
  const client = await server.connect();
  await client.ask('SET kept 1');
  await client.ask('SELECT 1');
  const beforeBytes = arena.usedBytes;
  await client.ask('DEBUG POPULATE 5000');
  await client.ask('FLUSHDB');
  await server.world.run(20);
  expect(arena.lazyFree.isEmpty).toBe(true);
  expect(arena.usedBytes).toBe(beforeBytes);
  expect(await client.ask('INFO memory')).toMatch(/lazyfree_pending_objects:0\r\nlazyfreed_objects:5000\r\n/);
  await client.ask('CONFIG RESETSTAT');
  expect(await client.ask('INFO memory')).toContain('lazyfreed_objects:0\r\n');
});

test('a command that needs memory finds what was deleted just before', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  await client.ask('SET kept 1');
  await client.ask('SELECT 1');
  await client.ask('DEBUG POPULATE 5000');
  await client.ask(`CONFIG SET maxmemory ${Math.floor(server.kernel.arena.usedBytes / 2)}`);
  for (const request of ['SET a 1', 'FLUSHDB', 'SET a 1']) client.send(request);
  const [refused, ...rest] = await client.repliesWithin(10);
  expect(String(refused)).toContain('OOM');
  expect(rest).toEqual(['OK', 'OK']);
});

test('fields of hashes go by themselves, of small ones and large, and the key with the last', async () => {
  const server = await TestServer.start({ directives: { 'hash-max-listpack-entries': 20 } });
  const client = await server.connect();
  const list = (fields: number): string => Array.from({ length: fields }, (_, i) => `f${i} v`).join(' ');
  const names = (fields: number): string => Array.from({ length: fields }, (_, i) => `f${i}`).join(' ');
  await client.ask(`HSET small ${list(10)} kept 1`);
  await client.ask(`HSET large ${list(5000)}`);
  await client.ask(`HPEXPIRE small 2000 FIELDS 10 ${names(10)}`);
  await client.ask(`HPEXPIRE large 2000 FIELDS 5000 ${names(5000)}`);
  expect(await client.ask('INFO keyspace')).toContain('db0:keys=2,expires=0,avg_ttl=0,subexpiry=2\r\n');
  expect(await client.ask('INFO stats')).toContain('expired_subkeys:0\r\n');
  await server.world.run(3000);
  expect(await client.ask('EXISTS small large')).toBe(1);
  expect(await client.ask('HLEN small')).toBe(1);
  expect(await client.ask('INFO keyspace')).toContain('db0:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n');
  expect(await client.ask('INFO stats')).toContain('expired_subkeys:5010\r\n');
  await client.ask('CONFIG RESETSTAT');
  expect(await client.ask('INFO stats')).toContain('expired_subkeys:0\r\n');
});

test('DEBUG SET-ACTIVE-EXPIRE 0 leaves fields, too', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  await client.ask('DEBUG SET-ACTIVE-EXPIRE 0');
  await client.ask('HSETEX h PX 10 FIELDS 2 a 1 b 2');
  await server.world.run(1000);
  expect(await client.ask('HLEN h')).toBe(2);
  expect(await client.ask('HGETALL h')).toEqual([]);
  expect(await client.ask('HGET h a')).toBe(null);
  expect(await client.ask('HLEN h')).toBe(1);
  await client.ask('DEBUG SET-ACTIVE-EXPIRE 1');
  await server.world.run(1000);
  expect(await client.ask('EXISTS h')).toBe(0);
});
