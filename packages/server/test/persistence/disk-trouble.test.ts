import { describe, expect, test } from 'vitest';
import { persistenceInfo } from '../support/info.ts';
import { shown } from '../support/shown.ts';
import { type TestClient, TestServer } from '../support/test-server.ts';

const MISCONF =
  "-MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set " +
  'are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails ' +
  '(stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.';

/** A server that has saved `a` once and has changed it since; files of 40 KB, so that there are several writes. */
async function prepared(save = '3600 1'): Promise<{ server: TestServer; client: TestClient }> {
  const server = await TestServer.start({ directives: { save, rdbcompression: false } });
  const client = await server.connect();
  await client.ask('SET a old');
  await client.ask('SAVE');
  await client.ask('SET', 'b', 'x'.repeat(40_000));
  await client.ask('SET a new');
  await client.ask('CONFIG SET rdb-key-save-delay 1');
  return { client, server };
}

async function valueAfterRestart(server: TestServer): Promise<unknown> {
  await server.world.complete(server.kernel.stop());
  const second = await TestServer.start({ world: server.world });
  return (await second.connect()).ask('GET a');
}

async function names(server: TestServer): Promise<readonly string[]> {
  return server.world.complete(server.env.disk.list('.'));
}

describe('a fault at each call of a save', () => {
  test.each(['EIO', 'ENOSPC', 'EROFS'])('%s', async (code) => {
    let failures = 0;
    for (let step = 1; ; step++) {
      const { client, server } = await prepared();
      const volume = server.world.volume(server.host);
      volume.failOperation(step, code);
      const before = volume.operationCount;
      await client.ask('BGSAVE');
      await client.repliesWithin(1000);
      const info = await persistenceInfo(client);
      if (info['rdb_last_bgsave_status'] === 'ok') {
        expect(volume.operationCount - before).toBeLessThan(step);
        break;
      }
      failures++;
      expect(await names(server)).toEqual(['dump.rdb']);
      expect(server.logLines).toContain('Background saving error');
      expect(server.logLines.some((line) => /^(Failed opening|Write error|Error moving)/.test(line))).toBe(true);
      expect(shown(await client.ask('SET a 1'))).toBe(MISCONF);
      expect(shown(await client.ask('PING'))).toBe(MISCONF);
      expect(await client.ask('GET a')).toBe('new');
      // The disk is well again: so is the server, without anybody's help.
      await client.repliesWithin(6000);
      expect((await persistenceInfo(client))['rdb_last_bgsave_status']).toBe('ok');
      expect(await client.ask('SET a newer')).toBe('OK');
      expect(await valueAfterRestart(server)).toBe('new');
    }
    // Opening, header, two keys and the end, their sync, rename, sync of the folder.
    expect(failures).toBeGreaterThan(6);
  });

  test('from each call on, until the server ends: the last snapshot stays, and loads', async () => {
    for (let step = 1; ; step++) {
      const { client, server } = await prepared();
      const volume = server.world.volume(server.host);
      const first = volume.operationCount + step;
      volume.faultOf = ({ sequence }) => (sequence >= first ? 'EIO' : undefined);
      await client.ask('BGSAVE');
      await client.repliesWithin(1000);
      const isOk = (await persistenceInfo(client))['rdb_last_bgsave_status'] === 'ok';
      await server.world.complete(server.kernel.stop());
      volume.faultOf = () => undefined;
      const second = await TestServer.start({ world: server.world });
      // Whatever could not be removed is removed now.
      expect(await names(second)).toEqual(['dump.rdb']);
      expect(['old', 'new']).toContain(await (await second.connect()).ask('GET a'));
      if (isOk) break;
    }
  });
});

describe('MISCONF', () => {
  async function failed(save = '3600 1'): Promise<{ server: TestServer; client: TestClient }> {
    const { client, server } = await prepared(save);
    server.world.volume(server.host).capacityBytes = 10_000;
    await client.ask('BGSAVE');
    await client.repliesWithin(1000);
    return { client, server };
  }

  test('in a transaction: what writes spoils it, and EXEC is refused where something was queued before', async () => {
    const { client, server } = await prepared();
    await client.ask('MULTI');
    await client.ask('SET a 1');
    const other = await server.connect();
    server.world.volume(server.host).capacityBytes = 10_000;
    await other.ask('BGSAVE');
    await other.repliesWithin(1000);
    expect(shown(await client.ask('EXEC'))).toBe(`-EXECABORT Transaction discarded because of: ${MISCONF.slice(1)}`);
    await client.ask('MULTI');
    expect(shown(await client.ask('SET a 1'))).toBe(MISCONF);
    expect(shown(await client.ask('EXEC'))).toBe('-EXECABORT Transaction discarded because of previous errors.');
    await client.ask('MULTI');
    await client.ask('GET a');
    expect(await client.ask('EXEC')).toEqual(['new']);
  });

  test('is not, where nobody asked for snapshots or for it', async () => {
    const { client } = await failed('');
    expect(await client.ask('SET a 1')).toBe('OK');
    await client.ask('CONFIG', 'SET', 'save', '3600 1');
    expect(shown(await client.ask('SET a 1'))).toBe(MISCONF);
    await client.ask('CONFIG SET stop-writes-on-bgsave-error no');
    expect(await client.ask('SET a 1')).toBe('OK');
    await client.ask('CONFIG SET stop-writes-on-bgsave-error yes');
    expect(shown(await client.ask('SET a 1'))).toBe(MISCONF);
  });

  test('ends when space is made, and a disk that stays full is tried every five seconds', async () => {
    const { client, server } = await failed();
    await client.repliesWithin(20_000);
    const tries = Number((await persistenceInfo(client))['rdb_saves']);
    expect(tries).toBeGreaterThanOrEqual(4);
    expect(tries).toBeLessThanOrEqual(7);
    expect(server.logLines.filter((line) => line.includes('No space left on device')).length).toBe(tries - 1);
    server.world.volume(server.host).capacityBytes = Infinity;
    await client.repliesWithin(6000);
    expect(await client.ask('SET a 1')).toBe('OK');
  });

  test('SAVE that fails is an error, and no more than that', async () => {
    const { client, server } = await prepared();
    server.world.volume(server.host).failOperation(2);
    expect(shown(await client.ask('SAVE'))).toBe('-ERR');
    expect(await client.ask('SET a 1')).toBe('OK');
    expect(await names(server)).toEqual(['dump.rdb']);
  });
});
