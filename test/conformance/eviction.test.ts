import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { Pipeline, type Request } from './support/pipeline.ts';
import { render } from './support/reply.ts';

const policies = 'allkeys-lru allkeys-lfu allkeys-random volatile-lru volatile-lfu volatile-random volatile-ttl'.split(
  ' ',
);

/** One key of each type; then commands about `k`, each of which may or may not be a use of the key. */
const uses: Record<string, string> = {
  'SET k 1': `
    GET k; SET k 2; SET k 2 KEEPTTL; SETNX k 3; SET k 2 NX; SET k 2 GET; GETSET k 2; GETDEL k; GETEX k;
    APPEND k 1; INCR k; DECRBY k 3; STRLEN k; GETRANGE k 0 1; SETRANGE k 1 x; SETBIT k 3 1; GETBIT k 3;
    BITCOUNT k; BITPOS k 1; BITFIELD k GET u4 0; BITFIELD k SET u4 0 1; MGET k a; MSET k 1 a 2; LCS k a;
    TYPE k; EXISTS k k; TTL k; PTTL k; EXPIRETIME k; TOUCH k k; OBJECT ENCODING k; OBJECT REFCOUNT k;
    EXPIRE k 100; EXPIRE k 100 XX; PERSIST k; SCAN 0; KEYS *; RANDOMKEY; MEMORY USAGE k; DEBUG OBJECT k;
    COPY k a; RENAME k k; BITOP NOT a k; WATCH k; LPUSH k 1; SETEX k 10 1; HGET k f; MSETNX k 1 b 2;
    SORT k; UNLINK a`,
  'RPUSH k 1 2 3 4': `
    LLEN k; LPUSH k 0; LPOP k; LRANGE k 0 -1; LINDEX k 0; LSET k 0 9; LREM k 0 9; LTRIM k 0 5; LPOS k 2;
    LINSERT k BEFORE 2 x; LMOVE k k LEFT RIGHT; LMOVE k a LEFT RIGHT; RPOPLPUSH k a; LMPOP 1 k LEFT;
    SORT k; SORT k STORE a; BLPOP k 0; TYPE k; RPUSHX k 1; GET k; LPUSHX k 1`,
  'HSET k f 1 g 2': `
    HGET k f; HSET k f 2; HLEN k; HGETALL k; HDEL k g; HINCRBY k f 1; HSETNX k f 1; HRANDFIELD k; HSCAN
    k 0; HMGET k f g; HSTRLEN k f; HEXISTS k f; HKEYS k; HVALS k; HINCRBYFLOAT k f 1`,
  'SADD k 1 2 3': `
    SCARD k; SADD k 4; SREM k 1; SISMEMBER k 1; SMISMEMBER k 1 2; SMEMBERS k; SPOP k; SRANDMEMBER k;
    SSCAN k 0; SINTER k k; SUNION k a; SDIFF k a; SINTERCARD 1 k; SMOVE k a 1; SUNIONSTORE a k;
    SDIFFSTORE k k a`,
  'ZADD k 1 a 2 b 3 c': `
    ZCARD k; ZADD k 4 d; ZSCORE k a; ZRANK k a; ZRANGE k 0 -1; ZINCRBY k 1 a; ZREM k a; ZCOUNT k 1 2;
    ZPOPMIN k; ZRANGESTORE a k 0 -1; ZUNION 1 k; ZUNIONSTORE a 1 k; ZINTER 2 k k; ZRANDMEMBER k; ZSCAN k
    0; ZMSCORE k a b; ZLEXCOUNT k - +; ZREMRANGEBYRANK k 0 0; ZMPOP 1 k MIN; GEOSEARCH k FROMLONLAT 0 0
    BYRADIUS 1 m`,
};

/** Requests between semicolons. */
function listOf(text: string): string[] {
  return text.split(';').map((line) => line.trim().replaceAll(/\s+/g, ' '));
}

describeWith(['redis-server'], 'eviction beside redis-server', () => {
  const nodes: TestNode[] = [];
  let pipelines: Pipeline[] = [];

  beforeAll(async () => {
    const directives = ['--enable-debug-command', 'yes'];
    nodes.push(await TestNode.start(directives), await TestNode.start(directives, ['redis-server']));
    pipelines = await Promise.all(nodes.map((node) => Pipeline.connect(node.port)));
  });
  afterAll(async () => {
    for (const pipeline of pipelines) pipeline.close();
    for (const node of nodes) await node.remove();
  });
  beforeEach(async () => {
    await both('RESET', 'CONFIG SET maxmemory 0 maxmemory-policy noeviction lfu-log-factor 10 maxmemory-clients 0');
    await both('FLUSHALL');
  });

  /** The replies of both to each line. */
  async function both(...lines: string[]): Promise<readonly [string, string][]> {
    const requests: Request[] = lines.map((line) => line.split(' '));
    const [ours, theirs] = await Promise.all(pipelines.map((pipeline) => pipeline.send(requests)));
    return requests.map((_, i) => [render(ours[i]), render(theirs[i])]);
  }

  async function expectSame(text: string): Promise<void> {
    for (const line of listOf(text)) {
      const [[ours, theirs]] = await both(line);
      expect([line, ours]).toEqual([line, theirs]);
    }
  }

  for (const policy of ['noeviction', ...policies]) {
    test(`${policy}: without memory, and when nothing is left to evict`, async () => {
      await expectSame(`
        CONFIG SET maxmemory-policy ${policy}; SET a 1; SET b 2 EX 1000; RPUSH l 1 2; SADD s 1; MULTI; SET a
        2; GET a; CONFIG SET maxmemory 1; EXEC`);
      // Which keys are left is a matter of the policy; that there is nothing for writes is not.
      await sleep(50);
      await expectSame(`
        SET c 1; LPUSH l 1; SADD s 2; HSET h f 1; APPEND c 1; GETEX missing; DEL missing; EXPIRE missing 10;
        LRANGE missing 0 1; LPOP missing; GETDEL missing; DBSIZE; EXISTS a b l s; PING; MULTI; GET a; EXEC;
        MULTI; UNWATCH; PING; EXEC; MULTI; DISCARD; WATCH x; UNWATCH; MULTI; SET a 1; EXEC; EXEC; PUBLISH c
        m; RENAME a z; COPY z y; SORT l; SORT l STORE m; FLUSHALL; SET a 1; CONFIG SET maxmemory 0; SET a 1;
        DBSIZE`);
    });

    test(`${policy}: OBJECT FREQ and IDLETIME`, async () => {
      await expectSame(`
        CONFIG SET maxmemory 1gb maxmemory-policy ${policy} lfu-log-factor 0; SET a 1; GET a; OBJECT FREQ b;
        OBJECT IDLETIME b`);
      for (const [ours, theirs] of await both('OBJECT FREQ a', 'OBJECT IDLETIME a')) {
        expect(ours).toEqual(theirs);
      }
    });
  }

  for (const noTouch of ['OFF', 'ON']) {
    test(`which commands use a key, and how often (counted with lfu-log-factor 0), CLIENT NO-TOUCH ${noTouch}`, async () => {
      await both('CONFIG SET maxmemory 1gb maxmemory-policy allkeys-lfu lfu-log-factor 0');
      const different: unknown[] = [];
      for (const [setup, commands] of Object.entries(uses)) {
        for (const command of listOf(commands)) {
          await both(
            'FLUSHALL',
            setup,
            setup.startsWith('SET') ? 'SET a 1' : 'DEL a',
            `CLIENT NO-TOUCH ${noTouch}`,
            command,
          );
          const [[ours, theirs]] = await both('OBJECT FREQ k');
          // Redis 7.0 has no NO-TOUCH: what it counts then is 5, but for what makes the key anew.
          const wanted = noTouch === 'OFF' ? theirs : undefined;
          if (wanted !== undefined && ours !== wanted) different.push([command, ours, theirs]);
          if (noTouch === 'ON' && command !== 'TOUCH k k' && Number(ours.slice(1)) > 5) different.push([command, ours]);
        }
      }
      await both('CLIENT NO-TOUCH OFF', 'UNWATCH');
      expect(different).toEqual([]);
    });
  }

  test('fields of INFO and MEMORY STATS', async () => {
    await both('SET a 1', 'SET b 1 EX 100');
    const fields = (text: string): string[] => [...text.matchAll(/^(\w+):/gm)].map(([, name]) => name);
    const [[ourInfo, theirInfo]] = await both('INFO memory');
    expect(fields(theirInfo).filter((name) => !fields(ourInfo).includes(name))).toEqual([]);
    const [[ours, theirs]] = await both('MEMORY STATS');
    const names = (reply: string): string[] => reply.match(/[a-z]+[.\-a-z0-9]{4,}/g) ?? [];
    expect(names(ours)).toEqual(names(theirs));
  });

  test('maxmemory-clients: the largest client goes first, and not one that has said NO-EVICT', async () => {
    const survivors = await Promise.all(
      nodes.map(async ({ port }) => {
        const control = await Pipeline.connect(port);
        const sizes = [100_000, 900_000, 400_000, 2_000_000];
        const clients = await Promise.all(sizes.map(() => Pipeline.connect(port)));
        await clients[3].send([['CLIENT', 'NO-EVICT', 'ON']]);
        for (const [i, client] of clients.entries()) {
          await client.send([['CLIENT', 'SETNAME', `size${i}`], ['MULTI']]);
          for (let left = sizes[i]; left > 0; left -= 100_000) await client.send([['SET', 'k', 'x'.repeat(100_000)]]);
        }
        const left: string[] = [];
        for (const limit of ['8mb', '3200kb', '2800kb', '1mb']) {
          await control.send([
            ['CLIENT', 'NO-EVICT', 'ON'],
            ['CONFIG', 'SET', 'maxmemory-clients', limit],
          ]);
          await sleep(300);
          const [list] = await control.send([['CLIENT', 'LIST']]);
          left.push((render(list).match(/name=size\d/g) ?? []).toSorted().join(' '));
        }
        await control.send([['CONFIG', 'SET', 'maxmemory-clients', '0']]);
        for (const client of [control, ...clients]) client.close();
        return left;
      }),
    );
    pipelines = await Promise.all(nodes.map((node) => Pipeline.connect(node.port)));
    expect(survivors[0]).toEqual(survivors[1]);
    expect(survivors[0][0]).toBe('name=size0 name=size1 name=size2 name=size3');
    expect(survivors[0][3]).toBe('name=size3');
  });
});
