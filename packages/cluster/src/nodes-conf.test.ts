import { deepEqual, equal, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { ClusterConfig } from './cluster-config.ts';
import { formatNodesConf, NodesConfError, parseNodesConf } from './nodes-conf.ts';
import { configOf, id, record } from '../test/support.ts';

/** As redis-server 7.0.15 wrote it. */
const redisFile = `\
19b7401e1ca7af77d64319e985072b5980c5fe7b 127.0.0.1:31801@41801 master - 0 1795413893711 1 connected 0-3299 3301-8000
6cfa2646792fe44f771657b2a353577ea1ee5122 127.0.0.1:31802@41802,b.example myself,master - 0 0 2 connected 3300 8001-16383 [8001->-19b7401e1ca7af77d64319e985072b5980c5fe7b] [5-<-19b7401e1ca7af77d64319e985072b5980c5fe7b]
aaaa401e1ca7af77d64319e985072b5980c5fe7b 127.0.0.1:31803@41803 slave,fail 19b7401e1ca7af77d64319e985072b5980c5fe7b 1 2 1 disconnected
bbbb401e1ca7af77d64319e985072b5980c5fe7b :0@0 master,noaddr - 1 2 0 disconnected
cccc401e1ca7af77d64319e985072b5980c5fe7b 127.0.0.1:31805@41805 handshake - 0 0 0 disconnected
vars currentEpoch 7 lastVoteEpoch 5
`;

test("a file of Redis's is understood", () => {
  const config = parseNodesConf(redisFile);
  equal(config.myId, '6cfa2646792fe44f771657b2a353577ea1ee5122');
  deepEqual([config.currentEpoch, config.lastVoteEpoch, config.nodes.size], [7, 5, 4]);
  const { me } = config;
  deepEqual([me.host, me.port, me.busPort, me.hostname, me.configEpoch], ['127.0.0.1', 31_802, 41_802, 'b.example', 2]);
  deepEqual(config.slots.rangesOf(me.id), [
    { first: 3300, last: 3300 },
    { first: 8001, last: 16_383 },
  ]);
  deepEqual([...config.migrating], [[8001, '19b7401e1ca7af77d64319e985072b5980c5fe7b']]);
  deepEqual([...config.importing], [[5, '19b7401e1ca7af77d64319e985072b5980c5fe7b']]);
  const replica = config.nodes.get('aaaa401e1ca7af77d64319e985072b5980c5fe7b')!;
  deepEqual([replica.masterId, replica.health], ['19b7401e1ca7af77d64319e985072b5980c5fe7b', 'fail']);
  equal(config.nodes.get('bbbb401e1ca7af77d64319e985072b5980c5fe7b')!.hasNoAddress, true);
});

test('formatted as Redis 7.2 does, with the shard id beside the address', () => {
  const me = record('a', { configEpoch: 1, shardId: id('5'), hostname: 'a.example' });
  const config = configOf(me, record('b', { configEpoch: 2, host: '::1', health: 'pfail' }))
    .withSlots([{ first: 0, last: 99 }], me.id)
    .withMigrating(3, id('b'))
    .withLastVoteEpoch(1);
  equal(
    formatNodesConf(config),
    `${id('a')} 10.0.0.1:7000@17000,a.example,shard-id=${id('5')} myself,master - 0 0 1 connected 0-99 [3->-${id('b')}]\n` +
      `${id('b')} ::1:7000@17000 master,fail? - 0 0 2 connected\n` +
      'vars currentEpoch 2 lastVoteEpoch 1\n',
  );
});

const configs: fc.Arbitrary<ClusterConfig> = fc
  .record({
    count: fc.integer({ min: 1, max: 6 }),
    owners: fc.array(fc.tuple(fc.nat(16_383), fc.nat(5)), { maxLength: 50 }),
    epochs: fc.array(fc.nat(1_000), { minLength: 6, maxLength: 6 }),
    replicas: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    vote: fc.nat(1_000),
  })
  .map(({ count, owners, epochs, replicas, vote }) => {
    const nodes = Array.from({ length: count }, (_, i) =>
      record(`${i}`, {
        // A replica is written with the epoch of its master.
        configEpoch: i > 0 && replicas[i] ? epochs[0] : epochs[i],
        port: 7_000 + i,
        hostname: i % 2 === 0 ? '' : `h${i}`,
        shardId: i % 3 === 0 ? id('5') : '',
        masterId: i > 0 && replicas[i] ? id('0') : undefined,
        health: i === 2 ? 'fail' : 'ok',
      }),
    );
    let config = configOf(...nodes).withLastVoteEpoch(vote);
    for (const [slot, owner] of owners) {
      const node = nodes[owner % count];
      if (node.masterId === undefined) config = config.withSlots([{ first: slot, last: slot }], node.id);
    }
    return config;
  });

test('what is written is read again', () =>
  fc.assert(
    fc.property(configs, (config) => {
      const again = parseNodesConf(formatNodesConf(config));
      deepEqual(again.nodes, config.nodes);
      equal(again.slots.equals(config.slots), true);
      deepEqual(
        [again.myId, again.currentEpoch, again.lastVoteEpoch],
        [config.myId, config.currentEpoch, config.lastVoteEpoch],
      );
      equal(formatNodesConf(again), formatNodesConf(config));
    }),
  ));

test('any text is a configuration or a NodesConfError', () =>
  fc.assert(
    fc.property(fc.oneof(fc.string(), mutated(redisFile)), (text) => {
      try {
        parseNodesConf(text);
      } catch (error) {
        if (!(error instanceof NodesConfError)) throw error;
      }
    }),
    { numRuns: 500 },
  ));

/** The text with some characters changed or cut out. */
function mutated(text: string): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 5 })).map(([at, length, put]) => {
    return text.slice(0, at) + put + text.slice(at + length);
  });
}

describe('errors name the line and the cause', () => {
  const me = `${id('a')} 127.0.0.1:7000@17000 myself,master - 0 0 1 connected`;
  for (const [name, text, message] of [
    ['nothing', '', /^no line has the flag 'myself'$/],
    ['a short line', `${me}\n${id('b')} 127.0.0.1:7000@17000 master`, /^line 2: 3 words, a node has at least 8$/],
    ['a bad id', me.replace('aaa', 'xyz'), /^line 1: '.*' is no node id/],
    ['a node twice', `${me}\n${me}`, /^line 2: node a{40} for the second time$/],
    ['two selves', `${me}\n${me.replaceAll('a'.repeat(40), id('b'))}`, /^line 2: a second node is 'myself'/],
    ['an unknown flag', me.replace('master', 'boss'), /^line 1: unknown flag 'boss'$/],
    ['no port', me.replace(':7000@17000', ''), /^line 1: '127.0.0.1' is no address/],
    ['a port beyond the last', me.replace('7000', '70000'), /^line 1: a port of .* is beyond 65535$/],
    ['a bad slot', `${me} 0-99 abc`, /^line 1: 'abc' is no slot/],
    ['a slot beyond the last', `${me} 16384`, /^line 1: '16384' names a slot beyond 16383$/],
    ['a range backwards', `${me} 9-8`, /^line 1: the range of slots '9-8' ends before it starts$/],
    ['a bad epoch', `${me}\nvars currentEpoch x`, /^line 2: currentEpoch is 'x'/],
    ['an epoch that is cut off', `${me}\nvars currentEpoch`, /^line 2: currentEpoch is ''/],
  ] as const) {
    test(name, () => throws(() => parseNodesConf(text), { name: 'NodesConfError', message }));
  }
});

test('a currentEpoch behind a config epoch is raised to it', () => {
  equal(parseNodesConf(`${id('a')} :0@0 myself,master - 0 0 9 connected\nvars currentEpoch 2`).currentEpoch, 9);
});
