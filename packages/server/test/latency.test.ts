import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

async function watched(): Promise<[TestServer, TestClient]> {
  const server = await TestServer.start({ directives: { 'latency-monitor-threshold': 10 } });
  return [server, await server.connect()];
}

const nowMs = 1_700_000_000_000;

describe('LATENCY', () => {
  test('spikes: the longest of each second, the last and the longest of all', async () => {
    const [{ kernel }, client] = await watched();
    for (const [ms, atMs] of [
      [9.9, 0],
      [20.7, 0],
      [15, 500],
      [12, 3000],
    ]) {
      kernel.latency.sample('command', ms, nowMs + atMs);
    }
    kernel.latency.sample('expire-cycle', 30, nowMs + 4000);
    expect(shown(await client.ask('LATENCY HISTORY command'))).toEqual([
      [1_700_000_000, 20],
      [1_700_000_003, 12],
    ]);
    expect(shown(await client.ask('LATENCY HISTORY nothing'))).toEqual([]);
    expect(shown(await client.ask('LATENCY LATEST'))).toEqual([
      ['command', 1_700_000_003, 12, 20],
      ['expire-cycle', 1_700_000_004, 30, 30],
    ]);
    expect(await client.ask('LATENCY RESET command nothing')).toBe(1);
    expect(await client.ask('LATENCY RESET')).toBe(1);
    expect(shown(await client.ask('LATENCY LATEST'))).toEqual([]);
  });

  test('the last 160 spikes are kept', async () => {
    const [{ kernel }, client] = await watched();
    for (let i = 0; i < 200; i++) kernel.latency.sample('command', 10 + i, nowMs + i * 1000);
    const history = shown(await client.ask('LATENCY HISTORY command')) as [number, number][];
    expect(history.length).toBe(160);
    expect(history[0][1]).toBe(50);
  });

  test('GRAPH and DOCTOR speak of the spikes', async () => {
    const [{ kernel }, client] = await watched();
    expect(shown(await client.ask('LATENCY GRAPH command'))).toBe("-ERR No samples available for event 'command'");
    expect(String(shown(await client.ask('LATENCY DOCTOR')))).toContain('longer than 10 ms');
    kernel.latency.sample('command', 10, kernel.nowMs - 65_000);
    kernel.latency.sample('command', 20, kernel.nowMs - 2000);
    const graph = String(shown(await client.ask('LATENCY GRAPH command'))).split('\n');
    expect(graph[0]).toBe('command - high 20 ms, low 10 ms (all time high 20 ms)');
    expect(graph.slice(2)).toEqual([' _', ' |', ' |', '_|', '', '12', 'ms', '']);
    expect(String(shown(await client.ask('LATENCY DOCTOR')))).toMatch(
      /^1\. command: 2 spikes, .*20 ms at worst\. SLOWLOG/,
    );
    await client.ask('CONFIG SET latency-monitor-threshold 0');
    expect(String(shown(await client.ask('LATENCY DOCTOR')))).toContain('Nothing is watched');
  });

  test('commands that take long are spikes', async () => {
    const [server, client] = await watched();
    const { clock } = server.env;
    let ms = clock.monotonicMs();
    const slow = { ...clock, monotonicMs: () => (ms += 25), wallMs: () => clock.wallMs() };
    Object.assign(server.kernel.env, { clock: slow });
    await client.ask('KEYS *');
    await client.ask('CONFIG SET latency-monitor-threshold 1');
    await client.ask('GET k');
    const names = (shown(await client.ask('LATENCY LATEST')) as unknown[][]).map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(['command', 'fast-command']));
  });

  test('HISTOGRAM counts calls, a container stands for its subcommands', async () => {
    const [, client] = await watched();
    for (let i = 0; i < 3; i++) await client.ask(`SET k${i} v`);
    await client.ask('CONFIG GET port');
    await client.ask('CONFIG RESETSTAT');
    await client.ask('SET k v');
    await client.ask('SET k v');
    await client.ask('CONFIG GET port');
    expect(shown(await client.ask('LATENCY HISTOGRAM set get CONFIG nothing'))).toEqual([
      'set',
      ['calls', 2, 'histogram_usec', [1, 2]],
      'config|get',
      ['calls', 1, 'histogram_usec', [1, 1]],
      'config|resetstat',
      ['calls', 1, 'histogram_usec', [1, 1]],
    ]);
    const info = String(shown(await client.ask('INFO latencystats')));
    expect(info).toMatch(/latency_percentiles_usec_set:p50=0\.000,p99=0\.000,p99\.9=0\.000/);
    await client.ask('CONFIG SET latency-tracking no');
    await client.ask('CONFIG RESETSTAT');
    await client.ask('SET k v');
    expect(shown(await client.ask('LATENCY HISTOGRAM'))).toEqual([]);
  });

  test('calls beyond the first are sampled, and stand for all', async () => {
    const [server, client] = await watched();
    await client.ask('CONFIG RESETSTAT');
    for (let i = 0; i < 1000; i++) await client.ask('GET k');
    const found = shown(await client.ask('LATENCY HISTOGRAM get')) as [string, [string, number]];
    expect(found[1][1]).toBeGreaterThan(900);
    expect(found[1][1]).toBeLessThan(1100);
    expect(server.kernel.table.get('get')!.calls).toBe(1000);
  });
});
