import { ByteBuffer, latin1Bytes } from '@kvartz/base';
import { expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { Party } from './support/party.ts';
import { type TestClient, TestServer, type TestServerOptions } from './support/test-server.ts';

const gone = (...keys: string[]): unknown => ['invalidate', keys];

/** Client 0 caches what it reads; the others do not. */
async function cachingParty(size = 2, how = '', options: TestServerOptions = {}): Promise<Party> {
  const party = await Party.start(size, options);
  await party.take('0: HELLO 3');
  expect(await party.take(`0: CLIENT TRACKING ON${how}`)).toEqual({ 0: ['OK'] });
  return party;
}

function infoOf(client: TestClient): Promise<string> {
  return client.ask('INFO').then(String);
}

test('what a client reads, it is told of once', async () => {
  const party = await cachingParty();
  expect(party.server.kernel.observers.isOn).toBe(true);
  await party.take('0: GET a; MGET b c; EXISTS a');
  expect(await infoOf(party.clients[1])).toMatch(/tracking_clients:1\r\n/);
  expect(await infoOf(party.clients[1])).toMatch(
    /tracking_total_keys:3\r\ntracking_total_items:3\r\ntracking_total_prefixes:0/,
  );
  expect(await party.take('1: SET a 1; SET a 2; SET d 1')).toEqual({ 0: [gone('a')], 1: ['OK', 'OK', 'OK'] });
  expect(await party.take('0: CLIENT TRACKING OFF')).toEqual({ 0: ['OK'] });
  expect(await party.take('1: SET b 1')).toEqual({ 1: ['OK'] });
  expect(party.server.kernel.observers.isOn).toBe(false);
  expect(await infoOf(party.clients[1])).toMatch(/tracking_total_keys:0\r\n/);
});

test('a push stands between the reply that it follows and the next one', async () => {
  const party = await cachingParty();
  expect(await party.take('0: GET a; SET a 1; GET a; MULTI; SET a 2; GET a; EXEC; GET a')).toEqual({
    0: [null, 'OK', gone('a'), '1', 'OK', 'QUEUED', 'QUEUED', ['OK', '2'], gone('a'), '2'],
  });
});

test('what has come for a client stands before the reply of its next request in the same turn', async () => {
  const party = await cachingParty();
  await party.take('0: GET a');
  party.clients[1].send('SET a 1');
  party.clients[0].send('GET a');
  const replies = (await party.clients[0].repliesWithin(20)).map(shown);
  expect(replies.slice(-2)).toEqual(replies[0] === null ? [null, gone('a')] : [gone('a'), '1']);
});

test('expiry, whoever notices it, and eviction', async () => {
  const party = await cachingParty(2, ' NOLOOP');
  await party.take('1: DEBUG SET-ACTIVE-EXPIRE 0; SET a 1 PX 50; SET b 1 PX 50');
  await party.take('0: GET a; GET b; GET c');
  expect(await party.take('after 100')).toEqual({});
  // The client's own look is not its own change.
  expect(await party.take('0: GET a')).toEqual({ 0: [null, gone('a')] });
  await party.take('1: DEBUG SET-ACTIVE-EXPIRE 1');
  expect(await party.take('after 500')).toEqual({ 0: [gone('b')] });
  const key = ByteBuffer.from(latin1Bytes('c'));
  party.server.kernel.observers.evicted(0, key, 0, 1);
  expect(await party.take('after 10')).toEqual({ 0: [gone('c')] });
  // It has read that there is no such key.
  expect(await party.take('1: SET a 1')).toEqual({ 0: [gone('a')], 1: ['OK'] });
});

test("fields of a hash that expire are nobody's own change, whoever ran the last command", async () => {
  const party = await cachingParty(2, ' NOLOOP');
  await party.take('1: HSET h f 1 g 2; HPEXPIRE h 50 FIELDS 1 f');
  expect(await party.take('0: HLEN h')).toEqual({ 0: [2] });
  expect(await party.take('after 500')).toEqual({ 0: [gone('h')] });
});

test('a table of few keys: what does not fit is told of as if it had changed', async () => {
  const party = await cachingParty(2, '', { directives: { 'tracking-table-max-keys': 5 } });
  const told = new Set<string>();
  for (let i = 0; i < 40; i++) {
    const [reply, ...pushes] = (await party.take(`0: GET k${i}`))[0];
    expect(reply).toBeNull();
    expect(pushes).toHaveLength(i < 5 ? 0 : 1);
    for (const [, [key]] of pushes as [string, string[]][]) told.add(key);
  }
  expect(told.size).toBe(35);
  expect(party.server.kernel.tracking.keyCount).toBe(5);
  await party.take('1: CONFIG SET tracking-table-max-keys 2');
  expect((await party.take('after 200'))[0]).toHaveLength(3);
  await party.take('1: CONFIG SET tracking-table-max-keys 0');
  for (let i = 0; i < 40; i++) await party.take(`0: GET k${i}`);
  expect(party.server.kernel.tracking.keyCount).toBe(40);
});

test('many keys under a prefix are one message a turn, in order', async () => {
  const party = await cachingParty(2, ' BCAST PREFIX user: PREFIX x');
  expect(await party.take('1: MSET user:2 1 user:1 1 other 1 x 1 user:2 2')).toEqual({
    0: [gone('user:1', 'user:2'), gone('x')],
    1: ['OK'],
  });
  expect(await party.take('after 100')).toEqual({});
  await party.take('1: DEBUG SET-ACTIVE-EXPIRE 1; PEXPIRE user:1 20');
  expect(await party.take('after 500')).toEqual({ 0: [gone('user:1')] });
  expect(await infoOf(party.clients[1])).toMatch(/tracking_total_prefixes:2/);
});

test('pushes come though replies are off', async () => {
  const party = await cachingParty();
  await party.take('0: GET a; CLIENT REPLY OFF; GET b');
  expect(await party.take('1: SET a 1; SET b 1')).toEqual({ 0: [gone('a'), gone('b')], 1: ['OK', 'OK'] });
  expect(await party.take('0: GET a; SET a 2')).toEqual({ 0: [gone('a')] });
});

test('a client that is gone is told nothing, and forgotten', async () => {
  const party = await cachingParty(3);
  await party.take('0: GET a');
  await party.take('1: HELLO 3; CLIENT TRACKING ON; GET a');
  party.clients[0].connection.destroy();
  await party.take('after 100');
  expect(await party.take('2: SET a 1')).toEqual({ 1: [gone('a')], 2: ['OK'] });
  party.clients[1].connection.destroy();
  await party.take('after 100');
  expect(party.server.kernel.observers.isOn).toBe(false);
});

test('who redirects is told when the other is gone, and can be asked whom it redirects to', async () => {
  const party = await Party.start(3);
  const id = Number(await party.clients[1].ask('CLIENT ID'));
  await party.take('0: HELLO 3');
  await party.take(`0: CLIENT TRACKING ON REDIRECT ${id}; GET a`);
  expect(await party.take('0: CLIENT GETREDIR')).toEqual({ 0: [id] });
  expect(String(await party.clients[0].ask('CLIENT INFO'))).toMatch(new RegExp(` flags=t .* redir=${id} `));
  party.clients[1].connection.destroy();
  await party.take('after 100');
  expect(await party.take('2: SET a 1')).toEqual({ 0: [['tracking-redir-broken', id]], 2: ['OK'] });
  expect(String(await party.clients[0].ask('CLIENT INFO'))).toMatch(new RegExp(` flags=tR .* redir=${id} `));
  expect(await party.take('0: CLIENT TRACKINGINFO')).toEqual({
    0: [['flags', ['on', 'broken_redirect'], 'redirect', id, 'prefixes', []]],
  });
});

test('in a cluster: keys whose slot leaves are told of', async () => {
  const directives = { 'cluster-enabled': true, port: 7000, 'cluster-node-timeout': 2000 };
  const a = await TestServer.start({ directives });
  const b = await TestServer.start({ directives, world: a.world, host: '10.0.0.2' });
  const [reader, actor, other] = [await a.connect(), await a.connect(), await b.connect()];
  await actor.ask('CLUSTER ADDSLOTSRANGE 0 16383');
  await actor.ask('CLUSTER MEET 10.0.0.2 7000');
  await actor.repliesWithin(5000);
  await actor.ask('SET a 1');
  await reader.ask('HELLO 3');
  await reader.ask('CLIENT TRACKING ON');
  expect(await reader.ask('GET a')).toBe('1');
  const idOfB = String(await other.ask('CLUSTER MYID'));
  // Slot of `a`.
  await other.ask('CLUSTER', 'SETSLOT', '15495', 'IMPORTING', String(await actor.ask('CLUSTER MYID')));
  await other.ask('CLUSTER', 'SETSLOT', '15495', 'NODE', idOfB);
  expect((await reader.repliesWithin(20_000)).map(shown)).toEqual([gone('a')]);
});
