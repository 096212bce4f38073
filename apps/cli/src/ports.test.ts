import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePorts, portsFrom, requireFreePorts } from './ports.ts';

const host = '127.0.0.1';
let taken: Server[] = [];
const take = (port: number) =>
  new Promise<void>((resolve) => {
    const server = createServer().listen(port, host, () => resolve());
    taken.push(server);
  });
afterEach(() => {
  for (const server of taken) server.close();
  taken = [];
});

test('the ports of a cluster follow each other', () => expect(portsFrom(7000, 3)).toEqual([7000, 7001, 7002]));

test('ports whose bus ports would be above 65535 are refused', () => {
  expect(portsFrom(55_533, 3)).toEqual([55_533, 55_534, 55_535]);
  expect(() => portsFrom(55_534, 3)).toThrow(/ports 55534 to 55536 do not work: .* may be 55535 at most/);
});

test('a taken client port and a taken bus port are both named', async () => {
  const [first, second] = (await freePorts(host, 2)) as [number, number];
  await requireFreePorts(host, [first, second]);
  await take(first);
  await expect(requireFreePorts(host, [first, second])).rejects.toThrow(
    `port ${first} (clients of node ${first}) is taken by another process on ${host}`,
  );
  await take(second + 10_000);
  await expect(requireFreePorts(host, [first, second])).rejects.toThrow(
    `ports ${first} (clients of node ${first}), ${second + 10_000} (cluster bus of node ${second}) are taken`,
  );
});

test('an address that this machine does not have is refused in words', () =>
  expect(requireFreePorts('192.0.2.1', [7000])).rejects.toThrow(/cannot listen on 192\.0\.2\.1:7000/));
