import { VirtualWorld } from '@kvartz/base/virtual';
import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

const directives = { 'cluster-enabled': true, port: 7000, 'cluster-node-timeout': 2000 };

/** Slots of these keys: a 15495, b 3300, c 7365, {a}1 15495. */
interface Pair {
  readonly world: VirtualWorld;
  readonly servers: readonly TestServer[];
  readonly a: TestClient;
  readonly b: TestClient;
  readonly idOfA: string;
  readonly idOfB: string;
}

/** Two nodes that know each other; the first owns slots 0-8000, the second the rest. */
async function pair(more: Record<string, string | boolean> = {}): Promise<Pair> {
  const world = new VirtualWorld({ seed: 1 });
  const servers = [
    await TestServer.start({ world, host: '10.0.0.1', directives: { ...directives, ...more } }),
    await TestServer.start({ world, host: '10.0.0.2', directives: { ...directives, ...more } }),
  ];
  const [a, b] = [await servers[0].connect(), await servers[1].connect()];
  expect(await a.ask('CLUSTER ADDSLOTSRANGE 0 8000')).toBe('OK');
  expect(await b.ask('CLUSTER ADDSLOTSRANGE 8001 16383')).toBe('OK');
  expect(await a.ask('CLUSTER SET-CONFIG-EPOCH 1')).toBe('OK');
  expect(await b.ask('CLUSTER SET-CONFIG-EPOCH 2')).toBe('OK');
  expect(await a.ask('CLUSTER MEET 10.0.0.2 7000')).toBe('OK');
  await until(a, 'ok');
  await until(b, 'ok');
  const [idOfA, idOfB] = [String(await a.ask('CLUSTER MYID')), String(await b.ask('CLUSTER MYID'))];
  return { world, servers, a, b, idOfA, idOfB };
}

async function until(client: TestClient, state: 'ok' | 'fail'): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (String(await client.ask('CLUSTER INFO')).startsWith(`cluster_state:${state}`)) return;
    await client.repliesWithin(50);
  }
  throw new Error(`the cluster did not become ${state}`);
}

async function answers(client: TestClient, ...requests: string[]): Promise<unknown[]> {
  const replies: unknown[] = [];
  for (const request of requests) replies.push(shown(await client.ask(request)));
  return replies;
}

describe('who serves a key', () => {
  test('the owner of its slot does, the others redirect', async () => {
    const { a, b } = await pair();
    expect(await answers(a, 'SET b 1', 'GET b', 'GET a', 'MGET {a}1 {a}2')).toEqual([
      'OK',
      '1',
      '-MOVED 15495 10.0.0.2:7000',
      '-MOVED 15495 10.0.0.2:7000',
    ]);
    expect(await answers(b, 'GET b', 'SET a 1')).toEqual(['-MOVED 3300 10.0.0.1:7000', 'OK']);
  });

  test('keys of several slots are refused wherever they are', async () => {
    const { a } = await pair();
    const crossed = "-CROSSSLOT Keys in request don't hash to the same slot";
    expect(await answers(a, 'MGET a b', 'MSET b 1 c 2', 'DEL b {b}')).toEqual([crossed, crossed, 0]);
  });

  test('commands without keys are nobody’s in particular', async () => {
    const { a, b } = await pair();
    expect(await answers(a, 'PING', 'DBSIZE')).toEqual(['PONG', 0]);
    expect(await answers(b, 'PING', 'DBSIZE')).toEqual(['PONG', 0]);
  });

  test('a slot without owner says so before anything else', async () => {
    const server = await TestServer.start({ directives });
    const client = await server.connect();
    expect(await answers(client, 'GET a', 'MGET a b', 'CLUSTER ADDSLOTS 15495', 'GET a', 'MGET a b')).toEqual([
      '-CLUSTERDOWN Hash slot not served',
      '-CLUSTERDOWN Hash slot not served',
      'OK',
      '-CLUSTERDOWN The cluster is down',
      "-CROSSSLOT Keys in request don't hash to the same slot",
    ]);
  });

  test('without full coverage the slots that are there are served', async () => {
    const server = await TestServer.start({ directives: { ...directives, 'cluster-require-full-coverage': false } });
    const client = await server.connect();
    expect(await client.ask('CLUSTER ADDSLOTS 15495')).toBe('OK');
    await until(client, 'ok');
    expect(await answers(client, 'SET a 1', 'GET b')).toEqual(['OK', '-CLUSTERDOWN Hash slot not served']);
  });

  test('when the cluster is down reads may be allowed, writes are not', async () => {
    const { a, servers } = await pair({ 'cluster-allow-reads-when-down': true });
    expect(await a.ask('SET b 1')).toBe('OK');
    servers[1].world.powerOff('10.0.0.2');
    await until(a, 'fail');
    expect(await answers(a, 'GET b', 'SET b 2')).toEqual([
      '1',
      '-CLUSTERDOWN The cluster is down and only accepts read commands',
    ]);
    expect(await answers(a, 'CONFIG SET cluster-allow-reads-when-down no', 'GET b')).toEqual([
      'OK',
      '-CLUSTERDOWN The cluster is down',
    ]);
  });

  test('shard channels go on when the cluster is down, unless that is forbidden; inside MULTI they do not', async () => {
    const { a, servers } = await pair();
    servers[1].world.powerOff('10.0.0.2');
    await until(a, 'fail');
    // Slot 3300, of this node; slot 15495 belongs to the one that is gone.
    const requests = ['SPUBLISH b x', 'SSUBSCRIBE b', 'SUNSUBSCRIBE b', 'SPUBLISH a x'];
    expect(await answers(a, ...requests)).toEqual([
      0,
      ['ssubscribe', 'b', 1],
      ['sunsubscribe', 'b', 0],
      '-MOVED 15495 10.0.0.2:7000',
    ]);
    expect(await answers(a, 'MULTI', 'SPUBLISH b x', 'EXEC')).toEqual([
      'OK',
      'QUEUED',
      '-CLUSTERDOWN The cluster is down',
    ]);
    expect(await answers(a, 'CONFIG SET cluster-allow-pubsubshard-when-down no', ...requests)).toEqual([
      'OK',
      ...requests.map(() => '-CLUSTERDOWN The cluster is down'),
    ]);
  });

  test('redirections name the endpoint that is preferred', async () => {
    const { a, b } = await pair();
    await answers(b, 'CONFIG SET cluster-announce-hostname b.example');
    await a.repliesWithin(500);
    const moved: unknown[] = [];
    for (const type of ['hostname', 'unknown-endpoint', 'ip']) {
      moved.push(...(await answers(a, `CONFIG SET cluster-preferred-endpoint-type ${type}`, 'GET a')));
    }
    expect(moved).toEqual([
      'OK',
      '-MOVED 15495 b.example:7000',
      'OK',
      '-MOVED 15495 :7000',
      'OK',
      '-MOVED 15495 10.0.0.2:7000',
    ]);
  });
});

describe('a slot that moves', () => {
  test('the source asks the target for what it does not have, the target serves who comes with ASKING', async () => {
    const { a, b, idOfA, idOfB } = await pair();
    expect(await a.ask('SET b 1')).toBe('OK');
    expect(await answers(a, `CLUSTER SETSLOT 3300 MIGRATING ${idOfB}`)).toEqual(['OK']);
    expect(await answers(b, `CLUSTER SETSLOT 3300 IMPORTING ${idOfA}`)).toEqual(['OK']);
    expect(await answers(a, 'GET b', 'GET {b}1', 'MGET b {b}1', 'MGET {b}1 {b}2')).toEqual([
      '1',
      '-ASK 3300 10.0.0.2:7000',
      '-TRYAGAIN Multiple keys request during rehashing of slot',
      '-ASK 3300 10.0.0.2:7000',
    ]);
    expect(
      await answers(b, 'GET {b}1', 'ASKING', 'SET {b}1 x', 'GET {b}1', 'ASKING', 'PING', 'GET {b}1', 'ASKING'),
    ).toEqual([
      '-MOVED 3300 10.0.0.1:7000',
      'OK',
      'OK',
      '-MOVED 3300 10.0.0.1:7000',
      'OK',
      'PONG',
      '-MOVED 3300 10.0.0.1:7000',
      'OK',
    ]);
    const tryAgain = '-TRYAGAIN Multiple keys request during rehashing of slot';
    expect(await answers(b, 'MGET {b}1 {b}2', 'ASKING', 'MGET {b}1 {b}1')).toEqual([tryAgain, 'OK', ['x', 'x']]);
  });

  test('its end: the target owns it, the source has forgotten the move', async () => {
    const { a, b, idOfA, idOfB } = await pair();
    await answers(a, `CLUSTER SETSLOT 3300 MIGRATING ${idOfB}`);
    await answers(b, `CLUSTER SETSLOT 3300 IMPORTING ${idOfA}`);
    expect(await answers(b, `CLUSTER SETSLOT 3300 NODE ${idOfB}`, 'SET b 1')).toEqual(['OK', 'OK']);
    await a.repliesWithin(100);
    expect(await answers(a, 'GET b')).toEqual(['-MOVED 3300 10.0.0.2:7000']);
    expect(await a.ask('CLUSTER NODES')).not.toContain('[');
    expect(await b.ask('CLUSTER NODES')).not.toContain('[');
  });

  test('a slot with keys is not given away', async () => {
    const { a, idOfB } = await pair();
    expect(await answers(a, 'SET b 1', `CLUSTER SETSLOT 3300 NODE ${idOfB}`)).toEqual([
      'OK',
      "-ERR Can't assign hashslot 3300 to a different node while I still hold keys for this hash slot.",
    ]);
  });

  test('keys of a slot that another node has taken are dropped, and spoil WATCH', async () => {
    const { a, b, idOfA, idOfB } = await pair();
    expect(await answers(a, 'SET b 1', 'WATCH b')).toEqual(['OK', 'OK']);
    await answers(b, `CLUSTER SETSLOT 3300 IMPORTING ${idOfA}`, `CLUSTER SETSLOT 3300 NODE ${idOfB}`);
    await a.repliesWithin(200);
    expect(await answers(a, 'DBSIZE', 'CLUSTER COUNTKEYSINSLOT 3300', 'MULTI', 'PING', 'EXEC')).toEqual([
      0,
      0,
      'OK',
      'QUEUED',
      null,
    ]);
  });
});

describe('MULTI', () => {
  test('a queue of one slot runs; a request for another node spoils it', async () => {
    const { a } = await pair();
    expect(await answers(a, 'MULTI', 'SET b 1', 'GET b', 'EXEC')).toEqual(['OK', 'QUEUED', 'QUEUED', ['OK', '1']]);
    expect(await answers(a, 'MULTI', 'SET b 2', 'SET a 2', 'EXEC', 'GET b')).toEqual([
      'OK',
      'QUEUED',
      '-MOVED 15495 10.0.0.2:7000',
      '-EXECABORT Transaction discarded because of previous errors.',
      '1',
    ]);
  });

  test('a queue of several slots of this node is refused at EXEC, and gone', async () => {
    const { a } = await pair();
    expect(await answers(a, 'MULTI', 'SET b 1', 'SET c 1', 'EXEC', 'EXEC')).toEqual([
      'OK',
      'QUEUED',
      'QUEUED',
      "-CROSSSLOT Keys in request don't hash to the same slot",
      '-ERR EXEC without MULTI',
    ]);
  });

  test('CLUSTER commands in a queue answer in their place', async () => {
    const { a } = await pair();
    expect(await answers(a, 'MULTI', 'CLUSTER SAVECONFIG', 'CLUSTER KEYSLOT a', 'EXEC')).toEqual([
      'OK',
      'QUEUED',
      'QUEUED',
      ['OK', 15495],
    ]);
  });
});

describe('nodes.conf', () => {
  test('an operator reads OK when the change is on disk, and the reason when it cannot be written', async () => {
    const server = await TestServer.start({ directives });
    const client = await server.connect();
    const volume = server.world.volume('10.0.0.1');
    const path = '/srv/nodes.conf';
    const saved = (): string => new TextDecoder().decode(volume.open(path, 'read').content);
    expect(await client.ask('CLUSTER ADDSLOTS 1')).toBe('OK');
    expect(saved()).toMatch(/ connected 1\n/);
    volume.faultOf = ({ syscall }) => (syscall === 'write' ? 'ENOSPC' : undefined);
    const [reply] = await answers(client, 'CLUSTER ADDSLOTS 2');
    expect(reply).toMatch(/^-ERR error saving the cluster node config: ENOSPC/);
    expect(server.logLines.join('\n')).toMatch(/Cluster configuration nodes.conf cannot be saved: ENOSPC/);
    expect(saved()).toMatch(/ connected 1\n/);
    volume.faultOf = () => undefined;
    await client.repliesWithin(1_500);
    expect(saved()).toMatch(/ connected 1-2\n/);
  });

  test('a node that is restarted is who it was', async () => {
    const { a, servers, world, idOfA } = await pair();
    const before = await a.ask('CLUSTER NODES');
    await world.complete(servers[0].kernel.stop());
    const again = await TestServer.start({ world, host: '10.0.0.1', directives });
    const client = await again.connect();
    expect(await client.ask('CLUSTER MYID')).toBe(idOfA);
    const slotsOf = (text: unknown): string[] =>
      String(text)
        .split('\n')
        .map((line) => line.split(' ').slice(6).join(' '));
    expect(slotsOf(await client.ask('CLUSTER NODES')).length).toBe(slotsOf(before).length);
    await until(client, 'ok');
  });

  test('a corrupt one stops the start, with the line', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const env = world.env('10.0.0.1', { rootFolder: '/srv' });
    await world.complete(env.disk.writeFileAtomic('/srv/nodes.conf', new TextEncoder().encode('what is this\n')));
    await expect(TestServer.start({ world, directives })).rejects.toThrow(
      /^the cluster configuration nodes.conf is corrupt: line 1: 3 words, a node has at least 8\. Restore it/,
    );
  });

  test('one that a running node uses stops the start', async () => {
    const { world } = await TestServer.start({ directives });
    await expect(TestServer.start({ world, directives: { ...directives, port: 7001 } })).rejects.toThrow(
      /^the cluster configuration nodes.conf is in use by another node/,
    );
  });
});

describe('settings', () => {
  test('a secret that differs keeps nodes apart, and the log says why', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const servers: TestServer[] = [];
    for (const [i, secret] of ['sesame', 'simsim'].entries()) {
      const host = `10.0.0.${i + 1}`;
      servers.push(await TestServer.start({ world, host, directives: { ...directives, 'cluster-secret': secret } }));
    }
    const client = await servers[0].connect();
    expect(await client.ask('CLUSTER MEET 10.0.0.2 7000')).toBe('OK');
    await client.repliesWithin(5_000);
    expect(
      String(await client.ask('CLUSTER NODES'))
        .trimEnd()
        .split('\n').length,
    ).toBe(1);
    expect(servers[1].logLines.join('\n')).toMatch(
      /Cluster bus: link with .* closed: wrong signature: the cluster-secret differs/,
    );
  });

  test('with the same secret two nodes meet', async () => {
    await pair({ 'cluster-secret': 'sesame' });
  });

  test('announced addresses and names reach the others', async () => {
    const { a, b } = await pair();
    await answers(b, 'CONFIG SET cluster-announce-ip 192.168.0.9', 'CONFIG SET cluster-announce-hostname b.example');
    await answers(b, 'CONFIG SET cluster-announce-port 7009');
    await a.repliesWithin(500);
    expect(await a.ask('CLUSTER NODES')).toContain(' 192.168.0.9:7009@17000,b.example master ');
  });

  test('a timeout that cannot work is refused', async () => {
    const { a } = await pair();
    const [reply] = await answers(a, 'CONFIG SET cluster-node-timeout 50');
    expect(reply).toMatch(/^-ERR CONFIG SET failed .* cluster-node-timeout is 50 ms; it must be more than 100 ms/);
    expect(await answers(a, 'CONFIG GET cluster-node-timeout')).toEqual([['cluster-node-timeout', '2000']]);
  });

  test('cluster mode needs a port', async () => {
    await expect(TestServer.start({ directives: { ...directives, port: 0 } })).rejects.toThrow(/^the port is 0/);
  });
});

describe('the bus', () => {
  test('garbage closes its connection, costs a few lines of log, and nothing else', async () => {
    const { world, servers, a } = await pair();
    const [server] = servers;
    const env = world.env('10.0.2.1');
    const linesBefore = server.logLines.length;
    for (let i = 0; i < 50; i++) {
      const connection = env.transport.connect({ kind: 'tcp', host: '10.0.0.1', port: 17_000 });
      const bytes = new TextEncoder().encode('GET / HTTP/1.0\r\n\r\n');
      connection.attach({
        onOpen: () => connection.write(bytes, 0, bytes.length),
        onData: () => {},
        onDrain: () => {},
        onClose: () => {},
      });
      await world.run(10);
    }
    const lines = server.logLines.slice(linesBefore).filter((line) => line.startsWith('Cluster bus:'));
    expect(lines[0]).toMatch(/^Cluster bus: link with 10\.0\.2\.1:\d+ closed: a frame of 1195725856 bytes/);
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(await a.ask('CLUSTER INFO')).toMatch(/^cluster_state:ok/);
  });

  test('who connects and says nothing is closed after five seconds', async () => {
    const { world } = await pair();
    let isClosed = false;
    const connection = world.env('10.0.2.1').transport.connect({ kind: 'tcp', host: '10.0.0.1', port: 17_000 });
    connection.attach({ onData: () => {}, onDrain: () => {}, onClose: () => void (isClosed = true) });
    await world.run(4_000);
    expect(isClosed).toBe(false);
    await world.run(2_000);
    expect(isClosed).toBe(true);
  });
});

test('without cluster mode there is no cluster', async () => {
  const client = await (await TestServer.start()).connect();
  const disabled = '-ERR This instance has cluster support disabled';
  expect(await answers(client, 'CLUSTER NODES', 'CLUSTER HELP', 'READONLY', 'READWRITE', 'ASKING')).toEqual([
    disabled,
    disabled,
    disabled,
    disabled,
    disabled,
  ]);
});
