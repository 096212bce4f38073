import { ByteBuffer } from '@kvartz/base';
import { describe, expect, test, vi } from 'vitest';
import { type Client, Halt } from '../src/client.ts';
import { KeptRequests } from '../src/kept-requests.ts';
import { Output } from '../src/output.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

const valueBytes = 64 * 1024;

/** A server with one large value, and a client of it that does not read for now. */
async function withSlowReader(directives: Record<string, string> = {}): Promise<[TestServer, TestClient, Client]> {
  const server = await TestServer.start({ directives });
  const slow = await server.connect();
  await slow.ask('SET', 'large', 'v'.repeat(valueBytes));
  slow.connection.pauseReading();
  return [server, slow, [...server.kernel.clients.values()][0]];
}

describe('a client that does not take its replies', () => {
  test('waits with the request after the one that filled its socket, and others do not', async () => {
    const [server, slow, client] = await withSlowReader();
    const other = await server.connect();
    for (let i = 0; i < 200; i++) {
      slow.send('GET large');
      slow.send(`SET last ${i}`);
      await server.world.run(1);
    }
    expect(client.halts).toBe(Halt.congested);
    expect(client.connection.queuedBytes).toBeLessThan(2 * valueBytes);
    expect(client.decoder.bufferedBytes).toBeGreaterThan(5000);
    expect(server.kernel.keptRequests.totalBytes).toBe(client.decoder.capacityBytes);
    const last = Number(await other.ask('GET last'));
    expect(last).toBeLessThan(100);
    await server.world.run(5000);
    expect(await other.ask('GET last')).toBe(String(last));

    slow.connection.resumeReading();
    for (let i = 0; i < 200; i++) {
      expect((await slow.next()) as string).toHaveLength(valueBytes);
      expect(await slow.next()).toBe('OK');
    }
    expect(client.halts).toBe(0);
    expect(client.heldBuffers).toEqual([]);
    expect(server.kernel.keptRequests.totalBytes).toBe(0);
    expect(await other.ask('GET last')).toBe('199');
  });

  test('what it has sent counts until it is gone', async () => {
    const [server, slow] = await withSlowReader();
    for (let i = 0; i < 50; i++) slow.send('GET large');
    await server.world.run(10);
    expect(server.kernel.keptRequests.totalBytes).toBeGreaterThan(0);
    slow.connection.destroy();
    await server.world.run(100);
    expect(server.kernel.keptRequests.totalBytes).toBe(0);
  });

  test('a limit that is set decides alone', async () => {
    const [server, slow, client] = await withSlowReader({ 'client-output-buffer-limit': 'normal 4mb 0 0' });
    for (let i = 0; i < 50; i++) slow.send('GET large');
    await server.world.run(10);
    expect(client.halts).toBe(0);
    expect(client.connection.queuedBytes).toBeGreaterThan(valueBytes * 10);
    for (let i = 0; i < 50; i++) slow.send('GET large');
    await server.world.run(10);
    expect(server.kernel.clients.size).toBe(0);
  });

  test('below a soft limit it is read on, so that the limit can be met', async () => {
    const [server, slow, client] = await withSlowReader({ 'client-output-buffer-limit': 'normal 0 1mb 60' });
    for (let i = 0; i < 100; i++) slow.send('GET large');
    await server.world.run(10);
    expect(client.halts).toBe(Halt.congested);
    expect(client.connection.queuedBytes).toBeGreaterThan(2 * 1024 * 1024);
    expect(client.connection.queuedBytes).toBeLessThan(3 * 1024 * 1024);
  });
});

test('requests that wait: 64 MiB of each client that does not take its replies, 1 MiB when all keep more than 256 MiB', () => {
  const mebibyte = 1024 * 1024;
  const kept = new KeptRequests();
  const waiting = (mebibytes: number, halts: number = Halt.congested): Client => {
    const decoder = { bufferedBytes: mebibytes * mebibyte, capacityBytes: mebibytes * mebibyte };
    const connection = { pauseReading: vi.fn(), resumeReading: vi.fn() };
    return { decoder, connection, halts, keptBytes: 0, isReadingPaused: false } as unknown as Client;
  };
  const isRead = (client: Client): boolean => {
    kept.settle(client);
    return !client.isReadingPaused;
  };
  expect(isRead(waiting(65))).toBe(false);
  const clients = [60, 60, 60].map((mebibytes) => waiting(mebibytes));
  for (const client of clients) expect(isRead(client)).toBe(true);
  expect(kept.totalBytes).toBe(245 * mebibyte);
  expect(isRead(waiting(12))).toBe(false);
  expect(clients.map(isRead)).toEqual([false, false, false]);
  expect(isRead(waiting(1))).toBe(true);
  expect(isRead(waiting(1, Halt.blocked))).toBe(false);
  expect(isRead(waiting(1, Halt.congested | Halt.suspended))).toBe(false);

  clients[0].halts = 0;
  expect(isRead(clients[0])).toBe(true);
  expect(clients[0].connection.resumeReading).toHaveBeenCalledTimes(1);
  expect(isRead(clients[1])).toBe(true);
  kept.forget(clients[1]);
  kept.forget(clients[1]);
  expect(kept.totalBytes).toBe((65 + 60 + 12 + 3) * mebibyte);
});

test('buffers that sockets held are used again, and given back when nobody needs them', () => {
  const output = new Output();
  const holder = (): Client => ({ heldBuffers: [], send: () => false }) as unknown as Client;
  const replyTo = (client: Client): ByteBuffer => {
    const { buffer } = output.writer;
    output.begin(client);
    output.writer.ok();
    output.flush();
    return buffer;
  };
  const clients = Array.from({ length: 3 }, holder);
  const buffers = clients.map(replyTo);
  expect(new Set(buffers).size).toBe(3);
  for (const client of clients) output.release(client);

  output.trim(); // two of the three spares stay: one is taken between this and the next
  const reused = output.writer.buffer;
  const known = [...buffers, reused];
  replyTo(clients[0]);
  expect(buffers).toContain(output.writer.buffer);
  expect(output.writer.buffer).not.toBe(reused);
  output.release(clients[0]);
  output.trim();
  replyTo(clients[0]);
  expect(known).toContain(output.writer.buffer);
  output.release(clients[0]);
  output.trim();
  output.trim();
  replyTo(clients[0]);
  expect(known).not.toContain(output.writer.buffer);
});
