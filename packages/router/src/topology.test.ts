import { deepEqual, equal, throws } from 'node:assert/strict';
import { utf8Bytes } from '@kvartz/base';
import { test } from 'vitest';
import { formatSlotRanges } from './slot-ranges.ts';
import { parseClusterShards, parseClusterSlots, type Topology } from './topology.ts';

const summary = (topology: Topology): string[] =>
  topology.shards.map(
    ({ ranges, master, replicas }) =>
      `${formatSlotRanges(ranges)} ${[master, ...replicas].map((n) => `${n.id}@${n.host}:${n.port}`).join(' ')}`,
  );

const slotsReply = [
  [0, 99, ['127.0.0.1', 7000, 'a', []], ['127.0.0.1', 7003, 'd', ['hostname', 'x']]],
  [100, 200n, [utf8Bytes('127.0.0.1'), 7001, utf8Bytes('b')]],
  [201, 16383, ['127.0.0.1', 7000, 'a', []], ['127.0.0.1', 7003, 'd', []]],
];

test('parseClusterSlots: rows of one master become one shard', () => {
  const topology = parseClusterSlots(slotsReply, 'h');
  deepEqual(summary(topology), ['0-99 201-16383 a@127.0.0.1:7000 d@127.0.0.1:7003', '100-200 b@127.0.0.1:7001']);
  equal(topology.slots.ownerOf(150), '127.0.0.1:7001');
  equal(topology.slots.ownerOf(16383), '127.0.0.1:7000');
});

test('parseClusterSlots: no host means the host that was asked, ? means unknown', () => {
  const topology = parseClusterSlots(
    [
      [0, 1, [null, 7000, 'a'], ['?', 7001, 'b']],
      [2, 3, ['', 7002, 'c']],
    ],
    'asked',
  );
  deepEqual(summary(topology), ['0-1 a@asked:7000', '2-3 c@asked:7002']);
});

const node = (id: string, port: number, role: string, health = 'online'): Record<string, unknown> => ({
  id,
  port,
  ip: '10.0.0.1',
  endpoint: '10.0.0.1',
  role,
  'replication-offset': 0,
  health,
});
const shardsReply = [
  {
    slots: [0, 5, 10, 16383],
    nodes: [node('a', 1, 'master'), node('b', 2, 'replica'), node('c', 3, 'replica', 'fail')],
  },
  { slots: [], nodes: [node('d', 4, 'master')] },
  { slots: [6, 9], nodes: [node('e', 5, 'master', 'failed')] },
];
const flat = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(flat)
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, field]) => [utf8Bytes(name), flat(field)])
      : value;
const mapped = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(mapped)
    : typeof value === 'object' && value !== null
      ? new Map(Object.entries(value).map(([name, field]) => [name, mapped(field)]))
      : value;

for (const [shape, reply] of [
  ['objects', shardsReply],
  ['flat arrays', flat(shardsReply)],
  ['Maps', mapped(shardsReply)],
] as const) {
  test(`parseClusterShards: ${shape}`, () => {
    const topology = parseClusterShards(reply, 'h');
    deepEqual(summary(topology), ['0-5 10-16383 a@10.0.0.1:1 b@10.0.0.1:2', ' d@10.0.0.1:4']);
    equal(topology.slots.ownerOf(7), undefined);
    equal(topology.slots.ownerOf(10), '10.0.0.1:1');
  });
}

for (const [reply, message] of [
  [null, /CLUSTER SLOTS: expected an array, found null/],
  [[5], /row 0: expected an array, found number 5/],
  [[[0, 16384, ['h', 1, 'a']]], /row 0: expected an integer from 0 to 16383, found number 16384/],
  [[[9, 5, ['h', 1, 'a']]], /row 0: slots from 9 down to 5/],
  [new Error('ERR no'), /found the error 'ERR no'/],
] as const) {
  test(`parseClusterSlots: refuses ${String(message)}`, () => {
    throws(() => parseClusterSlots(reply, 'h'), { code: 'ERR_TOPOLOGY', message });
  });
}
