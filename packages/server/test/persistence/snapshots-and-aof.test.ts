import { describe, expect, test } from 'vitest';
import { persistenceInfo } from '../support/info.ts';
import { shown } from '../support/shown.ts';
import { type TestClient, TestServer } from '../support/test-server.ts';

const slow = 'CONFIG SET rdb-key-save-delay 1000000';
const quick = 'CONFIG SET rdb-key-save-delay 0';

async function started(save = ''): Promise<{ server: TestServer; client: TestClient }> {
  const server = await TestServer.start({ directives: { appendonly: true, save } });
  const client = await server.connect();
  await client.ask('MSET a 1 b 2 c 3');
  return { client, server };
}

describe('snapshots beside the append-only file', () => {
  test('BGSAVE while it is rewritten: an error, or later', async () => {
    const { client } = await started();
    const before = Number((await persistenceInfo(client))['aof_rewrites']);
    await client.ask(slow);
    expect(await client.ask('BGREWRITEAOF')).toBe('Background append only file rewriting started');
    expect(shown(await client.ask('BGSAVE'))).toBe(
      "-ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
    );
    expect(await client.ask('BGSAVE SCHEDULE')).toBe('Background saving scheduled');
    expect((await persistenceInfo(client))['rdb_saves']).toBe('0');
    await client.ask(quick);
    await client.repliesWithin(10_000);
    const info = await persistenceInfo(client);
    expect([info['rdb_saves'], Number(info['aof_rewrites']) - before, info['rdb_last_bgsave_status']]).toEqual([
      '1',
      1,
      'ok',
    ]);
  });

  test('it is rewritten after a BGSAVE that is running', async () => {
    const { client } = await started();
    const before = Number((await persistenceInfo(client))['aof_rewrites']);
    await client.ask(slow);
    await client.ask('BGSAVE');
    await client.ask(quick);
    expect(await client.ask('BGREWRITEAOF')).toBe('Background append only file rewriting scheduled');
    expect((await persistenceInfo(client))['aof_rewrite_in_progress']).toBe('0');
    await client.repliesWithin(10_000);
    const info = await persistenceInfo(client);
    expect([info['rdb_saves'], Number(info['aof_rewrites']) - before, info['aof_last_bgrewrite_status']]).toEqual([
      '1',
      1,
      'ok',
    ]);
  });

  test('FLUSHALL while it is rewritten: the file says so, too', async () => {
    const { client, server } = await started('3600 100');
    await client.ask(slow);
    await client.ask('BGREWRITEAOF');
    await client.ask('FLUSHALL');
    await client.ask('SET d 4');
    await client.ask(quick);
    await client.repliesWithin(10_000);
    await server.world.complete(server.kernel.stop());
    const second = await TestServer.start({ world: server.world, directives: { appendonly: true } });
    const other = await second.connect();
    expect([await other.ask('DBSIZE'), await other.ask('GET d')]).toEqual([1, '4']);
  });

  test('at the start the append-only file is what counts', async () => {
    const { client, server } = await started('3600 1');
    await client.ask('SAVE');
    await client.ask('SET a later');
    await server.world.complete(server.kernel.stop());
    const second = await TestServer.start({ world: server.world, directives: { appendonly: true } });
    expect(await (await second.connect()).ask('GET a')).toBe('later');
    await server.world.complete(second.kernel.stop());
    const third = await TestServer.start({ world: server.world });
    expect(await (await third.connect()).ask('GET a')).toBe('1');
  });

  test('DEBUG LOADAOF and RELOAD give what was there, and it goes on being written', async () => {
    const { client, server } = await started();
    await client.ask('EXPIRE b 1000');
    const digest = await client.ask('DEBUG DIGEST');
    for (const request of ['DEBUG LOADAOF', 'DEBUG RELOAD', 'DEBUG LOADAOF']) {
      expect(await client.ask(request)).toBe('OK');
      expect(await client.ask('DEBUG DIGEST')).toBe(digest);
    }
    await client.ask('SET a after');
    await server.world.complete(server.kernel.shutdown.begin({ save: 'default', isForced: false, isNow: true }));
    const second = await TestServer.start({ world: server.world, directives: { appendonly: true } });
    const other = await second.connect();
    expect([await other.ask('GET a'), await other.ask('DBSIZE')]).toEqual(['after', 3]);
  });

  test('SHUTDOWN: what was acknowledged a moment ago is there; a disk that fails keeps the server alive', async () => {
    const { client, server } = await started();
    await client.ask('SET a last');
    server.world.volume(server.host).faultOf = ({ syscall }) => (syscall === 'fsync' ? 'EIO' : undefined);
    expect(shown(await client.ask('SHUTDOWN'))).toBe('-ERR Errors trying to SHUTDOWN. Check logs.');
    server.world.volume(server.host).faultOf = () => undefined;
    await client.repliesWithin(10_000);
    client.send('SHUTDOWN');
    await client.repliesWithin(1000);
    expect(server.shutdowns.count).toBe(1);
    server.world.powerOff(server.host);
    server.world.powerOn(server.host);
    const second = await TestServer.start({ world: server.world, directives: { appendonly: true } });
    expect(await (await second.connect()).ask('GET a')).toBe('last');
  });

  test('SHUTDOWN while the first base is written is refused', async () => {
    const server = await TestServer.start({ directives: { save: '' } });
    const client = await server.connect();
    await client.ask('MSET a 1 b 2');
    await client.ask(slow);
    const other = await server.connect();
    other.send('CONFIG SET appendonly yes');
    await client.repliesWithin(100);
    expect(shown(await client.ask('SHUTDOWN'))).toBe('-ERR Errors trying to SHUTDOWN. Check logs.');
    expect(server.logLines).toContain("Writing initial AOF, can't exit.");
    client.send('SHUTDOWN FORCE');
    await client.repliesWithin(10_000);
    expect(server.shutdowns.count).toBe(1);
  });
});
