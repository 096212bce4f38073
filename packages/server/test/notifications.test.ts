import { ByteBuffer, latin1Bytes } from '@kvartz/base';
import { expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

/** A server that tells, somebody who listens to everything, and somebody who acts. */
async function stage(letters: string): Promise<{ server: TestServer; listener: TestClient; actor: TestClient }> {
  const server = await TestServer.start({ directives: { 'notify-keyspace-events': letters } });
  const listener = await server.connect();
  await listener.ask('PSUBSCRIBE __key*__:*');
  return { server, listener, actor: await server.connect() };
}

/** What the listener has heard since, as `channel payload`. */
async function heard(listener: TestClient, ms = 20): Promise<string[]> {
  return (await listener.repliesWithin(ms)).map((reply) => (shown(reply) as string[]).slice(2).join(' '));
}

test('nothing is told before somebody asks for it', async () => {
  const { actor, listener, server } = await stage('');
  await actor.ask('SET a 1');
  expect(await heard(listener)).toEqual([]);
  expect(server.kernel.observers.isOn).toBe(false);
  await actor.ask('CONFIG SET notify-keyspace-events KE');
  expect(server.kernel.observers.isOn).toBe(false);
  await actor.ask('CONFIG SET notify-keyspace-events E$');
  await actor.ask('SET a 1');
  expect(await heard(listener)).toEqual(['__keyevent@0__:set a']);
  await actor.ask('CONFIG', 'SET', 'notify-keyspace-events', '');
  await actor.ask('SET a 1');
  expect(await heard(listener)).toEqual([]);
  expect(server.kernel.observers.isOn).toBe(false);
});

test('each class by itself', async () => {
  const story = ['SET s 1', 'EXPIRE s 100', 'RPUSH l 1', 'SADD t 1', 'HSET h f 1', 'ZADD z 1 m', 'GET none', 'DEL s'];
  for (const [letters, expected] of [
    ['$', ['s set']],
    ['g', ['s expire', 's del']],
    ['l', ['l rpush']],
    ['s', ['t sadd']],
    ['h', ['h hset']],
    ['z', ['z zadd']],
    ['m', ['none keymiss']],
    ['n', ['s new', 'l new', 't new', 'h new', 'z new']],
    ['x', []],
    ['A', ['s set', 's expire', 'l rpush', 't sadd', 'h hset', 'z zadd', 's del']],
  ] as const) {
    const { actor, listener } = await stage(`K${letters}`);
    for (const request of story) await actor.ask(request);
    expect(await heard(listener), letters).toEqual(expected.map((one) => `__keyspace@0__:${one}`));
  }
});

test('the key by its event, the event by its key, each with its database', async () => {
  const { actor, listener } = await stage('KEA');
  await actor.ask('SELECT 3');
  await actor.ask('SET k 1');
  await actor.ask('MOVE k 5');
  expect(await heard(listener)).toEqual([
    '__keyspace@3__:k set',
    '__keyevent@3__:set k',
    '__keyspace@3__:k move_from',
    '__keyevent@3__:move_from k',
    '__keyspace@5__:k move_to',
    '__keyevent@5__:move_to k',
  ]);
});

test('expired keys are told of when they are found, or when nobody looks', async () => {
  const { actor, listener } = await stage('Kx');
  await actor.ask('DEBUG SET-ACTIVE-EXPIRE 0');
  await actor.ask('SET a 1 PX 10');
  expect(await heard(listener, 100)).toEqual([]);
  await actor.ask('GET a');
  expect(await heard(listener)).toEqual(['__keyspace@0__:a expired']);
  await actor.ask('DEBUG SET-ACTIVE-EXPIRE 1');
  await actor.ask('SET b 1 PX 10');
  expect(await heard(listener, 500)).toEqual(['__keyspace@0__:b expired']);
});

test('evicted keys', async () => {
  const { listener, server } = await stage('Ee');
  const key = ByteBuffer.from(latin1Bytes('old'));
  server.kernel.observers.evicted(0, key, 0, key.sizeBytes);
  expect(await heard(listener)).toEqual(['__keyevent@0__:evicted old']);
  expect(server.kernel.stats.evictedKeys).toBe(1);
});

test('what a client that waited takes is told after what it waited for', async () => {
  const { actor, listener, server } = await stage('KA');
  const waiter = await server.connect();
  waiter.send('BLPOP l 0');
  await waiter.repliesWithin(10);
  await actor.ask('RPUSH l 1');
  expect(await heard(listener)).toEqual(['rpush', 'lpop', 'del'].map((event) => `__keyspace@0__:l ${event}`));
});

test('who listens to what it does itself hears of it right after the reply', async () => {
  const { actor } = await stage('KEA');
  await actor.ask('HELLO 3');
  await actor.ask('SUBSCRIBE __keyspace@0__:k');
  for (const request of ['SET k 1', 'GET k', 'DEL k']) actor.send(request);
  expect((await actor.repliesWithin(20)).map(shown)).toEqual([
    'OK',
    ['message', '__keyspace@0__:k', 'set'],
    '1',
    1,
    ['message', '__keyspace@0__:k', 'del'],
  ]);
});

test('in a cluster each node tells of its own keys, and to its own clients only', async () => {
  const directives = { 'cluster-enabled': true, port: 7000, 'notify-keyspace-events': 'KA' };
  const a = await TestServer.start({ directives });
  const b = await TestServer.start({ directives, world: a.world, host: '10.0.0.2' });
  const [actor, here, there] = [await a.connect(), await a.connect(), await b.connect()];
  await actor.ask('CLUSTER ADDSLOTSRANGE 0 16383');
  await actor.ask('CLUSTER MEET 10.0.0.2 7000');
  await there.repliesWithin(5000);
  for (const listener of [here, there]) await listener.ask('PSUBSCRIBE __key*__:*');
  expect(await actor.ask('SET k 1')).toBe('OK');
  expect(await heard(here)).toEqual(['__keyspace@0__:k set']);
  expect(await heard(there, 1000)).toEqual([]);
  expect(await actor.ask('PUBLISH __keyspace@0__:k hello')).toBe(1);
  expect(await heard(there, 1000)).toEqual(['__keyspace@0__:k hello']);
});

test('fields that expire, and the key that goes with the last of them', async () => {
  const { actor, listener, server } = await stage('Khg');
  await actor.ask('HSETEX h PX 100 FIELDS 2 a 1 b 2');
  await actor.ask('HGETEX h PERSIST FIELDS 1 b');
  await actor.ask('HPEXPIRE h 1000 FIELDS 1 b');
  await actor.ask('HPERSIST h FIELDS 1 b');
  await actor.ask('HPEXPIRE h 1000 FIELDS 1 b');
  const events = (names: readonly string[]): string[] => names.map((name) => `__keyspace@0__:h ${name}`);
  expect(await heard(listener)).toEqual(events(['hset', 'hexpire', 'hpersist', 'hexpire', 'hpersist', 'hexpire']));
  await server.world.run(500);
  expect(await heard(listener)).toEqual(events(['hexpired']));
  await server.world.run(1000);
  expect(await heard(listener)).toEqual(events(['hexpired', 'del']));
});

test('WATCH sees that a field has expired', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  await client.ask('HSETEX h PX 100 FIELDS 1 a 1');
  await client.ask('WATCH h');
  await server.world.run(500);
  await client.ask('MULTI');
  await client.ask('PING');
  expect(await client.ask('EXEC')).toBe(null);
});
