import { bulkLoad } from './bulk-load.ts';
import type { Row } from './collection-shapes.ts';
import { inRequests } from './in-requests.ts';

const sets = ['bench:set', 'bench:set:other'] as const;

/** Two sets of so many members, half of which are in one of them only. */
function twoSets(count: number, memberOf: (i: number) => string | number) {
  return (port: number): Promise<void> =>
    bulkLoad(
      port,
      sets.flatMap((key, i) => [...inRequests(['SADD', key], count, (j) => [memberOf(j + i * Math.floor(count / 2))])]),
    );
}

const texts = (i: number): string => `member:${i}`;
const hash = (port: number): Promise<void> =>
  bulkLoad(
    port,
    inRequests(['HSET', 'bench:hash'], 20, (i) => [`field:${i}`, `value:${i}`]),
  );
const zset = (port: number): Promise<void> =>
  bulkLoad(
    port,
    inRequests(['ZADD', 'bench:zset'], 20, (i) => [i, `member:${i}`]),
  );

function onSets(command: string, what: string, prepare: (port: number) => Promise<void>): Row {
  return { name: `${command} ${what}`, request: `${command} ${sets.join(' ')}`, ratio: 1, prepare };
}

function sinterCard(what: string, prepare: (port: number) => Promise<void>): Row {
  return { name: `SINTERCARD ${what}`, request: `SINTERCARD 2 ${sets.join(' ')}`, ratio: 1, prepare };
}

function sinterStore(what: string, prepare: (port: number) => Promise<void>): Row {
  return { name: `SINTERSTORE ${what}`, request: `SINTERSTORE bench:result ${sets.join(' ')}`, ratio: 1, prepare };
}

/** Commands that read whole collections, of up to 1000 elements. In Redis 7.0 sets of texts are always hash tables. */
export const smallRows: readonly Row[] = [
  onSets('SINTER', '20 texts', twoSets(20, texts)),
  onSets(
    'SINTER',
    '100 integers',
    twoSets(100, (i) => i * 3),
  ),
  onSets('SINTER', '1000 texts', twoSets(1000, texts)),
  onSets('SUNION', '20 texts', twoSets(20, texts)),
  onSets('SDIFF', '20 texts', twoSets(20, texts)),
  sinterCard('20 texts', twoSets(20, texts)),
  sinterCard('1000 texts', twoSets(1000, texts)),
  sinterStore('20 texts', twoSets(20, texts)),
  sinterStore('1000 texts', twoSets(1000, texts)),
  { name: 'SMEMBERS 20', request: 'SMEMBERS bench:set', ratio: 1, prepare: twoSets(20, texts) },
  { name: 'HGETALL 20', request: 'HGETALL bench:hash', ratio: 1, prepare: hash },
  { name: 'HMGET 4 of 20', request: 'HMGET bench:hash field:1 field:5 field:9 field:19', ratio: 1, prepare: hash },
  { name: 'HKEYS 20', request: 'HKEYS bench:hash', ratio: 1, prepare: hash },
  { name: 'HVALS 20', request: 'HVALS bench:hash', ratio: 1, prepare: hash },
  { name: 'ZRANGE 20', request: 'ZRANGE bench:zset 0 -1', ratio: 1, prepare: zset },
];
