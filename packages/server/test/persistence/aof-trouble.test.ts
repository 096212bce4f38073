import { describe, expect, test } from 'vitest';
import type { TestClient } from '../support/test-server.ts';
import { shown } from '../support/shown.ts';
import { AofHost } from './aof-host.ts';

const full = 'MISCONF Errors writing to the AOF file: No space left on device';

async function asks(client: TestClient, line: string): Promise<unknown> {
  return shown(await client.ask(line));
}

describe('a full disk', () => {
  for (const appendfsync of ['everysec', 'always']) {
    test(`${appendfsync}: writes are refused, reads go on, and service returns by itself`, async () => {
      const host = await AofHost.start({ appendfsync });
      let client = await host.server.connect();
      const text = await host.text('appendonly.aof.1.base.rdb');
      host.volume.capacityBytes = text.length + 400;
      let acknowledged = 0;
      for (;;) {
        client.send('INCR n');
        const [reply] = (await client.repliesWithin(20)).map(shown);
        if (client.isClosed) client = await host.server.connect();
        else if (typeof reply === 'number') acknowledged = reply;
        else {
          expect(reply).toBe(`-${full}`);
          break;
        }
      }
      expect(Number(await asks(client, 'GET n'))).toBeGreaterThanOrEqual(acknowledged);
      expect(await host.info()).toMatchObject({ aof_last_write_status: 'err' });
      await host.world.run(5000);
      expect(await asks(client, 'SET x 1')).toBe(`-${full}`);
      host.volume.capacityBytes = Infinity;
      await host.world.run(2000);
      expect(await host.info()).toMatchObject({ aof_last_write_status: 'ok' });
      expect(await asks(client, 'SET x 1')).toBe('OK');
      const n = await asks(client, 'GET n');
      await host.world.run(1000);
      await host.losePower();
      await host.restart();
      const again = await host.server.connect();
      expect([await asks(again, 'GET n'), await asks(again, 'GET x')]).toEqual([n, '1']);
      expect(host.server.logLines.join('\n')).not.toMatch(/cut|truncat/i);
    });
  }
});

test('a sync that fails: a new base is written before writes are taken again', async () => {
  for (const [appendfsync, isInline] of [
    ['always', true],
    ['always', false],
    ['everysec', false],
  ] as const) {
    const host = await AofHost.start({ appendfsync });
    host.writer.pace.fix(isInline);
    let client = await host.server.connect();
    for (let i = 0; i < 5; i++) await client.ask('INCR n');
    let isBroken = true;
    host.volume.faultOf = ({ syscall }) => (isBroken && syscall === 'fsync' ? 'EIO' : undefined);
    client.send('INCR n');
    await host.world.run(1500);
    expect(client.isClosed).toBe(appendfsync === 'always');
    if (client.isClosed) client = await host.server.connect();
    await client.repliesWithin(0);
    expect(await asks(client, 'INCR n')).toBe('-MISCONF Errors writing to the AOF file: Input/output error');
    expect(await asks(client, 'GET n')).toBe('6');
    isBroken = false;
    await host.world.run(40_000);
    expect(await asks(client, 'INCR n')).toBe(7);
    await host.world.run(1500);
    await host.losePower();
    await host.restart();
    expect(await asks(await host.server.connect(), 'GET n')).toBe('7');
  }
});

test('files that somebody takes away are written anew', async () => {
  for (const name of ['appendonly.aof.1.base.rdb', 'appendonly.aof.1.incr.aof', 'appendonly.aof.manifest']) {
    const host = await AofHost.start({ appendfsync: 'always' });
    const client = await host.server.connect();
    await client.ask('SET a 1');
    host.volume.remove(`/srv/appendonlydir/${name}`);
    await host.world.run(3000);
    expect(await asks(client, 'SET b 2')).toBe('OK');
    await host.kill();
    await host.restart();
    expect(shown(await (await host.server.connect()).ask('MGET a b'))).toEqual(['1', '2']);
  }
});

test('a folder that cannot be written to: rewrites fail and are limited, the file in use stays', async () => {
  const host = await AofHost.start({ appendfsync: 'always' });
  const client = await host.server.connect();
  host.volume.faultOf = ({ path, syscall }) =>
    ['open', 'rename'].includes(syscall) && path.includes('appendonlydir') ? 'EACCES' : undefined;
  for (let i = 0; i < 4; i++) {
    await client.ask('BGREWRITEAOF');
    await host.world.run(200);
    expect(await asks(client, 'INCR n')).toBe(i + 1);
  }
  expect(await host.info()).toMatchObject({ aof_last_bgrewrite_status: 'err', aof_rewrites_consecutive_failures: '4' });
  host.volume.faultOf = () => undefined;
  await host.kill();
  await host.restart();
  expect(await asks(await host.server.connect(), 'GET n')).toBe('4');
});

describe('a fault at every operation of the disk', () => {
  const codes = ['EIO', 'ENOSPC'];
  const step = process.env['CI'] === 'true' ? 1 : 5;
  for (const appendfsync of ['always', 'everysec']) {
    for (const isInline of appendfsync === 'always' ? [true, false] : [false]) {
      test(`${appendfsync}${isInline ? ', inline' : ''}: nothing acknowledged is lost, and service returns`, async () => {
        for (let nth = 1; nth <= 60; nth += step) await story(appendfsync, isInline, nth, codes[nth % 2]);
      });
    }
  }
});

/** Writes, a rewrite in between, a fault at the nth operation, then a loss of power. */
async function story(appendfsync: string, isInline: boolean, nth: number, code: string): Promise<void> {
  const host = await AofHost.start({ appendfsync }, nth);
  host.writer.pace.fix(isInline);
  host.volume.failOperation(nth, code);
  let client = await host.server.connect();
  let acknowledged = 0;
  for (let i = 0; i < 60; i++) {
    if (client.isClosed) client = await host.server.connect();
    if (i === 10 || i === 25) client.send('BGREWRITEAOF');
    client.send('INCR n');
    for (const reply of await client.repliesWithin(i % 20 === 0 ? 1100 : 0.5)) {
      if (typeof reply === 'number') acknowledged = Math.max(acknowledged, reply);
    }
  }
  await host.world.run(5000);
  if (client.isClosed) client = await host.server.connect();
  await client.repliesWithin(10);
  const last = await asks(client, 'INCR n');
  expect(typeof last, `${appendfsync} ${code} at ${nth}: ${String(last)}`).toBe('number');
  expect(Number(last)).toBeGreaterThan(acknowledged);
  await host.world.run(1500);
  await host.losePower();
  await host.restart();
  expect(Number(await asks(await host.server.connect(), 'GET n')), `${code} at ${nth}`).toBe(last);
}
