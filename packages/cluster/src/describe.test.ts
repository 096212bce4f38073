import { deepEqual, equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  describeInfo,
  describeLinks,
  describeNodes,
  describeReplicas,
  describeShards,
  describeSlots,
  preferredEndpoint,
  type ReplyValue,
} from './describe.ts';
import { configOf, id, record } from '../test/support.ts';

const a = record('a', { configEpoch: 3, hostname: 'a.example' });
const b = record('b', { configEpoch: 2, host: '10.0.0.2', health: 'fail' });
const r = record('c', { masterId: a.id, host: '10.0.0.3', health: 'pfail' });
const lost = record('d', { host: '', port: 0, busPort: 0, hasNoAddress: true });
const config = configOf(a, b, r, lost)
  .withSlots(
    [
      { first: 0, last: 5 },
      { first: 7, last: 7 },
    ],
    a.id,
  )
  .withSlots([{ first: 6, last: 6 }], b.id)
  .withMigrating(7, b.id)
  .withImporting(6, b.id);
const facts = { pingSentMs: 0, pongReceivedMs: 1_700_000_000_000, isConnected: true };

test('CLUSTER NODES, line by line', () => {
  const handshake = { id: id('e'), host: '10.0.0.5', port: 7_005, busPort: 17_005, isConnected: false };
  const factsOf = (of: string) =>
    of === a.id ? { ...facts, pongReceivedMs: 0 } : { ...facts, isConnected: of !== b.id };
  deepEqual(describeNodes(config, factsOf, [handshake]).split('\n'), [
    `${a.id} 10.0.0.1:7000@17000,a.example myself,master - 0 0 3 connected 0-5 7 [7->-${b.id}] [6-<-${b.id}]`,
    `${b.id} 10.0.0.2:7000@17000 master,fail - 0 1700000000000 2 disconnected 6`,
    `${r.id} 10.0.0.3:7000@17000 slave,fail? ${a.id} 0 1700000000000 3 connected`,
    `${lost.id} :0@0 master,noaddr - 0 1700000000000 0 connected`,
    `${id('e')} 10.0.0.5:7005@17005 handshake - 0 0 0 disconnected`,
    '',
  ]);
  deepEqual(
    describeReplicas(config, a.id, () => facts),
    [`${r.id} 10.0.0.3:7000@17000 slave,fail? ${a.id} 0 1700000000000 3 connected`],
  );
});

describe('CLUSTER SLOTS', () => {
  test('a row for each run of slots, with the replicas that have not failed', () => {
    const none = new Map();
    const replica = ['10.0.0.3', 7_000, r.id, none];
    deepEqual(describeSlots(config, 'ip'), [
      [0, 5, ['10.0.0.1', 7_000, a.id, new Map([['hostname', 'a.example']])], replica],
      [6, 6, ['10.0.0.2', 7_000, b.id, none]],
      [7, 7, ['10.0.0.1', 7_000, a.id, new Map([['hostname', 'a.example']])], replica],
    ]);
  });

  test('the preferred endpoint, and what else is known', () => {
    deepEqual(
      (['ip', 'hostname', 'unknown-endpoint'] as const).map((type) => [
        preferredEndpoint(a, type),
        preferredEndpoint(b, type),
      ]),
      [
        ['10.0.0.1', '10.0.0.2'],
        ['a.example', '?'],
        [null, null],
      ],
    );
    const [[, , [endpoint, , , more]]] = describeSlots(config, 'unknown-endpoint') as [[number, number, ReplyValue[]]];
    equal(endpoint, null);
    deepEqual(
      more,
      new Map([
        ['ip', '10.0.0.1'],
        ['hostname', 'a.example'],
      ]),
    );
  });
});

test('CLUSTER SHARDS: masters with slots, replicas and health', () => {
  const shards = describeShards(config, 'ip', (of) => (of === r.id ? 0 : 42)) as ReadonlyMap<string, ReplyValue>[];
  equal(shards.length, 3);
  deepEqual(shards[0].get('slots'), [0, 5, 7, 7]);
  const nodes = shards[0].get('nodes') as ReadonlyMap<string, ReplyValue>[];
  deepEqual(
    [...nodes[0]],
    [
      ['id', a.id],
      ['port', 7_000],
      ['ip', '10.0.0.1'],
      ['endpoint', '10.0.0.1'],
      ['hostname', 'a.example'],
      ['role', 'master'],
      ['replication-offset', 42],
      ['health', 'online'],
    ],
  );
  deepEqual([nodes[1].get('role'), nodes[1].get('health')], ['replica', 'loading']);
  const [failed] = shards[1].get('nodes') as ReadonlyMap<string, ReplyValue>[];
  equal(failed.get('health'), 'fail');
});

test('CLUSTER LINKS: a map for each link', () => {
  const [to, from] = describeLinks([
    { isOutbound: true, nodeId: b.id, createdMs: 5, queuedBytes: 0 },
    { isOutbound: false, nodeId: b.id, createdMs: 6, queuedBytes: 9 },
  ]) as ReadonlyMap<string, ReplyValue>[];
  deepEqual([...to.values()], ['to', b.id, 5, 'r', 0, 0]);
  deepEqual([...from.values()], ['from', b.id, 6, 'rw', 9, 9]);
});

test('CLUSTER INFO: slots by the health of their owners, messages by kind', () => {
  const stats = { sent: { ping: 2, claim: 1 }, received: { pong: 2 } };
  deepEqual(describeInfo(config, 'fail', stats, 0).split('\r\n'), [
    'cluster_state:fail',
    'cluster_slots_assigned:8',
    'cluster_slots_ok:7',
    'cluster_slots_pfail:0',
    'cluster_slots_fail:1',
    'cluster_known_nodes:4',
    'cluster_size:2',
    'cluster_current_epoch:3',
    'cluster_my_epoch:3',
    'cluster_stats_messages_ping_sent:2',
    'cluster_stats_messages_claim_sent:1',
    'cluster_stats_messages_sent:3',
    'cluster_stats_messages_pong_received:2',
    'cluster_stats_messages_received:2',
    'total_cluster_links_buffer_limit_exceeded:0',
    '',
  ]);
});
