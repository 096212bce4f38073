import { Prng } from '@kvartz/base';
import { afterEach, expect, test } from 'vitest';
import { Generator } from '../conformance/support/generator.ts';
import { Pipeline } from '../conformance/support/pipeline.ts';
import { fillDataSet } from '../persistence/support/data-set.ts';
import { RedisProcess } from '../persistence/support/redis-process.ts';
import { describeWith } from '../support/programs.ts';
import { serverCommand } from '../support/server-command.ts';
import { Relay } from './support/relay.ts';

type Kind = 'kvartz' | 'redis';

const opened: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.stop();
});

/** `repl-diskless-sync-delay 0`: nobody waits for others. */
async function start(kind: Kind, flags: readonly string[] = [], file?: Uint8Array): Promise<RedisProcess> {
  const argv = kind === 'redis' ? ['redis-server'] : serverCommand();
  const server = await RedisProcess.of(argv, ['--repl-diskless-sync-delay', '0', '--save', '', ...flags], file);
  opened.push(server);
  return server;
}

async function relayTo(master: RedisProcess): Promise<Relay> {
  const relay = await Relay.start(master.port);
  opened.push(relay);
  return relay;
}

async function field(server: RedisProcess, name: string): Promise<string | undefined> {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(String(await server.call('info', 'everything')))?.[1];
}

async function follow(replica: RedisProcess, port: number): Promise<void> {
  await replica.call('replicaof', '127.0.0.1', port);
}

/** Waits until the replica has applied all that the master has written so far. */
async function inStep(master: RedisProcess, replica: RedisProcess): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const offset = await field(master, 'master_repl_offset');
    const isUp = (await field(replica, 'master_link_status')) === 'up';
    if (isUp && (await field(replica, 'master_repl_offset')) === offset) return;
    if (Date.now() > deadline) throw new Error(`not in step: ${String(await replica.call('info', 'replication'))}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function expectSame(master: RedisProcess, replica: RedisProcess): Promise<void> {
  await inStep(master, replica);
  expect(await replica.digest()).toBe(await master.digest());
}

/** Random commands of every family, in one pipeline. */
async function work(master: RedisProcess, seed: number, count: number): Promise<void> {
  const pipeline = await Pipeline.connect(master.port);
  await pipeline.send(new Generator(seed).sequence(count));
  pipeline.close();
}

const directions = [
  ['kvartz', 'redis'],
  ['redis', 'kvartz'],
  ['kvartz', 'kvartz'],
] as const;

describeWith(['redis-server'], 'replication', () => {
  test.each(
    directions.flatMap(([master, replica]) => [
      [master, replica, 'streamed', []] as const,
      [master, replica, 'from a file', ['--repl-diskless-sync', 'no']] as const,
    ]),
  )('%s as the master of %s: the whole data set, %s, and what follows', async (masterKind, replicaKind, _, flags) => {
    const master = await start(masterKind, flags);
    await fillDataSet(master);
    const replica = await start(replicaKind);
    await replica.call('set', 'of the replica', 'gone');
    await follow(replica, master.port);
    await expectSame(master, replica);
    await work(master, 4711, 2000);
    await expectSame(master, replica);
  });

  test.each(['disabled', 'on-empty-db', 'swapdb'])('repl-diskless-load %s', async (mode) => {
    const master = await start('redis');
    await fillDataSet(master);
    const replica = await start('kvartz', ['--repl-diskless-load', mode]);
    await follow(replica, master.port);
    await expectSame(master, replica);
    await replica.call('replicaof', 'no', 'one');
    await replica.call('set', 'x', 'y');
    await follow(replica, master.port);
    await expectSame(master, replica);
    expect(await replica.call('exists', 'x')).toBe(0);
  });

  test.each(directions)(
    '%s as the master of %s: links that break anywhere are continued',
    async (masterKind, replicaKind) => {
      const master = await start(masterKind);
      const replica = await start(replicaKind);
      const relay = await relayTo(master);
      await follow(replica, relay.port);
      await inStep(master, replica);
      const random = new Prng(1);
      for (let i = 0; i < 8; i++) {
        relay.cutAfter(1 + random.below(20_000));
        await work(master, 100 + i, 400);
        await expectSame(master, replica);
      }
      expect(Number(await field(master, 'sync_full'))).toBe(1);
      expect(Number(await field(master, 'sync_partial_ok'))).toBeGreaterThan(3);
    },
  );

  test.each(directions)(
    '%s as the master of %s: a full sync that breaks is begun again',
    async (masterKind, replicaKind) => {
      const master = await start(masterKind);
      await fillDataSet(master);
      const replica = await start(replicaKind);
      const relay = await relayTo(master);
      relay.cutAfter(20_000);
      await follow(replica, relay.port);
      await expectSame(master, replica);
      expect(relay.connections).toBeGreaterThan(1);
    },
  );

  test.each([
    ['kvartz', 'redis', 'kvartz'],
    ['redis', 'kvartz', 'redis'],
    ['redis', 'kvartz', 'kvartz'],
  ] as const)('a chain %s, %s, %s: the middle is promoted, and the first follows it', async (...kinds) => {
    const [first, middle, last] = await Promise.all(kinds.map((kind) => start(kind)));
    await follow(middle, first.port);
    await inStep(first, middle);
    await follow(last, middle.port);
    await work(first, 7, 500);
    await expectSame(first, middle);
    await expectSame(first, last);
    await middle.call('replicaof', 'no', 'one');
    await work(middle, 8, 300);
    await follow(first, middle.port);
    await expectSame(middle, last);
    await expectSame(middle, first);
    expect(Number(await field(middle, 'sync_full'))).toBe(1);
  });

  test('a replica that is started again from its snapshot goes on, and so do the replicas of a master that is', async () => {
    // No ping moves the offset between the snapshots and the end.
    const master = await start('kvartz', ['--repl-ping-replica-period', '3600']);
    const replica = await start('kvartz');
    await follow(replica, master.port);
    await work(master, 9, 500);
    await expectSame(master, replica);
    const replicaAgain = await start('kvartz', ['--replicaof', `127.0.0.1 ${master.port}`], await replica.save());
    await expectSame(master, replicaAgain);
    expect(Number(await field(master, 'sync_full'))).toBe(1);
    const masterAgain = await start('kvartz', ['--repl-ping-replica-period', '3600'], await master.save());
    await follow(replicaAgain, masterAgain.port);
    await work(masterAgain, 10, 300);
    await expectSame(masterAgain, replicaAgain);
    expect(Number(await field(masterAgain, 'sync_full'))).toBe(0);
  });

  test("a replica that begins with a copy of its master's snapshot goes on in the right database", async () => {
    const master = await start('kvartz', ['--repl-ping-replica-period', '3600']);
    const first = await start('kvartz');
    await follow(first, master.port);
    await inStep(master, first);
    await master.call('select', 3);
    await master.call('set', 'k', 1);
    const replica = await start('kvartz', ['--replicaof', `127.0.0.1 ${master.port}`], await master.save());
    await master.call('incr', 'k');
    await expectSame(master, replica);
    expect(Number(await field(master, 'sync_full'))).toBe(1);
  });

  test('the append-only file of a replica holds the data set of its master', async () => {
    const master = await start('redis');
    await fillDataSet(master);
    const replica = await start('kvartz', ['--appendonly', 'yes']);
    await replica.call('set', 'of the replica', 'gone');
    await follow(replica, master.port);
    await expectSame(master, replica);
    await work(master, 11, 500);
    await expectSame(master, replica);
    await replica.call('replicaof', 'no', 'one');
    const digest = await replica.digest();
    await replica.call('debug', 'loadaof');
    expect(await replica.digest()).toBe(digest);
  });
});
