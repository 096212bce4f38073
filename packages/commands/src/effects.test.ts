import { ReplyError } from '@kvartz/resp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OUT_OF_MEMORY } from './index.ts';
import { words } from '../test/story.ts';
import { TestContext } from '../test/test-context.ts';

/** Requests and what is repeated elsewhere of the last one. The moment is 1,700,000,000,000 ms. */
const effects: readonly (readonly [requests: string, effects: readonly string[]])[] = [
  ['set a 1', ['set a 1']],
  ['set a 1 nx', ['SET a 1']],
  ['set a 1 get', ['SET a 1']],
  ['set a 1 keepttl', ['SET a 1 KEEPTTL']],
  ['set a 1 ex 10', ['SET a 1 PXAT 1700000010000']],
  ['set a 1 pxat 1700000010001 xx', []],
  ['setex a 10 1', ['SET a 1 PXAT 1700000010000']],
  ['psetex a 10 1', ['SET a 1 PXAT 1700000000010']],
  ['setnx a 1', ['setnx a 1']],
  ['getset a 1', ['SET a 1']],
  ['mset a 1 b 2', ['mset a 1 b 2']],
  ['get a', []],
  ['set a 1; getdel a', ['DEL a']],
  ['set a 1; getex a', []],
  ['set a 1; getex a ex 10', ['PEXPIREAT a 1700000010000']],
  ['set a 1; getex a exat 1', ['DEL a']],
  ['set a 1; getex a persist', []],
  ['set a 1 ex 10; getex a persist', ['PERSIST a']],
  ['incr a', ['incr a']],
  ['incrbyfloat a 1.5', ['SET a 1.5 KEEPTTL']],
  ['append a x', ['append a x']],
  ['setrange a 0 ""', []],
  ['setbit a 0 0', ['setbit a 0 0']],
  ['setbit a 0 0; setbit a 1 0', []],
  ['bitfield a get u8 0', []],
  ['bitfield a overflow fail set u1 9 5', ['bitfield a overflow fail set u1 9 5']],
  ['bitop or a b', []],
  ['set a 1; bitop or a b', ['bitop or a b']],
  ['pfadd a 1', ['pfadd a 1']],
  ['pfadd a 1; pfadd a 1', []],
  ['pfadd a 1; pfcount a', ['pfcount a']],
  ['pfadd a 1; pfcount a; pfcount a', []],
  ['pfadd a 1; pfcount a b', []],
  ['pfadd a 1; pfmerge b a', ['pfmerge b a']],
  ['pfadd a 1; pfdebug todense a', ['pfdebug todense a']],
  ['hset a f 1', ['hset a f 1']],
  ['hset a f 1; hset a f 1', ['hset a f 1']],
  ['hset a f 1; hsetnx a f 2', []],
  ['hincrby a f 2', ['hincrby a f 2']],
  ['hincrbyfloat a f 1.5', ['HSET a f 1.5']],
  ['hset a f 1; hdel a f g', ['hdel a f g']],
  ['hset a f 1; hdel a g', []],
  ['hset a f 1; hexpire a 10 fields 2 f g', ['HPEXPIREAT a 1700000010000 FIELDS 1 f']],
  ['hset a f 1 g 1; hpexpireat a 1700000000001 nx fields 2 f g', ['HPEXPIREAT a 1700000000001 FIELDS 2 f g']],
  ['hset a f 1; hexpire a 10 xx fields 1 f', []],
  ['hset a f 1 g 1; hpexpire a 0 fields 3 f f h', ['HDEL a f']],
  ['hset a f 1 g 1; hexpireat a 1 fields 2 f g', ['HDEL a f g']],
  ['hset a f 1; hpersist a fields 1 f', []],
  ['hset a f 1 g 1; hexpire a 10 fields 1 f; hpersist a fields 3 f g h', ['HPERSIST a FIELDS 1 f']],
  ['hset a f 1; httl a fields 1 f', []],
  ['hset a f 1; hexpire a 10 fields 1 f; hincrby a f 1', ['hincrby a f 1']],
  ['hset a f 1; hexpire a 10 fields 1 f; hincrbyfloat a f 1', ['HSETEX a KEEPTTL FIELDS 1 f 2']],
  ['hset a f 1 g 1; hgetdel a fields 3 f h g', ['HDEL a f g']],
  ['hset a f 1; hgetdel a fields 1 g', []],
  ['hset a f 1; hgetex a fields 1 f', []],
  ['hset a f 1; hgetex a px 5 fields 2 g f', ['HPEXPIREAT a 1700000000005 FIELDS 1 f']],
  ['hset a f 1; hgetex a px 0 fields 2 g f', ['HDEL a f']],
  ['hset a f 1; hgetex a persist fields 1 f', []],
  ['hset a f 1; hexpire a 10 fields 1 f; hgetex a persist fields 1 f', ['HPERSIST a FIELDS 1 f']],
  ['hsetex a fields 2 f 1 g 2', ['HSETEX a FIELDS 2 f 1 g 2']],
  ['hsetex a fnx ex 10 fields 2 f 1 g 2', ['HSETEX a PXAT 1700000010000 FIELDS 2 f 1 g 2']],
  ['hsetex a keepttl fields 1 f 1', ['HSETEX a KEEPTTL FIELDS 1 f 1']],
  ['hset a f 1; hsetex a fnx fields 1 f 2', []],
  ['hset a f 1; hsetex a ex 0 fields 2 f 2 g 2', ['HDEL a f']],
  ['hsetex a ex 0 fields 2 f 2 g 2', []],
  ['sadd a x y', ['sadd a x y']],
  ['sadd a x; sadd a x', []],
  ['sadd a x; srem a y', []],
  ['sadd a x y; srem a y', ['srem a y']],
  ['sadd a x; spop a', ['SREM a x']],
  ['sadd a x y; spop a 2', ['DEL a']],
  ['sadd a 1 1; spop a 1', ['DEL a']],
  ['sadd a x; spop a 0', []],
  ['sadd a x; smove a b x', ['smove a b x']],
  ['sadd a x; smove a a x', []],
  ['sadd a x; sunionstore b a', ['sunionstore b a']],
  ['sadd a x; sdiffstore b a a', []],
  ['sadd a x; sadd b x; sdiffstore b a a', ['sdiffstore b a a']],
  ['sadd a x; sinter a a', []],
  ['xadd s 1-1 a b', ['xadd s 1-1 a b']],
  ['xadd s * a b', ['XADD s 1700000000000-0 a b']],
  ['xadd s 1-* a b c d', ['XADD s 1-0 a b c d']],
  ['xadd s 1-1 a b; xadd s nomkstream maxlen 1 * a b', ['XADD s MAXLEN = 1 1700000000000-0 a b']],
  ['xadd s 1-1 a b; xadd s maxlen ~ 0 limit 100 2 a b', ['XADD s MAXLEN = 0 2-0 a b']],
  ['xadd s 1-1 a b; xadd s minid ~ 1-1 2 a b', ['XADD s MINID = 1-1 2-0 a b']],
  ['xadd s 1-1 a b; xadd s maxlen 1 2 a b', ['xadd s maxlen 1 2 a b']],
  ['xadd s nomkstream * a b', []],
  ['xadd s 1-1 a b; xadd s 1-1 a b', []],
  ['xadd s 1-1 a b; xdel s 1-1 2-2', ['xdel s 1-1 2-2']],
  ['xadd s 1-1 a b; xdel s 2-2', []],
  ['xadd s 1-1 a b; xtrim s maxlen 0', ['xtrim s maxlen 0']],
  ['xadd s 1-1 a b; xtrim s maxlen ~ 0', ['XTRIM s MAXLEN = 0']],
  ['xadd s 1-1 a b; xtrim s minid ~ 9', ['XTRIM s MINID = 18446744073709551615-18446744073709551615']],
  ['xadd s 1-1 a b; xtrim s maxlen 5', []],
  ['xadd s 1-1 a b; xsetid s 5', ['xsetid s 5']],
  ['xadd s 1-1 a b; xread streams s 0', []],
  ['zadd z 1 a', ['zadd z 1 a']],
  ['zadd z 1 a; zadd z 1 a', []],
  ['zadd z 1 a; zadd z nx 2 a', []],
  ['zadd z 1 a; zadd z gt incr 2 a', ['zadd z gt incr 2 a']],
  ['zadd z 1 a; zincrby z 0 a', []],
  ['zincrby z 1 a', ['zincrby z 1 a']],
  ['zadd z 1 a; zrem z b', []],
  ['zadd z 1 a; zrem z b a', ['zrem z b a']],
  ['zadd z 1 a; zpopmin z 5', ['zpopmin z 5']],
  ['zpopmin z', []],
  ['zadd z 1 a 2 b; zmpop 2 y z max count 5', ['ZPOPMAX z 2']],
  ['zadd z 1 a; zremrangebyscore z 2 3', []],
  ['zadd z 1 a; zremrangebyrank z 0 3', ['zremrangebyrank z 0 3']],
  ['zadd z 1 a; zunionstore y 1 z', ['zunionstore y 1 z']],
  ['zunionstore y 1 z', []],
  ['set y 1; zunionstore y 1 z', ['zunionstore y 1 z']],
  ['zadd z 1 a; zrangestore y z 0 1', ['zrangestore y z 0 1']],
  ['zrangestore y z 0 1', []],
  ['geoadd a 1 1 m', ['geoadd a 1 1 m']],
  ['geoadd a 1 1 m; geoadd a 1 1 m', []],
  ['geoadd a 1 1 m; georadius a 1 1 1 km', []],
  ['geoadd a 1 1 m; georadius a 1 1 1 km store b', ['georadius a 1 1 1 km store b']],
  ['geoadd a 1 1 m; geosearchstore b a frommember m byradius 1 m', ['geosearchstore b a frommember m byradius 1 m']],
  ['geosearchstore b a frommember m byradius 1 m', []],
  ['set b 1; geosearchstore b a frommember m byradius 1 m', ['geosearchstore b a frommember m byradius 1 m']],
  ['rpush a 2 1; sort a', []],
  ['rpush a 2 1; sort a store b', ['sort a store b']],
  ['sort a store b', []],
  ['set b 1; sort a store b', ['sort a store b']],
  ['set a 1; del a b', ['del a b']],
  ['del a', []],
  ['expire a 10', []],
  ['set a 1; expire a 10', ['PEXPIREAT a 1700000010000']],
  ['set a 1; expire a 10 gt', []],
  ['set a 1; expire a -1', ['DEL a']],
  ['set a 1 ex 10; persist a', ['persist a']],
  ['set a 1; rename a b', ['rename a b']],
  ['set a 1; rename a a', []],
  ['set a 1; copy a b', ['copy a b']],
  ['set a 1; move a 1', ['move a 1']],
  ['rpush l a b', ['rpush l a b']],
  ['lpushx l a', []],
  ['rpush l a b; lpop l', ['lpop l']],
  ['rpush l a b; rpop l 5', ['rpop l 5']],
  ['rpush l a b; lpop l 0', []],
  ['rpush l a b; lset l 0 x', ['lset l 0 x']],
  ['rpush l a b; linsert l before a x', ['linsert l before a x']],
  ['rpush l a b; linsert l before c x', []],
  ['rpush l a b; lrem l 0 a', ['lrem l 0 a']],
  ['rpush l a b; lrem l 0 c', []],
  ['rpush l a b; ltrim l 0 0', ['ltrim l 0 0']],
  ['rpush l a b; ltrim l 0 -1', []],
  ['rpush l a b; lmove l m left right', ['lmove l m left right']],
  ['rpush l a b; rpoplpush l l', ['rpoplpush l l']],
  ['rpush l a b; lmpop 2 k l left', ['LPOP l 1']],
  ['rpush l a b; lmpop 1 l right count 9', ['RPOP l 2']],
  ['xgroup create k g 0', []],
  ['xgroup create k g $ mkstream', ['xgroup create k g $ mkstream']],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup create k g 0', []],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup setid k g 1', ['xgroup setid k g 1']],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup createconsumer k g c', ['xgroup createconsumer k g c']],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xgroup createconsumer k g c',
    [],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xgroup delconsumer k g c',
    ['xgroup delconsumer k g c'],
  ],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup delconsumer k g c', []],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup destroy k g', ['xgroup destroy k g']],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup destroy k h', []],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c streams k >',
    [
      'XCLAIM k g c 0 1-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1',
      'XCLAIM k g c 0 2-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 2-1',
      'XGROUP SETID k g 2-1 ENTRIESREAD 2',
    ],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c noack streams k >',
    ['XGROUP CREATECONSUMER k g c', 'XGROUP SETID k g 2-1 ENTRIESREAD 2'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c streams k 0',
    ['XGROUP CREATECONSUMER k g c'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xreadgroup group g c streams k 0',
    [],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xreadgroup group g d streams k >; xreadgroup group g d streams k >',
    [],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xack k g 1-1 2-1',
    ['xack k g 1-1 2-1'],
  ],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xack k g 2-1', []],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xpending k g', []],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xclaim k g d 0 1-1',
    ['XCLAIM k g d 0 1-1 TIME 1700000000000 RETRYCOUNT 2 FORCE JUSTID LASTID 1-1'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xclaim k g d 0 2-1 force idle 1000 retrycount 5 justid',
    ['XCLAIM k g d 0 2-1 TIME 1699999999000 RETRYCOUNT 5 FORCE JUSTID LASTID 1-1'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xclaim k g d 0 2-1',
    [],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xclaim k g d 1 1-1',
    [],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xclaim k g d 0 2-1 lastid 2-0',
    ['XGROUP SETID k g 2-0 ENTRIESREAD 1'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xclaim k g d 0 1-1 lastid 2-0',
    ['XCLAIM k g d 0 1-1 TIME 1700000000000 RETRYCOUNT 2 FORCE JUSTID LASTID 2-0'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xdel k 1-1; xclaim k g d 0 1-1',
    ['XCLAIM k g c 0 1-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xautoclaim k g d 0 0',
    ['XCLAIM k g d 0 1-1 TIME 1700000000000 RETRYCOUNT 2 FORCE JUSTID LASTID 1-1'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xautoclaim k g d 5 0',
    [],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xdel k 1-1; xautoclaim k g d 0 0',
    ['XCLAIM k g c 0 1-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1'],
  ],
  ['flushdb', ['flushdb']],
  ['swapdb 0 1', ['swapdb 0 1']],
];

describe('effects', () => {
  for (const [requests, expected] of effects)
    test(`${requests} is repeated as ${expected.join('; ') || 'nothing'}`, () => {
      const context = new TestContext();
      for (const request of requests.split('; ')) {
        context.takeEffects();
        context.run(...words(request));
      }
      expect(context.takeEffects()).toEqual(expected);
    });
});

/** Requests and what the server was told while the last one ran: keys changed, further events, keys not found. */
const told: readonly (readonly [requests: string, told: readonly string[]])[] = [
  ['get a', ['missed a']],
  ['set a 1', ['set a']],
  ['set a 1 ex 10', ['set a', 'expire a']],
  ['set a 1; set a 2 nx', []],
  ['mset a 1 b 2', ['set a', 'set b']],
  ['mset a 1; mget a b', ['missed b']],
  ['incr a', ['incrby a']],
  ['incrbyfloat a 1', ['incrbyfloat a']],
  ['hset a f 1 g 2', ['hset a']],
  ['hset a f 1; hdel a f', ['hdel a', 'del a']],
  ['hset a f 1; hincrby a f 1', ['hincrby a']],
  ['hincrbyfloat a f 1', ['hincrbyfloat a']],
  ['hset a f 1; hexpire a 10 fields 1 f', ['hexpire a']],
  ['hset a f 1 g 1; hexpire a 0 fields 1 f', ['hdel a']],
  ['hset a f 1; hpexpireat a 0 fields 1 f', ['hdel a', 'del a']],
  ['hset a f 1; hexpire a 10 fields 1 f; hpersist a fields 1 f', ['hpersist a']],
  ['httl a fields 1 f', ['missed a']],
  ['hpersist a fields 1 f', []],
  ['hset a f 1 g 1; hgetdel a fields 1 f', ['hdel a']],
  ['hset a f 1; hgetdel a fields 1 f', ['hdel a', 'del a']],
  ['hset a f 1; hgetex a ex 10 fields 1 f', ['hexpire a']],
  ['hset a f 1; hgetex a ex 0 fields 1 f', ['hdel a', 'del a']],
  ['hset a f 1; hexpire a 10 fields 1 f; hgetex a persist fields 1 f', ['hpersist a']],
  ['hsetex a fields 1 f 1', ['hset a']],
  ['hsetex a ex 10 fields 1 f 1', ['hset a', 'hexpire a']],
  ['hset a f 1 g 1; hsetex a ex 0 fields 1 f 1', ['hset a', 'hdel a']],
  ['hset a f 1; hsetex a ex 0 fields 1 f 1', ['hset a', 'hdel a', 'del a']],
  ['append a 1', ['append a']],
  ['setrange a 1 x', ['setrange a']],
  ['setbit a 1 0', ['setbit a']],
  ['bitfield a set u8 0 1 set u8 8 1', ['setbit a']],
  ['bitfield a overflow fail set u1 9 5', ['none a']],
  ['bitfield a overflow fail set u1 9 5 set u1 9 0', ['setbit a']],
  ['set a 1; bitop or b a', ['set b']],
  ['xadd s 1-1 a b', ['xadd s']],
  ['xadd s 1-1 a b; xadd s maxlen 1 2 a b', ['xadd s', 'xtrim s']],
  ['xadd s 1-1 a b; xadd s maxlen 5 2 a b', ['xadd s']],
  ['xadd s 1-1 a b; xdel s 1-1', ['xdel s']],
  ['xadd s 1-1 a b; xtrim s maxlen 0', ['xtrim s']],
  ['xadd s 1-1 a b; xsetid s 9', ['xsetid s']],
  ['xrange s - +', ['missed s']],
  ['set b 1; bitop or b a', ['missed a', 'del b']],
  ['pfadd a 1', ['pfadd a']],
  ['pfadd a 1; pfadd a 1', []],
  ['pfadd a 1; pfcount a', ['none a']],
  ['pfadd a 1; pfmerge b a none', ['missed b', 'missed none', 'pfadd b']],
  ['sadd a x y', ['sadd a']],
  ['sadd a x; sadd a x', []],
  ['sadd a x; srem a x', ['srem a', 'del a']],
  ['sadd a x y; srem a x', ['srem a']],
  ['sadd a x; spop a', ['spop a', 'del a']],
  ['sadd a x y; spop a 1', ['spop a']],
  ['sadd a x; spop a 1', ['spop a', 'del a']],
  ['sadd a x; smove a b x', ['srem a', 'del a', 'new b', 'sadd b']],
  ['sadd a x y; sadd b x; smove a b x', ['srem a']],
  ['sadd a x; sinterstore b a a', ['sinterstore b']],
  ['sadd a x; sunionstore b a none', ['missed none', 'sunionstore b']],
  ['sadd a x; sdiffstore a a a', ['del a']],
  ['sismember a x', ['missed a']],
  ['spop a', []],
  ['geoadd a 1 1 m', ['zadd a']],
  ['geoadd a 1 1 m; georadius a 1 1 1 km store b', ['georadiusstore b']],
  ['geoadd a 1 1 m; geosearchstore b a frommember m byradius 1 m', ['geosearchstore b']],
  ['set b 1; geosearchstore b a frommember m byradius 1 m', ['missed a', 'del b']],
  ['rpush a 2 1; sort a store b', ['sortstore b']],
  ['set b 1; sort a store b', ['missed a', 'del b']],
  ['mset a 1 b 2; del a none b', ['del a', 'del b']],
  ['set a 1; expire a 10', ['expire a']],
  ['set a 1; expire a 0', ['del a']],
  ['set a 1 ex 10; persist a', ['persist a']],
  ['set a 1; rename a b', ['rename_from a', 'rename_to b']],
  ['set a 1; copy a b db 2', ['copy_to 2:b']],
  ['set a 1; move a 2', ['move_from 0:a', 'move_to 2:a']],
  ['swapdb 1 2', ['database 1 2']],
  ['lpush l a b', ['lpush l']],
  ['rpush l a', ['rpush l']],
  ['rpush l a b; lpop l', ['lpop l']],
  ['rpush l a b; rpop l 2', ['rpop l', 'del l']],
  ['rpush l a b; lset l 0 x', ['lset l']],
  ['rpush l a b; linsert l after b x', ['linsert l']],
  ['rpush l a b; lrem l 0 a', ['lrem l']],
  ['rpush l a; lrem l 0 a', ['lrem l', 'del l']],
  ['rpush l a b; ltrim l 0 -1', ['ltrim l']],
  ['rpush l a b; ltrim l 5 6', ['ltrim l', 'del l']],
  ['zadd z 1 a 2 b', ['zadd z']],
  ['zadd z 1 a; zadd z 1 a', []],
  ['zincrby z 1 a', ['zincr z']],
  ['zadd z incr 1 a', ['zincr z']],
  ['zadd z 1 a 2 b; zrem z a', ['zrem z']],
  ['zadd z 1 a; zrem z a', ['zrem z', 'del z']],
  ['zadd z 1 a 2 b; zpopmin z', ['zpopmin z']],
  ['zadd z 1 a 2 b; zpopmax z 2', ['zpopmax z', 'del z']],
  ['zadd z 1 a 2 b; zmpop 1 z min', ['zpopmin z']],
  ['zadd z 1 a 2 b; zremrangebyrank z 0 0', ['zremrangebyrank z']],
  ['zadd z 1 a 2 b; zremrangebyscore z 0 9', ['zremrangebyscore z', 'del z']],
  ['zadd z 0 a 0 b; zremrangebylex z [a [a', ['zremrangebylex z']],
  ['zadd z 1 a; zrangestore y z 0 1', ['zrangestore y']],
  ['set y 1; zrangestore y z 0 1', ['missed z', 'del y']],
  ['zadd z 1 a; zunionstore y 1 z', ['zunionstore y']],
  ['zadd z 1 a; zinterstore y 1 z', ['zinterstore y']],
  ['zadd z 1 a; zdiffstore y 1 z', ['zdiffstore y']],
  ['zadd z 1 a; zdiffstore z 2 z z', ['del z']],
  ['zunion 2 a b', ['missed a', 'missed b']],
  ['rpush l a; lmove l m left right', ['rpush m', 'lpop l', 'del l']],
  ['rpush l a; rpoplpush l l', ['lpush l', 'rpop l']],
  ['rpush l a b; lmpop 1 l right count 9', ['rpop l', 'del l']],
  ['lrange l 0 1', ['missed l']],
  ['lpop l', []],
  ['xgroup create k g 0 mkstream', ['xgroup-create k']],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup create k h 0', ['xgroup-create k']],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup setid k g 1', ['xgroup-setid k']],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup destroy k g', ['xgroup-destroy k', 'wake k']],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xgroup createconsumer k g c', ['xgroup-createconsumer k']],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xgroup delconsumer k g c',
    ['xgroup-delconsumer k'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c streams k >',
    ['xgroup-createconsumer k'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xreadgroup group g c streams k >',
    [],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c noack streams k >',
    ['xgroup-createconsumer k'],
  ],
  ['xreadgroup group g c streams k >', ['missed k']],
  ['xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xack k g 1-1', []],
  ['xack k g 1-1', ['missed k']],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xclaim k g d 0 1-1',
    ['xgroup-createconsumer k'],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xclaim k g c 0 1-1',
    [],
  ],
  [
    'xadd k 1-1 f 1; xadd k 2-1 f 2; xgroup create k g 0; xreadgroup group g c count 1 streams k >; xautoclaim k g d 0 0 justid',
    ['xgroup-createconsumer k'],
  ],
  ['xpending k g', ['missed k']],
  ['flushdb', ['database 0 0']],
  ['flushall', ['all databases']],
];

describe('what the server is told', () => {
  for (const [requests, expected] of told)
    test(`${requests}: ${expected.join(', ') || 'nothing'}`, () => {
      const context = new TestContext();
      for (const request of requests.split('; ')) {
        context.takeTold();
        context.run(...words(request));
      }
      expect(context.takeTold()).toEqual(expected);
    });
});

const keyOf = fc.constantFrom('a', 'b', 'c', '{t}d');
const valueOf = fc.constantFrom(
  '',
  '0',
  '12',
  'foobar',
  '9223372036854775807',
  '1.5',
  'x'.repeat(50),
  'y'.repeat(1100),
);
const countOf = fc.integer({ min: -3, max: 300 }).map(String);
const optionOf = fc.constantFrom('NX', 'XX', 'GT', 'LT', 'GET', 'KEEPTTL', 'REPLACE', 'PERSIST');

const fieldOf = fc.constantFrom('f', 'g', '1');
const fieldConditionOf = fc.constantFrom('NX', 'XX', 'GT', 'LT');

const groupOf = fc.constantFrom('g', 'h');
const trimOf = [
  fc.constantFrom('MAXLEN', 'MINID'),
  fc.constantFrom('=', '~'),
  fc.constantFrom('0', '1', '3', '8', '1700000000001'),
] as const;
const consumerOf = fc.constantFrom('alice', 'bob', 'x'.repeat(30));
const entryIdOf = fc.integer({ min: 1, max: 12 }).map((ms) => `${ms}-0`);
const claimOptionOf = fc.constantFrom('FORCE', 'JUSTID', 'force');
const readGroupOf = fc
  .tuple(groupOf, consumerOf, fc.constantFrom([], ['NOACK'], ['COUNT', '2']), keyOf)
  .map(([group, consumer, options, key]) => ['XREADGROUP', 'GROUP', group, consumer, ...options, 'STREAMS', key, '>']);

/** Commands that write, in forms that mostly succeed. */
const writeOf = fc.oneof(
  fc.tuple(fc.constant('SET'), keyOf, valueOf),
  fc.tuple(fc.constant('SET'), keyOf, valueOf, optionOf),
  fc.tuple(fc.constant('SET'), keyOf, valueOf, fc.constantFrom('EX', 'PX'), countOf),
  fc.tuple(fc.constant('SET'), keyOf, valueOf, fc.constant('EX'), countOf, optionOf),
  fc.tuple(fc.constantFrom('SETNX', 'GETSET', 'APPEND'), keyOf, valueOf),
  fc.tuple(fc.constantFrom('MSET', 'MSETNX'), keyOf, valueOf, keyOf, valueOf),
  fc.tuple(fc.constantFrom('SETEX', 'PSETEX', 'SETRANGE'), keyOf, countOf, valueOf),
  fc.tuple(fc.constantFrom('INCR', 'DECR', 'GETDEL', 'PERSIST', 'DEL', 'UNLINK'), keyOf),
  fc.tuple(fc.constantFrom('INCRBY', 'DECRBY', 'INCRBYFLOAT', 'EXPIRE', 'PEXPIRE'), keyOf, countOf),
  fc.tuple(fc.constantFrom('EXPIRE', 'PEXPIRE'), keyOf, countOf, optionOf),
  fc.tuple(fc.constant('GETEX'), keyOf, fc.constantFrom('EX', 'PX'), countOf),
  fc.tuple(fc.constant('GETEX'), keyOf, fc.constant('PERSIST')),
  fc.tuple(fc.constant('SETBIT'), keyOf, countOf, fc.constantFrom('0', '1')),
  fc.tuple(fc.constant('BITFIELD'), keyOf, fc.constant('INCRBY'), fc.constantFrom('u5', 'i63'), countOf, countOf),
  fc.tuple(fc.constant('BITOP'), fc.constantFrom('AND', 'OR', 'XOR'), keyOf, keyOf, keyOf),
  fc.tuple(fc.constant('PFADD'), keyOf, valueOf, countOf, countOf),
  fc.tuple(fc.constant('PFMERGE'), keyOf, keyOf, keyOf),
  fc.tuple(fc.constant('PFCOUNT'), keyOf),
  fc.tuple(fc.constantFrom('HSET', 'HSETNX'), keyOf, fieldOf, valueOf),
  fc.tuple(fc.constant('HSET'), keyOf, fieldOf, valueOf, fieldOf, valueOf, fieldOf, countOf),
  fc.tuple(fc.constantFrom('HINCRBY', 'HINCRBYFLOAT'), keyOf, fieldOf, countOf),
  fc.tuple(fc.constant('HDEL'), keyOf, fieldOf, fieldOf),
  fc.tuple(fc.constant('HPEXPIRE'), keyOf, countOf, fc.constant('FIELDS'), fc.constant('2'), fieldOf, fieldOf),
  fc.tuple(fc.constant('HEXPIRE'), keyOf, countOf, fieldConditionOf, fc.constant('FIELDS'), fc.constant('1'), fieldOf),
  fc.tuple(fc.constantFrom('HPERSIST', 'HGETDEL'), keyOf, fc.constant('FIELDS'), fc.constant('2'), fieldOf, fieldOf),
  fc.tuple(
    fc.constant('HGETEX'),
    keyOf,
    fc.constantFrom('EX', 'PX'),
    countOf,
    fc.constant('FIELDS'),
    fc.constant('2'),
    fieldOf,
    fieldOf,
  ),
  fc.tuple(fc.constant('HGETEX'), keyOf, fc.constant('PERSIST'), fc.constant('FIELDS'), fc.constant('1'), fieldOf),
  fc.tuple(
    fc.constant('HSETEX'),
    keyOf,
    fc.constantFrom('PX', 'EX'),
    countOf,
    fc.constant('FIELDS'),
    fc.constant('2'),
    fieldOf,
    valueOf,
    fieldOf,
    valueOf,
  ),
  fc.tuple(
    fc.constant('HSETEX'),
    keyOf,
    fc.constantFrom('KEEPTTL', 'FNX', 'FXX'),
    fc.constant('FIELDS'),
    fc.constant('1'),
    fieldOf,
    valueOf,
  ),
  fc.tuple(fc.constantFrom('SADD', 'SREM'), keyOf, valueOf, countOf),
  fc.tuple(fc.constant('SADD'), keyOf, countOf, countOf),
  fc.tuple(fc.constant('SPOP'), keyOf),
  fc.tuple(fc.constant('SPOP'), keyOf, fc.constantFrom('1', '2', '5')),
  fc.tuple(fc.constant('SMOVE'), keyOf, keyOf, valueOf),
  fc.tuple(fc.constantFrom('SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE'), keyOf, keyOf, keyOf),
  fc.tuple(fc.constantFrom('RENAME', 'RENAMENX', 'COPY'), keyOf, keyOf),
  fc.tuple(fc.constant('COPY'), keyOf, keyOf, fc.constant('DB'), fc.constantFrom('0', '1'), optionOf),
  fc.tuple(fc.constant('MOVE'), keyOf, fc.constantFrom('0', '1')),
  fc.tuple(fc.constant('SWAPDB'), fc.constantFrom('0', '1'), fc.constantFrom('0', '1')),
  fc.tuple(fc.constantFrom('LPUSH', 'RPUSH', 'LPUSHX'), keyOf, valueOf, valueOf),
  fc.tuple(fc.constantFrom('LPOP', 'RPOP'), keyOf),
  fc.tuple(fc.constant('LMOVE'), keyOf, keyOf, fc.constantFrom('LEFT', 'RIGHT'), fc.constantFrom('LEFT', 'RIGHT')),
  fc.tuple(fc.constant('LINSERT'), keyOf, fc.constantFrom('BEFORE', 'AFTER'), valueOf, valueOf),
  fc.tuple(fc.constant('LREM'), keyOf, countOf, valueOf),
  fc.tuple(fc.constant('LMPOP'), fc.constant('2'), keyOf, keyOf, fc.constantFrom('LEFT', 'RIGHT')),
  fc.tuple(fc.constant('ZADD'), keyOf, countOf, valueOf, countOf, valueOf, fc.constantFrom('1.5', '-inf'), countOf),
  fc.tuple(fc.constant('ZADD'), keyOf, fc.constantFrom('NX', 'XX', 'GT', 'LT', 'CH', 'INCR'), countOf, valueOf),
  fc.tuple(fc.constant('ZINCRBY'), keyOf, countOf, valueOf),
  fc.tuple(fc.constant('ZREM'), keyOf, valueOf, countOf),
  fc.tuple(fc.constantFrom('ZPOPMIN', 'ZPOPMAX'), keyOf),
  fc.tuple(fc.constant('ZMPOP'), fc.constant('2'), keyOf, keyOf, fc.constantFrom('MIN', 'MAX')),
  fc.tuple(fc.constantFrom('ZREMRANGEBYRANK', 'ZREMRANGEBYSCORE'), keyOf, countOf, countOf),
  fc.tuple(fc.constantFrom('ZUNIONSTORE', 'ZINTERSTORE', 'ZDIFFSTORE'), keyOf, fc.constant('2'), keyOf, keyOf),
  fc.tuple(fc.constant('ZRANGESTORE'), keyOf, keyOf, countOf, countOf),
  fc.tuple(fc.constant('XADD'), keyOf, entryIdOf, valueOf, valueOf),
  fc.tuple(fc.constant('XADD'), keyOf, fc.constantFrom('*', '3-*', '2000000000000-*'), valueOf, valueOf),
  fc.tuple(fc.constant('XADD'), keyOf, ...trimOf, fc.constantFrom('*', '7-*', '12'), valueOf, valueOf),
  fc.tuple(fc.constant('XTRIM'), keyOf, ...trimOf),
  fc.tuple(fc.constant('XDEL'), keyOf, entryIdOf),
  fc.tuple(
    fc.constant('XGROUP'),
    fc.constant('CREATE'),
    keyOf,
    groupOf,
    fc.constantFrom('0', '$', '7'),
    fc.constant('MKSTREAM'),
  ),
  fc.tuple(fc.constant('XGROUP'), fc.constant('SETID'), keyOf, groupOf, fc.constantFrom('0', '$', '9')),
  fc.tuple(fc.constant('XGROUP'), fc.constantFrom('CREATECONSUMER', 'DELCONSUMER'), keyOf, groupOf, consumerOf),
  fc.tuple(fc.constant('XGROUP'), fc.constant('DESTROY'), keyOf, groupOf),
  readGroupOf,
  readGroupOf,
  fc.tuple(fc.constant('XACK'), keyOf, groupOf, entryIdOf, entryIdOf),
  fc.tuple(
    fc.constant('XCLAIM'),
    keyOf,
    groupOf,
    consumerOf,
    fc.constantFrom('0', '100'),
    entryIdOf,
    entryIdOf,
    claimOptionOf,
  ),
  fc.tuple(
    fc.constant('XAUTOCLAIM'),
    keyOf,
    groupOf,
    consumerOf,
    fc.constantFrom('0', '100'),
    fc.constantFrom('0', '(5'),
  ),
  fc.constant(['FLUSHDB'] as const),
);

interface Turn {
  readonly request: readonly string[];
  readonly dbIndex: number;
  readonly laterMs: number;
}

const turnOf: fc.Arbitrary<Turn> = fc.record({
  request: writeOf,
  dbIndex: fc.constantFrom(0, 0, 1),
  laterMs: fc.constantFrom(0, 0, 0, 1, 150, 5000),
});

/** Requests that were answered with OOM. */
let refusals = 0;

/** Runs the turns on `leader`, then its effects on an empty follower, and gives both data sets. */
function replay(leader: TestContext, turns: readonly Turn[]): [leader: string[], follower: string[]] {
  // What is trimmed by whole nodes must come out the same where nodes are larger.
  for (const database of leader.databases) database.limits.streamNodeMaxEntries = 2;
  for (const { request, dbIndex, laterMs } of turns) {
    leader.nowMs += laterMs;
    leader.dbIndex = dbIndex;
    const reply = leader.run(...request);
    if (reply instanceof ReplyError && reply.message === OUT_OF_MEMORY) refusals++;
  }
  const follower = new TestContext({ nowMs: leader.nowMs, databaseCount: 2 });
  // A follower lets nothing expire on its own: its leader's DEL will come.
  for (const database of follower.databases) database.expiryMode = 'ignore';
  for (const { dbIndex, args } of leader.effects) {
    follower.dbIndex = dbIndex;
    follower.runArgs(args);
  }
  for (const database of follower.databases) database.expiryMode = 'delete';
  return [leader.dataSet(), follower.dataSet()];
}

test('effects: repeating them on an empty server gives the same data', () => {
  fc.assert(
    fc.property(fc.array(turnOf, { maxLength: 60, size: 'max' }), (turns) => {
      const [ours, theirs] = replay(new TestContext({ databaseCount: 2 }), turns);
      expect(theirs).toEqual(ours);
    }),
    { numRuns: 100 },
  );
});

/** What creates consumers and gives them entries, to be stopped at each allocation. */
const givingRequests = [
  'xreadgroup group g c streams a >',
  'xreadgroup group g c noack streams a >',
  'xreadgroup group g c streams a 0',
  'xclaim a g c 0 1-1 2-1 force',
  'xclaim a g c 0 3-1 lastid 9-9',
  'xautoclaim a g c 0 0',
  'xgroup create b g 0 mkstream',
  'xgroup createconsumer a g c',
];

test.each(givingRequests)('effects: %s, where memory runs out halfway', (request) => {
  for (let failAfter = 0, hasFailed = true; hasFailed; failAfter++) {
    const leader = new TestContext();
    const setup = ['xadd a 1-1 f 1', 'xadd a 2-1 f 1', 'xadd a 3-1 f 1', 'xgroup create a g 0'];
    for (const line of setup) leader.run(...words(line));
    if (request.startsWith('xauto')) leader.run(...words('xreadgroup group g other streams a >'));
    const guard = leader.db.arena.guard!;
    guard.failAfter = failAfter;
    leader.run(...words(request));
    hasFailed = guard.failAfter < 0;
    guard.failAfter = -1;
    const follower = new TestContext();
    for (const { args } of leader.effects) follower.runArgs(args);
    expect(follower.dataSet()).toEqual(leader.dataSet());
  }
});

test('effects: where memory runs out, what was done is what is repeated', () => {
  fc.assert(
    fc.property(
      fc.array(turnOf, { maxLength: 60, size: 'max' }),
      fc.integer({ min: 100, max: 4000 }),
      (turns, limitBytes) => {
        const [ours, theirs] = replay(new TestContext({ limitBytes, databaseCount: 2 }), turns);
        expect(theirs).toEqual(ours);
      },
    ),
    { numRuns: 100 },
  );
  expect(refusals).toBeGreaterThan(20);
});
