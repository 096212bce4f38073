import type { RedisProcess } from './redis-process.ts';

/** So far from now that nothing expires while a test runs: the year 2100. */
export const farMs = 4_102_444_800_000;

function repeat<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

const binary = Buffer.from(repeat(256, (i) => i));
const noise = Buffer.from(repeat(5000, (i) => (Math.imul(i + 7, 0x9e3779b1) >>> 13) & 0xff));

/** Keys of every type and encoding, small and large, in two databases. */
export async function fillDataSet(redis: RedisProcess): Promise<void> {
  const call = redis.call.bind(redis);
  await call('set', 'empty', '');
  await call('set', '', 'of the empty key');
  await call('set', 'short', 'value');
  await call('set', binary, binary);
  await call('set', 'repetitive', 'abc'.repeat(10_000));
  await call('set', 'noise', noise);
  await call('set', 'large', Buffer.alloc(300_000, 'x'));
  await call('set', 'k'.repeat(70_000), 'of a long key');
  const integers = ['0', '-1', '127', '128', '-128', '-129', '32767', '32768', '-32769', '2147483647', '2147483648'];
  const large = [
    '-2147483649',
    '9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
    '12345678901',
    '007',
    '-0',
  ];
  for (const n of [...integers, ...large]) await call('set', `int:${n}`, n);
  await call('set', 'expiring', 'soon', 'pxat', farMs + 123);
  await call('set', 'expiring:int', '17', 'pxat', farMs);
  const values = [...integers, ...large, 'a', '', 'b'.repeat(63), 'c'.repeat(64), 'd'.repeat(4095), 'e'.repeat(5000)];
  await call('rpush', 'list', ...values);
  await call('rpush', 'list:small', 'one');
  await call('rpush', 'list:long', ...repeat(5000, (i) => `element ${i}`));
  await call('rpush', 'list:plain', 'first', Buffer.alloc(20_000, 'p'), noise, 'last');
  await call('sadd', 'set:int16', ...repeat(100, (i) => i * 3 - 100));
  await call('sadd', 'set:int32', 1, 2, 100_000, -100_000);
  await call('sadd', 'set:int64', 1, 2, '9223372036854775807', '-9223372036854775808');
  await call('sadd', 'set', 'a', 'b', '1', '2', binary);
  await call('sadd', 'set:large', ...repeat(2000, (i) => `member ${i}`));
  await call('hset', 'hash', ...values.slice(0, -2).flatMap((value, i) => [`f${i}`, value]));
  await call('hset', 'hash:long', 'field', noise);
  await call('hset', 'hash:large', ...repeat(3000, (i) => [`field ${i}`, String(i)]).flat());
  const scores = [
    '0',
    '-0',
    '1',
    '1.5',
    '-1.5',
    'inf',
    '-inf',
    '3.141592653589793',
    '1e300',
    '5e-324',
    '9007199254740993',
    '1e17',
  ];
  await call('zadd', 'zset', ...scores.flatMap((score, i) => [score, `m${i}`]), 5, '17', 6, binary);
  await call('zadd', 'zset:large', ...repeat(2000, (i) => [String(((i * 7919) % 2000) / 8), `member ${i}`]).flat());
  await call('pexpireat', 'zset', farMs);
  await fillStreams(redis);
  await call('select', 3);
  await call('set', 'of another database', 'x', 'pxat', farMs);
  await call('rpush', 'list', 'y');
  await call('select', 0);
}

async function fillStreams(redis: RedisProcess): Promise<void> {
  const call = redis.call.bind(redis);
  await call('xgroup', 'create', 'stream:empty', 'group', '$', 'mkstream');
  for (let i = 1; i <= 250; i++) {
    const fields =
      i % 7 === 0 ? ['other', `${i}`, 'more', 'x'.repeat(i)] : ['name', `value ${i}`, 'n', String(i * 1000)];
    await call('xadd', 'stream', `${1_700_000_000_000 + i * 10}-${i % 3}`, ...fields);
  }
  await call('xadd', 'stream:far', '18446744073709551615-1', 'f', 'v');
  await call('xadd', 'stream:far', '18446744073709551615-18446744073709551615', 'f', 'v');
  for (const i of [1, 2, 3, 50, 100, 250]) await call('xdel', 'stream', `${1_700_000_000_000 + i * 10}-${i % 3}`);
  await call('xgroup', 'create', 'stream', 'workers', '0');
  await call('xgroup', 'create', 'stream', 'idle', '$');
  await call('xgroup', 'create', 'stream', 'known', '0', 'entriesread', '3');
  await call('xreadgroup', 'group', 'workers', 'alice', 'count', '30', 'streams', 'stream', '>');
  await call('xreadgroup', 'group', 'workers', 'bob', 'count', '10', 'streams', 'stream', '>');
  await call('xgroup', 'createconsumer', 'stream', 'workers', 'carol');
  await call(
    'xclaim',
    'stream',
    'workers',
    'carol',
    '0',
    '1700000000040-1',
    'retrycount',
    '70000',
    'time',
    '1700000000123',
  );
}
