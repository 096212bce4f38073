import { directive } from '../directive.ts';
import {
  INT_MAX,
  INT_MIN,
  LONG_MAX,
  ULONG_MAX,
  choice,
  integer,
  memory,
  memoryOrPercent,
  yesNo,
} from '../value-types.ts';

const policies = choice([
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'noeviction',
]);

const isAlwaysLazy = 'Kvartz always frees large values in slices.';
const isNotDefragmented = 'The arena is not defragmented by a background task.';

const defragMissing =
  'Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified Jemalloc like the one shipped by default with the Redis source distribution';

/** What memory may be used, and from what size a collection changes its encoding. */
export const memoryDirectives = [
  directive('maxmemory', memory(0n, ULONG_MAX), '0', { effect: 'works' }),
  directive('maxmemory-policy', policies, 'noeviction', { effect: 'works' }),
  directive('maxmemory-samples', integer(1n, INT_MAX), '5', { effect: 'works' }),
  directive('maxmemory-eviction-tenacity', integer(0n, 100n), '10', { effect: 'works' }),
  directive('maxmemory-clients', memoryOrPercent(100n), '0', { effect: 'works' }),
  directive('lfu-log-factor', integer(0n, INT_MAX), '10', { effect: 'works' }),
  directive('lfu-decay-time', integer(0n, INT_MAX), '1', { effect: 'works' }),
  directive('active-expire-effort', integer(1n, 10n), '1', { effect: 'works' }),
  directive('lazyfree-lazy-eviction', yesNo, 'no', { note: isAlwaysLazy }),
  directive('lazyfree-lazy-expire', yesNo, 'no', { note: isAlwaysLazy }),
  directive('lazyfree-lazy-server-del', yesNo, 'no', { note: isAlwaysLazy }),
  directive('lazyfree-lazy-user-del', yesNo, 'no', { note: isAlwaysLazy }),
  directive('lazyfree-lazy-user-flush', yesNo, 'no', { note: isAlwaysLazy }),
  directive('activerehashing', yesNo, 'yes', { note: 'Slot tables grow one by one; there is nothing to rehash.' }),
  directive('jemalloc-bg-thread', yesNo, 'yes'),
  directive('activedefrag', { ...yesNo, parse: (...given) => refuseYes(yesNo.parse(...given)) }, 'no', {
    note: isNotDefragmented,
  }),
  directive('active-defrag-cycle-min', integer(1n, 99n), '1', { note: isNotDefragmented }),
  directive('active-defrag-cycle-max', integer(1n, 99n), '25', { note: isNotDefragmented }),
  directive('active-defrag-threshold-lower', integer(0n, 1000n), '10', { note: isNotDefragmented }),
  directive('active-defrag-threshold-upper', integer(0n, 1000n), '100', { note: isNotDefragmented }),
  directive('active-defrag-max-scan-fields', integer(1n, LONG_MAX), '1000', { note: isNotDefragmented }),
  directive('active-defrag-ignore-bytes', memory(1n, LONG_MAX), '104857600', { note: isNotDefragmented }),
  directive('hash-max-listpack-entries', integer(0n, LONG_MAX), '512', {
    alias: 'hash-max-ziplist-entries',
    effect: 'works',
  }),
  directive('hash-max-listpack-value', memory(0n, LONG_MAX), '64', {
    alias: 'hash-max-ziplist-value',
    effect: 'works',
  }),
  directive('list-max-listpack-size', integer(INT_MIN, INT_MAX), '-2', {
    alias: 'list-max-ziplist-size',
    effect: 'works',
  }),
  directive('list-compress-depth', integer(0n, INT_MAX), '0'),
  directive('set-max-intset-entries', integer(0n, LONG_MAX), '512', { effect: 'works' }),
  directive('set-max-listpack-entries', integer(0n, LONG_MAX), '128', { effect: 'works' }),
  directive('set-max-listpack-value', memory(0n, LONG_MAX), '64', { effect: 'works' }),
  directive('zset-max-listpack-entries', integer(0n, LONG_MAX), '128', {
    alias: 'zset-max-ziplist-entries',
    effect: 'works',
  }),
  directive('zset-max-listpack-value', memory(0n, LONG_MAX), '64', {
    alias: 'zset-max-ziplist-value',
    effect: 'works',
  }),
  directive('hll-sparse-max-bytes', memory(0n, LONG_MAX), '3000', { effect: 'works' }),
  directive('stream-node-max-bytes', memory(0n, LONG_MAX), '4096', { effect: 'works' }),
  directive('stream-node-max-entries', integer(0n, LONG_MAX), '100', { effect: 'works' }),
];

function refuseYes(parsed: ReturnType<typeof yesNo.parse>): ReturnType<typeof yesNo.parse> {
  return 'value' in parsed && parsed.value === 'yes' ? { error: defragMissing } : parsed;
}
