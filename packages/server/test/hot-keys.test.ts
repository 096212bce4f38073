import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

/** Every reading of the clock takes a tenth of a millisecond, so that each command takes as long. */
function withSlowClock(server: TestServer): void {
  const { clock } = server.env;
  let extraMs = 0;
  const slow = { wallMs: () => clock.wallMs() + extraMs, monotonicMs: () => clock.monotonicMs() + (extraMs += 0.1) };
  Object.assign(server.kernel.env, { clock: slow });
}

async function report(client: TestClient): Promise<Map<string, unknown>> {
  const flat = shown(await client.ask('HOTKEYS GET')) as unknown[];
  const pairs: [string, unknown][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1]]);
  return new Map(pairs);
}

describe('HOTKEYS', () => {
  test('by processor time and by bytes, the dearest first', async () => {
    const server = await TestServer.start();
    withSlowClock(server);
    const client = await server.connect();
    expect(shown(await client.ask('HOTKEYS GET'))).toBe(null);
    expect(await client.ask('HOTKEYS START METRICS 2 CPU NET COUNT 2')).toBe('OK');
    for (let i = 0; i < 3; i++) await client.ask('GET often');
    await client.ask(`SET large ${'x'.repeat(1000)}`);
    await client.ask('GET large');
    await client.ask('GET seldom');
    await client.ask('PING');
    const found = await report(client);
    expect(found.get('tracking-active')).toBe(1);
    expect(found.get('sample-ratio')).toBe(1);
    expect(found.get('selected-slots')).toEqual([]);
    expect(found.get('by-cpu-time-us')).toEqual(['often', 300, 'large', 200]);
    expect(found.get('by-net-bytes')).toEqual(['large', 3 + 5 + 1000 + 5 + 3 + 5 + 1009, 'often', 3 * (3 + 5 + 5)]);
    expect(found.get('all-commands-all-slots-us')).toBeGreaterThan(650);
    expect(found.get('total-net-bytes')).toBe(found.get('net-bytes-all-commands-all-slots'));
  });

  test('one session at a time: stopped, kept, forgotten', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    const gates = server.kernel.gates;
    expect(shown(await client.ask('HOTKEYS STOP'))).toBe(null);
    await client.ask('HOTKEYS START METRICS 1 NET');
    expect(shown(await client.ask('HOTKEYS START METRICS 1 NET'))).toMatch(/^-ERR .*already in progress/);
    expect(shown(await client.ask('HOTKEYS RESET'))).toMatch(/^-ERR .*stop tracking first/);
    await client.ask('GET a');
    expect(await client.ask('HOTKEYS STOP')).toBe('OK');
    expect(server.kernel.gates).toBe(gates);
    await client.ask('GET b');
    const found = await report(client);
    expect(found.get('tracking-active')).toBe(0);
    expect(found.get('by-net-bytes')).toEqual(['a', 9]);
    expect(found.has('by-cpu-time-us')).toBe(false);
    expect(await client.ask('HOTKEYS RESET')).toBe('OK');
    expect(shown(await client.ask('HOTKEYS GET'))).toBe(null);
  });

  test('ends by itself after its duration', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('HOTKEYS START METRICS 1 CPU DURATION 2');
    await client.repliesWithin(1900);
    expect((await report(client)).get('tracking-active')).toBe(1);
    await client.repliesWithin(200);
    const found = await report(client);
    expect(found.get('tracking-active')).toBe(0);
    // The wall clock is read in whole milliseconds, the timer is not.
    expect(Number(found.get('collection-duration-ms'))).toBeCloseTo(2000, -1);
  });

  test('a sample of one in ten finds the hot key', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('HOTKEYS START METRICS 1 NET SAMPLE 10 COUNT 1');
    for (let i = 0; i < 500; i++) await client.ask(i % 5 === 0 ? `GET cold:${i}` : 'GET hot');
    const [key, bytes] = (await report(client)).get('by-net-bytes') as [string, number];
    expect(key).toBe('hot');
    expect(bytes / 11).toBeGreaterThan(20);
    expect(bytes / 11).toBeLessThan(70);
  });

  test('in a cluster, the keys of some slots', async () => {
    const server = await TestServer.start({ directives: { 'cluster-enabled': true } });
    const client = await server.connect();
    await client.ask('CLUSTER ADDSLOTSRANGE 0 16383');
    await server.world.runUntil(() => server.kernel.cluster!.infoText().includes('cluster_state:ok'), {
      limitMs: 60_000,
    });
    expect(await client.ask('HOTKEYS START METRICS 1 NET SLOTS 3 12182 5061 5062')).toBe('OK');
    await client.ask('GET foo');
    await client.ask('GET bar');
    await client.ask('GET hello');
    const found = await report(client);
    expect(found.get('selected-slots')).toEqual([[5061, 5062], [12_182]]);
    expect(found.get('by-net-bytes')).toEqual(['bar', 11, 'foo', 11]);
    expect(found.get('net-bytes-all-commands-selected-slots')).toBe(22);
    expect(found.get('net-bytes-all-commands-all-slots')).toBeGreaterThan(33);
  });

  test.each([
    ['START', 'METRICS parameter is required'],
    ['START METRICS 0', 'METRICS count must be > 0'],
    ['START METRICS 2 CPU', 'does not match'],
    ['START METRICS 2 CPU CPU', 'does not match'],
    ['START METRICS 1 DISK', 'invalid metric'],
    ['START METRICS 1 CPU COUNT 0', 'COUNT must be'],
    ['START METRICS 1 CPU DURATION -1', 'DURATION must be'],
    ['START METRICS 1 CPU SAMPLE 0', 'SAMPLE ratio must be'],
    ['START METRICS 1 CPU SLOTS 1 1', 'non-cluster'],
    ['START METRICS 1 CPU FOO 1', 'syntax error'],
    ['START METRICS 1 CPU COUNT', 'COUNT must be'],
  ])('HOTKEYS %s: %s', async (request, text) => {
    const server = await TestServer.start();
    const client = await server.connect();
    expect(shown(await client.ask(`HOTKEYS ${request}`))).toMatch(new RegExp(`^-ERR .*${text}`));
  });

  test('HELP', async () => {
    const client = await (await TestServer.start()).connect();
    expect((shown(await client.ask('HOTKEYS HELP')) as string[])[0]).toContain('HOTKEYS <subcommand>');
  });
});

describe('BIGKEYS', () => {
  test('by bytes, by elements, of one type', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    for (let i = 0; i < 5000; i++) client.send(`SET small:${i} v`);
    for (let i = 0; i < 5000; i++) await client.next();
    await client.ask(`SET text ${'x'.repeat(5000)}`);
    await client.ask('RPUSH list a b c d e f');
    await client.ask(`SADD set ${Array.from({ length: 600 }, (_, i) => `member:${i}`).join(' ')}`);
    const bytesOf = async (key: string): Promise<number> => Number(await client.ask(`MEMORY USAGE ${key}`));
    expect(shown(await client.ask('BIGKEYS COUNT 2'))).toEqual([
      ['set', 'set', await bytesOf('set'), 600],
      ['text', 'string', await bytesOf('text'), 5000],
    ]);
    expect(shown(await client.ask('BIGKEYS BY ELEMENTS COUNT 1'))).toEqual([
      ['text', 'string', await bytesOf('text'), 5000],
    ]);
    expect(shown(await client.ask('bigkeys type list'))).toEqual([['list', 'list', await bytesOf('list'), 6]]);
    expect(shown(await client.ask('BIGKEYS TYPE zset'))).toEqual([]);
    expect(await client.ask('PING')).toBe('PONG');
  });

  test('others are served while it walks', async () => {
    const server = await TestServer.start();
    const [walker, other] = [await server.connect(), await server.connect()];
    for (let i = 0; i < 3000; i++) walker.send(`SET k:${i} v`);
    for (let i = 0; i < 3000; i++) await walker.next();
    withSlowClock(server);
    walker.send('BIGKEYS COUNT 1');
    walker.send('PING');
    expect(await other.ask('SET k:1 other')).toBe('OK');
    expect(await walker.repliesWithin(0)).toEqual([]);
    expect(shown(await walker.next())).toHaveLength(1);
    expect(await walker.next()).toBe('PONG');
  });

  test.each([['COUNT 0'], ['COUNT'], ['TYPE nothing'], ['BY size'], ['x y']])(
    'BIGKEYS %s is refused',
    async (words) => {
      const client = await (await TestServer.start()).connect();
      expect(shown(await client.ask(`BIGKEYS ${words}`))).toMatch(/^-ERR /);
    },
  );

  test('is refused in a transaction', async () => {
    const client = await (await TestServer.start()).connect();
    await client.ask('MULTI');
    await client.ask('BIGKEYS');
    expect(shown(await client.ask('EXEC'))).toEqual(['-ERR BIGKEYS is not allowed inside a transaction']);
  });
});
