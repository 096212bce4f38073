import { VirtualWorld } from '@kvartz/base/virtual';
import { describe, expect, test } from 'vitest';
import { TestServer } from '../support/test-server.ts';

describe('snapshots', () => {
  test('what SAVE has written is there after a restart', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const first = await TestServer.start({ world });
    const client = await first.connect();
    expect(await client.ask('SET a 1')).toBe('OK');
    expect(await client.ask('RPUSH l 1 2 3')).toBe(3);
    expect(await client.ask('SET later 1 PX 1000')).toBe('OK');
    expect(await client.ask('SAVE')).toBe('OK');
    await world.complete(first.kernel.stop());
    await world.run(1500);
    const second = await TestServer.start({ world });
    const other = await second.connect();
    expect(await other.ask('GET a')).toBe('1');
    expect(await other.ask('LRANGE l 0 -1')).toEqual(['1', '2', '3']);
    expect(await other.ask('DBSIZE')).toBe(2);
    expect(second.logLines).toContainEqual('Done loading RDB, keys loaded: 2, keys expired: 1, empty keys skipped: 0.');
    await world.complete(second.kernel.stop());
  });
});
