import { describe, expect, test } from 'vitest';
import { shown } from '../support/shown.ts';
import { TestServer } from '../support/test-server.ts';

const ERROR = '-ERR Errors trying to SHUTDOWN. Check logs.';

async function holding(save: string): Promise<TestServer> {
  const server = await TestServer.start({ directives: { save } });
  const client = await server.connect();
  await client.ask('SET a 1');
  return server;
}

describe('SHUTDOWN', () => {
  test.each([
    ['SHUTDOWN', '3600 1', true],
    ['SHUTDOWN', '', false],
    ['SHUTDOWN NOSAVE', '3600 1', false],
    ['SHUTDOWN SAVE', '', true],
    ['SHUTDOWN SAVE NOW FORCE', '', true],
  ])('%s with save "%s": saved %s', async (request, save, isSaved) => {
    const server = await holding(save);
    const client = await server.connect();
    client.send(request);
    expect(await client.repliesWithin(1000)).toEqual([]);
    expect([client.isClosed, server.shutdowns.count]).toEqual([true, 1]);
    expect(await server.world.complete(server.env.disk.list('.'))).toEqual(isSaved ? ['dump.rdb'] : []);
  });

  test('a save that fails keeps the server alive, unless it is forced', async () => {
    const server = await holding('3600 1');
    const client = await server.connect();
    server.world.volume(server.host).capacityBytes = 10;
    expect(shown(await client.ask('SHUTDOWN'))).toBe(ERROR);
    expect(server.logLines).toContain("Error trying to save the DB, can't exit.");
    expect(await client.ask('SET a 2')).toBe('OK');
    client.send('SHUTDOWN FORCE');
    expect(await client.repliesWithin(1000)).toEqual([]);
    expect(server.shutdowns.count).toBe(1);
    expect(await server.world.complete(server.env.disk.list('.'))).toEqual([]);
  });

  test('a save in the background is ended, and the last one has what came after it began', async () => {
    const server = await holding('3600 1');
    const client = await server.connect();
    await client.ask('CONFIG SET rdb-key-save-delay 5000000');
    await client.ask('BGSAVE');
    await client.ask('CONFIG SET rdb-key-save-delay 0');
    await client.ask('SET b 1');
    client.send('SHUTDOWN');
    await client.repliesWithin(1000);
    expect(server.shutdowns.count).toBe(1);
    expect(server.logLines).toContain('There is a child saving an .rdb. Killing it!');
    const second = await TestServer.start({ world: server.world });
    expect(await (await second.connect()).ask('DBSIZE')).toBe(2);
  });

  test('while it saves, reads are answered and writes wait; ABORT ends it, and they run', async () => {
    const server = await holding('3600 1');
    const [client, second, reader, writer] = [
      await server.connect(),
      await server.connect(),
      await server.connect(),
      await server.connect(),
    ];
    await client.ask('CONFIG SET rdb-key-save-delay 5000000');
    client.send('SHUTDOWN');
    second.send('SHUTDOWN NOSAVE');
    writer.send('SET a 2');
    await server.world.run(100);
    expect(await reader.ask('GET a')).toBe('1');
    expect(await reader.ask('CLIENT UNPAUSE')).toBe('OK');
    expect(await writer.repliesWithin(100)).toEqual([]);
    expect(await reader.ask('SHUTDOWN ABORT')).toBe('OK');
    expect(shown(await client.next())).toBe(ERROR);
    expect(shown(await second.next())).toBe(ERROR);
    expect(await writer.next()).toBe('OK');
    expect(shown(await reader.ask('SHUTDOWN ABORT'))).toBe('-ERR No shutdown in progress.');
    expect(server.shutdowns.count).toBe(0);
    expect(server.logLines).toContain('Shutdown manually aborted.');
    expect(await server.world.complete(server.env.disk.list('.'))).toEqual([]);
  });
});

describe('SHUTDOWN of a master', () => {
  async function pair(): Promise<{ master: TestServer; replica: TestServer }> {
    const master = await TestServer.start({ directives: { save: '', 'repl-diskless-sync-delay': '0' } });
    const { world } = master;
    const replica = await TestServer.start({ world, host: '10.0.0.2', directives: { save: '' } });
    await (await replica.connect()).ask('REPLICAOF 10.0.0.1 6379');
    await world.runUntil(() => replica.kernel.replication.role?.state === 'connected', { limitMs: 60_000 });
    return { master, replica };
  }

  test('waits until its replicas have everything', async () => {
    const { master, replica } = await pair();
    const client = await master.connect();
    client.send('SET a 1');
    client.send('SHUTDOWN');
    expect(await client.repliesWithin(500)).toEqual(['OK']);
    expect(master.shutdowns.count).toBe(1);
    expect(master.logLines).toContain('1 of 1 replicas are in sync when shutting down.');
    expect(await (await replica.connect()).ask('GET a')).toBe('1');
  });

  test.each([
    ['SHUTDOWN', 10],
    ['SHUTDOWN NOW', 0],
  ])('%s waits %d seconds for one that does not answer', async (request, seconds) => {
    const { master } = await pair();
    const client = await master.connect();
    master.world.network.partition(['10.0.0.1'], ['10.0.0.2']);
    await client.ask('SET a 1');
    client.send(request);
    await client.repliesWithin(Math.max(100, (seconds - 1) * 1000));
    expect(master.shutdowns.count).toBe(seconds === 0 ? 1 : 0);
    await client.repliesWithin(2000);
    expect(master.shutdowns.count).toBe(1);
  });

  test('ABORT ends the waiting', async () => {
    const { master } = await pair();
    const [client, other] = [await master.connect(), await master.connect()];
    master.world.network.partition(['10.0.0.1'], ['10.0.0.2']);
    await client.ask('SET a 1');
    client.send('SHUTDOWN');
    await master.world.run(100);
    expect(await other.ask('SHUTDOWN ABORT')).toBe('OK');
    expect(shown(await client.next())).toBe(ERROR);
    expect(await client.ask('SET a 2')).toBe('OK');
  });
});
