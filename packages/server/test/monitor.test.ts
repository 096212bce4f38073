import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

async function pair(): Promise<[TestServer, TestClient, TestClient]> {
  const server = await TestServer.start();
  return [server, await server.connect(), await server.connect()];
}

/** Lines without their time. */
async function lines(client: TestClient, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < count; i++) found.push(String(shown(await client.next())).replace(/^\d{10}\.\d{6} /, ''));
  return found;
}

describe('MONITOR', () => {
  test('shows what others run, quoted, with database and address', async () => {
    const [, monitor, client] = await pair();
    const address = String(shown(await client.ask('CLIENT INFO'))).match(/ addr=(\S+)/)![1];
    expect(await monitor.ask('MONITOR')).toBe('OK');
    await client.ask('SELECT 3');
    await client.ask('set', 'a"b', Uint8Array.of(0, 10, 255));
    await client.ask('GET');
    await client.ask('NOSUCH');
    await client.ask('LPUSH list x');
    expect(await lines(monitor, 3)).toEqual([
      `[0 ${address}] "SELECT" "3"`,
      `[3 ${address}] "set" "a\\"b" "\\x00\\n\\xff"`,
      `[3 ${address}] "LPUSH" "list" "x"`,
    ]);
  });

  test('commands of a transaction come when they run, EXEC after them', async () => {
    const [, monitor, client] = await pair();
    await monitor.ask('MONITOR');
    for (const request of ['MULTI', 'SET a 1', 'GET a', 'EXEC']) await client.ask(request);
    expect((await lines(monitor, 4)).map((line) => line.replace(/^\S+ \S+ /, ''))).toEqual([
      '"MULTI"',
      '"SET" "a" "1"',
      '"GET" "a"',
      '"EXEC"',
    ]);
  });

  test('shows neither passwords nor what operates the server', async () => {
    const [, monitor, client] = await pair();
    await monitor.ask('MONITOR');
    await client.ask('CONFIG SET maxclients 100');
    await client.ask('HELLO 3 AUTH default secret');
    await client.ask('AUTH default secret');
    expect((await lines(monitor, 2)).map((line) => line.replace(/^\S+ \S+ /, ''))).toEqual([
      '"HELLO" "3" "AUTH" "(redacted)" "(redacted)"',
      '"AUTH" "(redacted)" "(redacted)"',
    ]);
  });

  test('ends with RESET and with the connection; nobody is timed any more', async () => {
    const [{ kernel }, monitor, client] = await pair();
    const gates = kernel.gates;
    await monitor.ask('MONITOR');
    monitor.send('MONITOR');
    expect(kernel.gates).not.toBe(gates);
    expect(String(shown(await client.ask('CLIENT LIST')))).toContain('flags=O');
    await client.ask('PING');
    expect(await lines(monitor, 1)).toHaveLength(1);
    expect(await monitor.ask('RESET')).toBe('RESET');
    expect(kernel.gates).toBe(gates);
    await client.ask('GET k');
    expect(await monitor.repliesWithin(100)).toEqual([]);
    await monitor.ask('MONITOR');
    monitor.connection.end();
    await client.ask('PING');
    await client.ask('PING');
    expect(kernel.monitors.isEmpty).toBe(true);
  });

  test('is refused inside MULTI', async () => {
    const [, client] = await pair();
    await client.ask('MULTI');
    await client.ask('MONITOR');
    expect(shown(await client.ask('EXEC'))).toEqual(["-ERR MONITOR isn't allowed for DENY BLOCKING client"]);
  });
});
