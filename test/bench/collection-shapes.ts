import { bulkLoad } from './bulk-load.ts';
import { inRequests } from './in-requests.ts';
import type { Shape } from './shapes.ts';
import { smallRows } from './small-collections.ts';

/** Members of the large collections that are read and written. */
const members = 100_000;

/** What redis-benchmark puts in the place of `__rand_int__`. */
function digits(i: number): string {
  return String(i).padStart(12, '0');
}

const fields = () => inRequests(['HSET', 'bench:hash'], members, (i) => [`field:${digits(i)}`, `value:${i}`]);
const items = (count: number) => inRequests(['RPUSH', 'bench:list'], count, (i) => [`item:${i}`]);
const setMembers = (count: number) => inRequests(['SADD', 'bench:set'], count, (i) => [`member:${digits(i)}`]);
const scored = () => inRequests(['ZADD', 'bench:zset'], members, (i) => [i, `member:${digits(i)}`]);
function* entries(): Generator<(string | number)[]> {
  for (let i = 1; i <= members; i++) yield ['XADD', 'bench:stream', i, 'sensor', i % 100, 'temperature', '19.8'];
}
/** Ten degrees square around Sicily: about 30 points within 10 km of any. */
const points = () =>
  inRequests(['GEOADD', 'bench:geo'], members, (i) => [
    (10 + ((i * 7919) % 100_003) / 10_000.3).toFixed(6),
    (32 + ((i * 104_729) % 99_991) / 9999.1).toFixed(6),
    `point:${i}`,
  ]);

/** Entries 1-0, 2-0, ... of a stream with a group that has read none. */
function* jobs(count: number): Generator<(string | number)[]> {
  yield ['DEL', 'bench:stream'];
  yield ['XGROUP', 'CREATE', 'bench:stream', 'group', 0, 'MKSTREAM'];
  for (let i = 1; i <= count; i++) yield ['XADD', 'bench:stream', `${i}-0`, 'job', `item:${i}`];
}

/** The same, given to a consumer. */
function* pending(count: number): Generator<(string | number)[]> {
  yield* jobs(count);
  for (let i = 0; i < count; i += 1000) {
    yield ['XREADGROUP', 'GROUP', 'group', 'consumer', 'COUNT', 1000, 'STREAMS', 'bench:stream', '>'];
  }
}

const readGroup = 'XREADGROUP GROUP group consumer COUNT';
/** So many pending entries that most IDs of a run are among them. */
const pendingMax = 1_000_000;

export interface Row {
  readonly name: string;
  readonly request: string;
  /** Different elements; absent: `members`. */
  readonly keysMax?: number;
  /** Kvartz's throughput divided by the baseline's. */
  readonly ratio: number;
  readonly prepare?: (port: number) => Promise<void>;
  readonly beforeRun?: (port: number, operations: number) => Promise<void>;
}

const rows: readonly Row[] = [
  { name: 'HSET', request: 'HSET bench:hash field:__rand_int__ value:123', ratio: 1.2 },
  {
    name: 'HGET',
    request: 'HGET bench:hash field:__rand_int__',
    ratio: 1.2,
    prepare: (port) => bulkLoad(port, fields()),
  },
  { name: 'HSET small', request: 'HSET bench:hash:__rand_int__ name value:123 age 42', ratio: 1 },
  { name: 'LPUSH', request: 'LPUSH bench:list item:123', ratio: 1.2 },
  {
    name: 'LPOP',
    request: 'LPOP bench:list',
    ratio: 1.2,
    beforeRun: (port, operations) => bulkLoad(port, items(operations)),
  },
  {
    name: 'LRANGE 100',
    request: 'LRANGE bench:list 0 99',
    ratio: 1,
    prepare: (port) => bulkLoad(port, items(members)),
  },
  { name: 'SADD', request: 'SADD bench:set member:__rand_int__', ratio: 1.2 },
  {
    name: 'SISMEMBER',
    request: 'SISMEMBER bench:set member:__rand_int__',
    ratio: 1.2,
    prepare: (port) => bulkLoad(port, setMembers(members)),
  },
  {
    name: 'SPOP',
    request: 'SPOP bench:set',
    ratio: 1.2,
    beforeRun: (port, operations) => bulkLoad(port, setMembers(operations)),
  },
  { name: 'ZADD', request: 'ZADD bench:zset __rand_int__ member:__rand_int__', ratio: 1.2 },
  {
    name: 'ZRANK',
    request: 'ZRANK bench:zset member:__rand_int__',
    ratio: 1.2,
    prepare: (port) => bulkLoad(port, scored()),
  },
  {
    name: 'ZRANGE 100 by rank',
    request: 'ZRANGE bench:zset 50000 50099',
    ratio: 1,
    prepare: (port) => bulkLoad(port, scored()),
  },
  {
    name: 'ZRANGE 100 by score',
    request: 'ZRANGE bench:zset __rand_int__ inf BYSCORE LIMIT 0 100',
    ratio: 1,
    prepare: (port) => bulkLoad(port, scored()),
  },
  {
    name: 'GEOSEARCH',
    request: 'GEOSEARCH bench:geo FROMLONLAT 15 37 BYRADIUS 10 km',
    ratio: 1,
    prepare: (port) => bulkLoad(port, points()),
  },
  { name: 'XADD', request: 'XADD bench:stream * sensor 1234 temperature 19.8', ratio: 1 },
  {
    name: 'XRANGE 100',
    request: 'XRANGE bench:stream 50000 + COUNT 100',
    ratio: 1,
    prepare: (port) => bulkLoad(port, entries()),
  },
  {
    name: 'XREADGROUP 1',
    request: `${readGroup} 1 STREAMS bench:stream >`,
    ratio: 1,
    beforeRun: (port, operations) => bulkLoad(port, jobs(operations)),
  },
  {
    name: 'XREADGROUP 10',
    request: `${readGroup} 10 STREAMS bench:stream >`,
    ratio: 1,
    beforeRun: (port, operations) => bulkLoad(port, jobs(operations * 10)),
  },
  {
    name: 'XACK',
    request: 'XACK bench:stream group __rand_int__-0',
    ratio: 1,
    keysMax: pendingMax,
    beforeRun: (port) => bulkLoad(port, pending(pendingMax)),
  },
  { name: 'PFADD', request: 'PFADD bench:hll element:__rand_int__', ratio: 1.2 },
];

/** Commands on collections: pipeline 16, collections of 100,000 elements. */
export function collectionShapes(): Shape[] {
  return [...rows, ...smallRows].map(({ name, request, ratio, keysMax = members, prepare, beforeRun }) => ({
    name,
    command: request.split(' ')[0]!.toLowerCase(),
    pipeline: 16,
    valueBytes: 0,
    keysMax,
    benchmark: (keys) => ['-r', String(keys), ...request.split(' ')],
    target: { metric: 'throughput', ratio },
    prepare: async (port) => {
      await bulkLoad(port, [['FLUSHALL']]);
      await prepare?.(port);
    },
    beforeRun,
  }));
}
