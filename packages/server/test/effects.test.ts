import { ByteBuffer, latin1Of } from '@kvartz/base';
import { RequestDecoder, requestLimits } from '@kvartz/resp';
import { expect, test } from 'vitest';
import { TestServer } from './support/test-server.ts';

/** A server whose effects are collected, each as its words. */
async function startRecorded(): Promise<{ server: TestServer; effects: string[] }> {
  const server = await TestServer.start();
  const effects: string[] = [];
  server.kernel.effects.sink = {
    append: (bytes, start, end) => {
      const decoder = new RequestDecoder(requestLimits());
      decoder.feed(ByteBuffer.from(bytes.subarray(start, end)), 0, end - start);
      while (decoder.next()) {
        const { args } = decoder;
        const words = Array.from({ length: args.count }, (_, i) =>
          latin1Of(args.buffer.u8, args.start[i], args.end[i]),
        );
        effects.push(words.join(' '));
      }
    },
  };
  return { server, effects };
}

test('what changes something is repeated as it came; what does not is not', async () => {
  const { server, effects } = await startRecorded();
  const client = await server.connect();
  for (const line of ['SET a 1', 'GET a', 'DEL missing', 'INCR a', 'INCR a', 'EXISTS a']) await client.ask(line);
  expect(effects).toEqual(['SELECT 0', 'SET a 1', 'INCR a', 'INCR a']);
});

test('relative times become absolute', async () => {
  const { server, effects } = await startRecorded();
  const client = await server.connect();
  await client.ask('SET a 1 EX 10');
  await client.ask('EXPIRE a 20');
  expect(effects[1]).toMatch(/^SET a 1 PXAT \d{13}$/);
  expect(effects[2]).toMatch(/^PEXPIREAT a \d{13}$/);
});

test('a transaction stays whole, without the commands that changed nothing and without EXEC of its own', async () => {
  const { server, effects } = await startRecorded();
  const client = await server.connect();
  for (const line of ['MULTI', 'SET a 1', 'GET a', 'INCR a', 'EXEC', 'SET b 2']) await client.ask(line);
  expect(effects).toEqual(['SELECT 0', 'MULTI', 'SET a 1', 'INCR a', 'EXEC', 'SET b 2']);
  effects.length = 0;
  for (const line of ['MULTI', 'GET a', 'EXEC']) await client.ask(line);
  expect(effects).toEqual([]);
});

test('a key that is evicted is deleted, before the command that needs its room', async () => {
  const { server, effects } = await startRecorded();
  const client = await server.connect();
  await client.ask('SET', 'a', 'x'.repeat(2_000_000));
  await client.ask('CONFIG SET maxmemory 3mb maxmemory-policy allkeys-random');
  await client.ask('SET', 'b', 'y'.repeat(2_000_000));
  expect(effects.map((line) => line.slice(0, 7))).toEqual(['SELECT ', 'SET a x', 'DEL a', 'SET b y']);
});

test('a key that expires is deleted, by whoever finds it', async () => {
  const { server, effects } = await startRecorded();
  const client = await server.connect();
  await client.ask('SELECT 3');
  await client.ask('SET a 1 PX 50');
  await server.world.run(2000);
  expect(effects[0]).toBe('SELECT 3');
  expect(effects.at(-1)).toBe('DEL a');
  expect(await client.ask('DBSIZE')).toBe(0);
});

test('an error in a transaction counts once', async () => {
  const { server } = await startRecorded();
  const client = await server.connect();
  for (const line of ['SET a x', 'MULTI', 'INCR a', 'EXEC']) await client.ask(line);
  expect(server.kernel.stats.totalErrorReplies).toBe(1);
});

test('what commands said of their effects while nobody listened is not taken for those of a later command', async () => {
  const { server, effects } = await startRecorded();
  const { sink } = server.kernel.effects;
  server.kernel.effects.sink = undefined;
  const client = await server.connect();
  for (const line of ['MULTI', 'SET a 1', 'EXEC']) await client.ask(line);
  server.kernel.effects.sink = sink;
  await client.ask('SET b 2');
  expect(effects).toEqual(['SELECT 0', 'SET b 2']);
});

test('fields that expire are removed elsewhere by name, before what the command that met them did', async () => {
  const { server, effects } = await startRecorded();
  const client = await server.connect();
  await client.ask('HSET h a 1 b 2 c 3');
  await client.ask('HPEXPIRE h 100 FIELDS 2 a b');
  expect(effects[2]).toMatch(/^HPEXPIREAT h \d{13} FIELDS 2 a b$/);
  await client.ask('DEBUG SET-ACTIVE-EXPIRE 0');
  await server.world.run(200);
  effects.length = 0;
  await client.ask('HINCRBY h a 5');
  expect(effects).toEqual(['HDEL h a', 'HINCRBY h a 5']);
  effects.length = 0;
  await client.ask('DEBUG SET-ACTIVE-EXPIRE 1');
  await server.world.run(200);
  expect(effects).toEqual(['HDEL h b']);
});

test('what one command does in several effects is done as a whole', async () => {
  const { server, effects } = await startRecorded();
  const client = await server.connect();
  await client.ask('XADD s 1-1 a 1');
  await client.ask('XGROUP CREATE s g 0');
  effects.length = 0;
  await client.ask('XREADGROUP GROUP g c STREAMS s >');
  expect([effects[0], effects.at(-1)]).toEqual(['MULTI', 'EXEC']);
  expect(effects.length).toBeGreaterThan(3);
  effects.length = 0;
  for (const line of ['XADD s 2-1 a 1', 'MULTI', 'XREADGROUP GROUP g c STREAMS s >', 'SET k 1', 'EXEC'])
    await client.ask(line);
  expect(effects.filter((line) => line === 'MULTI' || line === 'EXEC')).toEqual(['MULTI', 'EXEC']);
  expect(effects.slice(-2)).toEqual(['SET k 1', 'EXEC']);
});
