import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { ByteBuffer } from '../byte-buffer.ts';
import type { Connection, ConnectionHandler } from '../env.ts';
import { Prng } from '../prng.ts';
import { latin1Of, textOf, utf8Bytes } from '../text.ts';
import type { VirtualEnv } from './virtual-env.ts';
import { VirtualWorld, type WorldOptions } from './virtual-world.ts';

/** Notes everything that a connection is told. */
class Witness implements ConnectionHandler {
  readonly events: string[] = [];
  received = '';
  chunkCount = 0;
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.attach(this);
  }

  onOpen(): void {
    this.events.push('open');
  }

  onData(input: ByteBuffer, start: number, end: number): void {
    this.received += latin1Of(input.u8, start, end);
    this.chunkCount++;
  }

  onDrain(): void {
    this.events.push('drain');
  }

  onClose(error: (Error & { code?: string }) | undefined): void {
    this.events.push(error === undefined ? 'close' : `close ${error.code}`);
  }

  send(text: string): boolean {
    const bytes = utf8Bytes(text);
    return this.connection.write(bytes, 0, bytes.length);
  }

  get isClosed(): boolean {
    return this.events.some((event) => event.startsWith('close'));
  }
}

const declare = { kind: 'tcp', host: '10.0.0.2', port: 7000 } as const;
const quiet = { cutRatio: 0, holdRatio: 0 };

/** A client on 10.0.0.1 and a server on 10.0.0.2, connected. */
async function pair(options: Partial<WorldOptions> = {}) {
  const world = new VirtualWorld({ seed: 1, network: quiet, ...options });
  const clientEnv = world.env('10.0.0.1');
  const serverEnv = world.env('10.0.0.2');
  let server: Witness | undefined;
  await serverEnv.transport.listen(declare, {}, (connection) => (server = new Witness(connection)));
  const client = new Witness(clientEnv.transport.connect(declare));
  await world.runUntil(() => client.events.includes('open'), { limitMs: 200_000 });
  ok(server !== undefined);
  return { world, clientEnv, serverEnv, client, server };
}

describe('VirtualNetwork: connections', () => {
  test('open, bytes both ways, end, close on both sides', async () => {
    const { world, client, server } = await pair();
    client.send('ping');
    await world.run(10);
    equal(server.received, 'ping');
    server.send('pong');
    server.connection.end();
    await world.run(10);
    equal(client.received, 'pong');
    deepEqual([client.events, server.events], [['open', 'close'], ['close']]);
  });

  test('addresses', async () => {
    const { client, server } = await pair();
    deepEqual([client.connection.remote, server.connection.local], ['10.0.0.2:7000', '10.0.0.2:7000']);
    equal(server.connection.remote, client.connection.local);
    ok(/^10\.0\.0\.1:\d{5}$/.test(client.connection.local));
    equal(server.connection.isLoopback, false);
  });

  test('bytes written before the connection is open arrive', async () => {
    const world = new VirtualWorld({ seed: 1, network: quiet });
    let server: Witness | undefined;
    await world.env('10.0.0.2').transport.listen(declare, {}, (connection) => (server = new Witness(connection)));
    const client = new Witness(world.env('10.0.0.1').transport.connect(declare));
    equal(client.send('early'), false);
    equal(client.connection.queuedBytes, 5);
    client.connection.end();
    await world.run(20);
    equal(server?.received, 'early');
    deepEqual(client.events, ['open', 'close']);
  });

  test('nobody listens: ECONNREFUSED; no such host: EHOSTUNREACH', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const env = world.env('10.0.0.1');
    world.env('10.0.0.2');
    const refused = new Witness(env.transport.connect(declare));
    const unknown = new Witness(env.transport.connect({ kind: 'tcp', host: '10.9.9.9', port: 1 }));
    await world.run(10);
    deepEqual([refused.events, unknown.events], [['close ECONNREFUSED'], ['close EHOSTUNREACH']]);
  });

  test('loopback, wildcard, own address and Unix sockets', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const env = world.env('10.0.0.1');
    const other = world.env('10.0.0.2');
    const seen: string[] = [];
    const listen = (host: string, port: number) =>
      env.transport.listen({ kind: 'tcp', host, port }, {}, (connection) => {
        void new Witness(connection);
        seen.push(`${connection.local} ${connection.isLoopback}`);
      });
    await listen('127.0.0.1', 1);
    await listen('0.0.0.0', 2);
    await listen('10.0.0.1', 3);
    await env.transport.listen({ kind: 'unix', path: '/run/k.sock' }, {}, (connection) => {
      void new Witness(connection);
      seen.push(`${connection.kind} ${connection.remote} ${connection.isLoopback}`);
    });
    const outcome = async (from: VirtualEnv, host: string, port: number): Promise<string> => {
      const witness = new Witness(from.transport.connect({ kind: 'tcp', host, port }));
      await world.run(10);
      return witness.events.join();
    };
    equal(await outcome(env, '127.0.0.1', 1), 'open');
    equal(await outcome(env, 'localhost', 2), 'open');
    equal(await outcome(env, '127.0.0.1', 3), 'close ECONNREFUSED');
    equal(await outcome(other, '10.0.0.1', 1), 'close ECONNREFUSED');
    equal(await outcome(other, '10.0.0.1', 2), 'open');
    equal(await outcome(env, '10.0.0.1', 3), 'open');
    void new Witness(env.transport.connect({ kind: 'unix', path: '/run/k.sock' }));
    await world.run(10);
    deepEqual(seen, [
      '127.0.0.1:1 true',
      'localhost:2 true',
      '10.0.0.1:2 false',
      '10.0.0.1:3 true',
      'unix /run/k.sock:0 true',
    ]);
  });

  test('a taken port is EADDRINUSE until its listener is closed; port 0 takes a free one', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const { transport } = world.env('10.0.0.2');
    const first = await transport.listen(declare, {}, () => {});
    await rejects(
      transport.listen({ ...declare, host: '0.0.0.0' }, {}, () => {}),
      { code: 'EADDRINUSE' },
    );
    await rejects(
      transport.listen({ ...declare, host: '10.0.0.3' }, {}, () => {}),
      { code: 'EADDRNOTAVAIL' },
    );
    await first.close();
    await transport.listen({ ...declare, host: '0.0.0.0' }, {}, () => {});
    const any = await transport.listen({ ...declare, port: 0 }, {}, () => {});
    ok(any.endpoint.kind === 'tcp' && any.endpoint.port > 1024);
  });

  test('input is poisoned after onData', async () => {
    const { world, client, server } = await pair();
    let kept: Uint8Array | undefined;
    server.onData = (input, start, end) => {
      kept = input.u8.subarray(start, end);
    };
    client.send('secret');
    await world.run(10);
    deepEqual([...(kept ?? [])], [0xdb, 0xdb, 0xdb, 0xdb, 0xdb, 0xdb]);
  });

  test('destroy: the peer sees the end, the owner one close', async () => {
    const { world, client, server } = await pair();
    client.connection.destroy();
    client.connection.destroy();
    equal(client.send('x'), true);
    await world.run(10);
    deepEqual([client.events, server.events], [['open', 'close'], ['close']]);
  });

  test('destroy with unread input: the peer sees ECONNRESET', async () => {
    const { world, client, server } = await pair();
    client.connection.pauseReading();
    server.send('unread');
    await world.run(10);
    client.connection.destroy();
    await world.run(10);
    deepEqual(server.events, ['close ECONNRESET']);
  });
});

describe('VirtualNetwork: streams', () => {
  test('any writes arrive whole and in order, whatever is cut, held back, lost or slow', async () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(fc.nat(30_000), { minLength: 1, maxLength: 8 }),
        fc.record({
          cutRatio: fc.constantFrom(0, 0.5, 0.99),
          holdRatio: fc.constantFrom(0, 0.5, 1),
          lossRatio: fc.constantFrom(0, 0.3),
          bytesPerMs: fc.constantFrom(0, 1000),
          windowBytes: fc.constantFrom(100, 8192),
        }),
        async (seed, sizes, network) => {
          const { world, client, server } = await pair({ seed, network });
          const random = new Prng(seed);
          let sent = '';
          let isPaused = false;
          for (const sizeBytes of sizes) {
            const bytes = new Uint8Array(sizeBytes);
            random.fill(bytes);
            sent += latin1Of(bytes);
            const isReusable = client.connection.write(bytes, 0, sizeBytes);
            if (isReusable) bytes.fill(0);
            if (random.chance(0.3)) {
              if (isPaused) server.connection.resumeReading();
              else server.connection.pauseReading();
              isPaused = !isPaused;
            }
            await world.run(random.below(5));
          }
          server.connection.resumeReading();
          await world.runUntil(() => server.received.length === sent.length, { limitMs: 3_600_000 });
          ok(server.received === sent, 'the bytes that arrived are not those that were sent');
          await world.run(10_000);
          equal(client.connection.queuedBytes, 0);
        },
      ),
      { numRuns: 40 },
    ));

  test('write that returns false leaves the memory to the transport until onDrain', async () => {
    const { world, client, server } = await pair({ network: { ...quiet, holdRatio: 1 } });
    const bytes = utf8Bytes('abc');
    equal(client.connection.write(bytes, 0, 3), false);
    bytes[0] = 0x58; // a bug of the caller, which now shows
    await world.run(10);
    equal(server.received, 'Xbc');
    deepEqual(client.events, ['open', 'drain']);
  });

  test('poisonWrites: memory given back by write is overwritten', async () => {
    const { client } = await pair({ network: { ...quiet, poisonWrites: true } });
    const bytes = utf8Bytes('abc');
    equal(client.connection.write(bytes, 1, 3), true);
    deepEqual([...bytes], [0x61, 0xdb, 0xdb]);
  });

  test('a receiver that does not read makes the sender queue', async () => {
    const { world, client, server } = await pair({ network: { ...quiet, windowBytes: 1000 } });
    server.connection.pauseReading();
    const chunk = new Uint8Array(600);
    equal(client.connection.write(chunk, 0, 600), true);
    equal(client.connection.write(chunk, 0, 600), false);
    equal(client.connection.write(chunk, 0, 600), false);
    await world.run(1000);
    equal(client.connection.queuedBytes, 1200);
    server.connection.resumeReading();
    await world.run(10);
    equal(client.connection.queuedBytes, 0);
    equal(server.received.length, 1800);
    deepEqual(client.events, ['open', 'drain']);
  });

  test('small writes of one moment come together, large ones in pieces of the input buffer', async () => {
    const { world, client, server } = await pair();
    for (let i = 0; i < 100; i++) client.send('x');
    await world.run(10);
    equal(server.received.length, 100);
    ok(server.chunkCount < 60, `${server.chunkCount} chunks`);
    const large = new Uint8Array(200_000);
    client.connection.write(large, 0, large.length);
    const before = server.chunkCount;
    await world.run(10);
    ok(server.chunkCount - before >= 4);
  });
});

describe('VirtualNetwork: faults', () => {
  test('a partition holds bytes back; healing delivers them', async () => {
    const { world, client, server } = await pair();
    world.network.partition(['10.0.0.2']);
    client.send('held');
    server.send('too');
    await world.run(5000);
    deepEqual([server.received, client.received], ['', '']);
    world.network.heal();
    await world.run(1000);
    deepEqual([server.received, client.received], ['held', 'too']);
  });

  test('one direction can be cut alone', async () => {
    const { world, client, server } = await pair();
    world.network.cut(['10.0.0.1'], ['10.0.0.2']);
    client.send('lost on the way');
    server.send('arrives');
    await world.run(1000);
    deepEqual([server.received, client.received], ['', 'arrives']);
  });

  test('a cut that lasts ends in ETIMEDOUT for who sends; the other end stays half open until it writes', async () => {
    const { world, client, server } = await pair({ network: { ...quiet, tcpTimeoutMs: 30_000 } });
    world.network.partition(['10.0.0.1'], ['10.0.0.2']);
    client.send('x');
    await world.run(60_000);
    deepEqual(client.events, ['open', 'close ETIMEDOUT']);
    world.network.heal();
    await world.run(60_000);
    deepEqual(server.events, []);
    server.send('are you there?');
    await world.run(10);
    deepEqual(server.events, ['close ECONNRESET']);
  });

  test('connecting through a cut fails with ETIMEDOUT after timeoutMs, or succeeds when it heals in time', async () => {
    const world = new VirtualWorld({ seed: 1 });
    await world.env('10.0.0.2').transport.listen(declare, {}, (connection) => new Witness(connection));
    const env = world.env('10.0.0.1');
    world.network.partition(['10.0.0.1']);
    const short = new Witness(env.transport.connect(declare, { timeoutMs: 1500 }));
    const long = new Witness(env.transport.connect(declare));
    await world.run(2000);
    world.network.heal();
    await world.run(10_000);
    deepEqual([short.events, long.events], [['close ETIMEDOUT'], ['open']]);
  });

  test('a killed process: its peers see the close, new ones are refused', async () => {
    const { world, client, clientEnv, serverEnv, server } = await pair();
    serverEnv.crash();
    await world.run(10);
    deepEqual([client.events, server.events], [['open', 'close'], []]);
    const next = new Witness(clientEnv.transport.connect(declare));
    await world.run(10);
    deepEqual(next.events, ['close ECONNREFUSED']);
  });

  test('a machine without power: silence; with power again: ECONNRESET', async () => {
    const { world, client } = await pair();
    world.powerOff('10.0.0.2');
    client.send('hello?');
    await world.run(5000);
    deepEqual(client.events, ['open']);
    world.powerOn('10.0.0.2');
    await world.run(1000);
    deepEqual(client.events, ['open', 'close ECONNRESET']);
  });

  test('a paused process: its machine accepts and takes bytes, which it reads when it resumes', async () => {
    const world = new VirtualWorld({ seed: 1, network: quiet });
    const serverEnv = world.env('10.0.0.2');
    const servers: Witness[] = [];
    await serverEnv.transport.listen(declare, {}, (connection) => servers.push(new Witness(connection)));
    serverEnv.pause();
    const client = new Witness(world.env('10.0.0.1').transport.connect(declare));
    await world.run(10);
    client.send('waiting');
    await world.run(1000);
    deepEqual([client.events, servers.length], [['open'], 0]);
    serverEnv.resume();
    await world.run(10);
    equal(servers[0].received, 'waiting');
  });

  test('resetConnections and resetRatio: both ends see ECONNRESET', async () => {
    const { world, client, server } = await pair();
    world.network.resetConnections('10.0.0.1', '10.0.0.2');
    await world.run(10);
    deepEqual([client.events, server.events], [['open', 'close ECONNRESET'], ['close ECONNRESET']]);
    const other = await pair({ network: { ...quiet, resetRatio: 1 } });
    other.client.send('x');
    await other.world.run(10);
    deepEqual([other.client.events, other.server.events], [['open', 'close ECONNRESET'], ['close ECONNRESET']]);
  });

  test('whatever happens, each end is closed at most once and hears nothing after', async () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const random = new Prng(seed);
        const { world, client, server } = await pair({
          seed,
          network: { resetRatio: 0.05, cutRatio: 0.5, holdRatio: 0.5, windowBytes: 50, tcpTimeoutMs: 5000 },
        });
        for (let i = 0; i < 60; i++) {
          const witness = random.chance(0.5) ? client : server;
          const { connection } = witness;
          const dice = random.below(40);
          if (dice < 20) witness.send('0123456789'.repeat(1 + random.below(8)));
          else if (dice < 24) connection.pauseReading();
          else if (dice < 30) connection.resumeReading();
          else if (dice === 30) connection.end();
          else if (dice === 31) connection.destroy();
          else if (dice === 32) world.network.partition(['10.0.0.1']);
          else if (dice < 36) world.network.heal();
          await world.run(random.below(50));
        }
        client.connection.destroy();
        server.connection.destroy();
        world.network.heal();
        await world.run(20_000);
        for (const { events } of [client, server]) {
          equal(events.filter((event) => event.startsWith('close')).length, 1);
          ok(events.at(-1)?.startsWith('close'), events.join());
        }
      }),
      { numRuns: 60 },
    ));
});

describe('VirtualWorld: determinism and price', () => {
  /** Nodes that know each other and send heartbeats, with faults; returns everything that was seen. */
  async function gossip(seed: number, nodeCount: number, ms: number, isQuiet: boolean) {
    const world = new VirtualWorld({ seed, network: isQuiet ? {} : { lossRatio: 0.01, resetRatio: 0.001 } });
    let trace = '';
    let messageCount = 0;
    const names = Array.from({ length: nodeCount }, (_, i) => `10.0.1.${i}`);
    const note = (text: string): void => {
      trace += `${world.nowMs.toFixed(3)} ${text}\n`;
    };
    const envs = names.map((name) => world.env(name));
    for (const { host: name, transport, timers, random, disk } of envs) {
      const message = utf8Bytes(`heartbeat of ${name} `.repeat(6));
      const links: Connection[] = [];
      const meet = (connection: Connection): void =>
        connection.attach({
          onData: (input, start, end) => {
            messageCount++;
            if (!isQuiet) note(`${name} < ${connection.remote} ${textOf(input.u8, start, end)}`);
          },
          onDrain: () => {},
          onClose: (error) => note(`${name} x ${connection.remote} ${error?.message}`),
        });
      await transport.listen({ kind: 'tcp', host: '', port: 1 }, {}, meet);
      for (const other of names) {
        if (other === name) continue;
        const connection = transport.connect({ kind: 'tcp', host: other, port: 1 });
        meet(connection);
        links.push(connection);
      }
      const beat = (): void => {
        links[random.below(links.length)].write(message, 0, message.length);
        timers.after(100, beat);
      };
      timers.after(random.below(100), beat);
      void disk.writeFileAtomic('nodes.conf', message).then(() => note(`${name} saved`));
    }
    if (!isQuiet) {
      await world.run(ms / 4);
      world.network.partition(names.slice(0, nodeCount / 2));
      world.volume(names[0]).failOperation(2);
      await world.run(ms / 4);
      world.network.heal();
      world.powerOff(names[1]);
    }
    await world.run(ms);
    return { trace, messageCount };
  }

  test('the same seed gives the same run, another seed another', async () => {
    const first = await gossip(5, 6, 5000, false);
    const second = await gossip(5, 6, 5000, false);
    const other = await gossip(6, 6, 5000, false);
    ok(first.trace.length > 10_000);
    equal(first.trace === second.trace, true);
    equal(first.trace === other.trace, false);
  });

  test('50 nodes with heartbeats: a virtual minute is cheap', async () => {
    const start = performance.now();
    const { messageCount } = await gossip(1, 50, 60_000, true);
    const seconds = (performance.now() - start) / 1000;
    ok(messageCount > 25_000);
    console.log(`50 nodes, 60 s of virtual time, ${messageCount} messages: ${seconds.toFixed(2)} s`);
    ok(seconds < 10, `${seconds} s`);
  });
});
