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
