import type { Random } from '@kvartz/base';
import { Prng } from '@kvartz/base';
import { ClusterConfig, type NodeRecord } from '../src/cluster-config.ts';

/** For the tests of this package: ids that people can read. `id('a')` is 40 times `a`. */
export function id(digit: string): string {
  return digit.repeat(40 / digit.length);
}

export function record(name: string, fields: Partial<NodeRecord> = {}): NodeRecord {
  return {
    id: id(name),
    host: '10.0.0.1',
    port: 7_000,
    busPort: 17_000,
    hostname: '',
    shardId: '',
    masterId: undefined,
    configEpoch: 0,
    health: 'ok',
    hasNoAddress: false,
    ...fields,
  };
}

/** The first node is `me`. */
export function configOf(...nodes: NodeRecord[]): ClusterConfig {
  const [me, ...others] = nodes;
  let config = ClusterConfig.alone(me);
  for (const node of others) config = config.withNode(node);
  return config.withCurrentEpoch(config.maxEpoch);
}

export function random(seed = 1): Random {
  return new Prng(seed);
}
