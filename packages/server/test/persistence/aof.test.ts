import { expect, test } from 'vitest';
import { AofHost } from './aof-host.ts';

const select = (db: number): string => `*2\r\n$6\r\nSELECT\r\n$1\r\n${db}\r\n`;

test('effects are written once a turn, each increment beginning with its database', async () => {
  const host = await AofHost.start();
  const client = await host.server.connect();
  for (const line of ['SET a 1', 'GET a', 'SELECT 2', 'INCR n']) await client.ask(line);
  expect(await host.text('appendonly.aof.1.incr.aof')).toBe(
    `${select(0)}*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n${select(2)}*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n`,
  );
  expect(await host.text('appendonly.aof.manifest')).toBe(
    'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
  );
  expect(await client.ask('BGREWRITEAOF')).toBe('Background append only file rewriting started');
  await host.server.world.run(100);
  await client.ask('INCR n');
  expect(await host.text('appendonly.aof.2.incr.aof')).toBe(`${select(2)}*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n`);
  expect(await host.files()).toEqual([
    'appendonly.aof.2.base.rdb',
    'appendonly.aof.2.incr.aof',
    'appendonly.aof.manifest',
  ]);
});

for (const appendfsync of ['always', 'everysec', 'no']) {
  for (const preamble of [true, false]) {
    test(`appendfsync ${appendfsync}, ${preamble ? 'RDB' : 'commands'} as the base: a killed server comes back with all it had`, async () => {
      const host = await AofHost.start({ appendfsync, 'aof-use-rdb-preamble': preamble });
      const client = await host.server.connect();
      const lines =
        'SET a 1; RPUSH l 1 2 3; MULTI; INCR a; HSET h f v g w; EXEC; SET gone x PX 1; SADD s a b; ZADD z 1.5 a -inf b; ' +
        'XADD x 1-1 a 1; XADD x 1-2 b 2; XGROUP CREATE x g 0; XDEL x 1-1; XREADGROUP GROUP g c STREAMS x >; ' +
        'HPEXPIRE h 99999999 FIELDS 1 f; PEXPIRE l 99999999; SET int 12';
      for (const line of lines.split('; ')) await client.ask(line);
      await host.server.world.run(1000);
      const state = async (): Promise<unknown[]> => {
        const asker = await host.server.connect();
        const pending = (await asker.ask('XPENDING x g - + 10')) as unknown[][];
        return [
          await asker.ask('DEBUG DIGEST'),
          await asker.ask('HPEXPIRETIME h FIELDS 1 f'),
          pending.map(([id]) => id),
        ];
      };
      const before = await state();
      await host.kill();
      await host.restart();
      expect(await state()).toEqual(before);
      expect(await (await host.server.connect()).ask('BGREWRITEAOF')).toMatch(/started/);
      await host.server.world.run(100);
      expect((await host.info()).aof_last_bgrewrite_status).toBe('ok');
      await host.kill();
      expect(await host.files()).toContain(`appendonly.aof.2.base.${preamble ? 'rdb' : 'aof'}`);
      await host.restart();
      expect(await state()).toEqual(before);
    });
  }
}

test('appendonly yes while the server runs: all of the data is in it when the first base is written', async () => {
  const host = await AofHost.start({ appendonly: false });
  const client = await host.server.connect();
  await client.ask('SET before 1');
  expect((await host.info()).aof_enabled).toBe('0');
  expect(await client.ask('CONFIG SET appendonly yes')).toBe('OK');
  await client.ask('SET meanwhile 2');
  await host.server.world.run(200);
  await client.ask('SET after 3');
  expect(await host.info()).toMatchObject({ aof_enabled: '1', aof_last_bgrewrite_status: 'ok', aof_rewrites: '1' });
  expect(await client.ask('CONFIG SET appendonly no')).toBe('OK');
  await host.server.world.run(200);
  await client.ask('SET later 4');
  expect((await host.info()).aof_enabled).toBe('0');
  await host.kill();
  await host.restart({ appendonly: true });
  expect(await (await host.server.connect()).ask('MGET before meanwhile after later')).toEqual(['1', '2', '3', null]);
});

test('appendonly is switched again and again, without waiting', async () => {
  const host = await AofHost.start({ appendonly: false });
  const client = await host.server.connect();
  for (let i = 0; i < 20; i++) {
    await client.ask(`CONFIG SET appendonly ${i % 2 === 0 ? 'yes' : 'no'}`);
    await client.ask('INCR n');
    await host.server.world.run(i / 5);
  }
  expect((await host.info()).aof_enabled).toBe('0');
  await client.ask('CONFIG SET appendonly yes');
  await host.server.world.run(1000);
  await client.ask('INCR n');
  await host.kill();
  await host.restart({ appendonly: true });
  expect(await (await host.server.connect()).ask('GET n')).toBe('21');
});

test('times, for tools that cut a file at one', async () => {
  const host = await AofHost.start({ 'aof-timestamp-enabled': true });
  const client = await host.server.connect();
  for (const line of ['SET a 1', 'SET a 2']) await client.ask(line);
  await host.server.world.run(3000);
  await client.ask('SET a 3');
  const text = await host.text('appendonly.aof.1.incr.aof');
  expect(text).toMatch(/^#TS:\d{10}\r\n\*2/);
  expect(text.match(/#TS/g)).toHaveLength(2);
  await host.kill();
  await host.restart();
  expect(await (await host.server.connect()).ask('GET a')).toBe('3');
});

test('it is rewritten by itself when it has grown', async () => {
  const host = await AofHost.start({ 'auto-aof-rewrite-min-size': 10_000, 'auto-aof-rewrite-percentage': 50 });
  const client = await host.server.connect();
  for (let i = 0; i < 300; i++) await client.ask(`SET key ${'x'.repeat(20)}`);
  await host.server.world.run(500);
  const info = await host.info();
  expect(info.aof_rewrites).toBe('1');
  expect(Number(info.aof_current_size)).toBeLessThan(5000);
  expect(Number(info.aof_base_size)).toBeLessThan(1000);
  expect(host.server.logLines.some((line) => /Starting automatic rewriting of AOF on \d+% growth/.test(line))).toBe(
    true,
  );
});

test('BGREWRITEAOF: started, already running, scheduled by a transaction; without appendonly too', async () => {
  const host = await AofHost.start({ appendonly: false });
  const client = await host.server.connect();
  await client.ask('SET a 1');
  client.send('BGREWRITEAOF');
  client.send('BGREWRITEAOF');
  expect(await client.next()).toBe('Background append only file rewriting started');
  expect(String(await client.next())).toMatch(/ERR Background append only file rewriting already in progress/);
  await host.server.world.run(300);
  expect(await host.files()).toEqual(['appendonly.aof.1.base.rdb', 'appendonly.aof.manifest']);
  await client.ask('MULTI');
  await client.ask('BGREWRITEAOF');
  expect(await client.ask('EXEC')).toEqual(['Background append only file rewriting scheduled']);
  await host.server.world.run(300);
  expect(await host.files()).toEqual(['appendonly.aof.2.base.rdb', 'appendonly.aof.manifest']);
  expect((await host.info()).aof_rewrites).toBe('2');
});

test('writes go on while a rewrite is written, and are in the file whenever the server is killed', async () => {
  for (let ms = 0; ms < 40; ms++) {
    const host = await AofHost.start({ appendfsync: 'always' }, ms);
    const client = await host.server.connect();
    for (let i = 0; i < 5; i++) await client.ask('INCR n');
    client.send('BGREWRITEAOF');
    let acknowledged = 5;
    const endMs = host.world.nowMs + ms / 10;
    while (host.world.nowMs < endMs) {
      client.send('INCR n');
      for (const reply of await client.repliesWithin(0.1)) if (typeof reply === 'number') acknowledged = reply;
    }
    await host.kill();
    await host.restart();
    const found = Number(await (await host.server.connect()).ask('GET n'));
    expect(found).toBeGreaterThanOrEqual(acknowledged);
    expect(found).toBeLessThanOrEqual(acknowledged + 40);
  }
});

test('the last increment is gone on with, and the next rewrite counts on', async () => {
  const host = await AofHost.start();
  for (let i = 0; i < 3; i++) {
    const client = await host.server.connect();
    await client.ask('INCR n');
    await host.kill();
    await host.restart();
  }
  expect(await host.files()).toEqual([
    'appendonly.aof.1.base.rdb',
    'appendonly.aof.1.incr.aof',
    'appendonly.aof.manifest',
  ]);
  const client = await host.server.connect();
  expect(await client.ask('GET n')).toBe('3');
  await client.ask('BGREWRITEAOF');
  await host.server.world.run(100);
  expect(await host.text('appendonly.aof.manifest')).toBe(
    'file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n',
  );
});
