/**
 * Nanoseconds (of processor time) per operation on one keyspace: `node keyspace.bench.ts [--small] [keys ...]`.
 * Keys are visited in random order, so that at a million keys most of the time is cache misses. Best of some rounds.
 */
import { ByteBuffer, Prng } from '@kvartz/base';
import { Arena, Keyspace, NO_EXPIRY } from './index.ts';

const isSmall = process.argv.includes('--small');
const given = process.argv.slice(2).map(Number).filter(Number.isFinite);
const keyCounts = given.length > 0 ? given : isSmall ? [2000] : [10_000, 100_000, 1_000_000];
const operations = isSmall ? 20_000 : 2_000_000;
const rounds = isSmall ? 1 : 5;
const keyBytes = 16;
const valueBytes = 32;

for (const keyCount of keyCounts) measure(keyCount);

function measure(keyCount: number): void {
  const arena = new Arena();
  const keyspace = new Keyspace({ arena, hashKey: [0x2545f491, 0x4f6cdd1d] });
  keyspace.nowMs = 1_700_000_000_000;
  const random = new Prng(1);
  // The keys that are asked for, drawn and written in advance; twice as many as there are operations in a round.
  const asked = Math.min(operations, 500_000);
  const keys = new ByteBuffer(asked * keyBytes);
  const value = new ByteBuffer(64);
  value.u8.fill(0x78);
  let checksum = 0;

  const writeKey = (at: number, n: number): void => {
    keys.u8.set(new TextEncoder().encode(`key:${String(n).padStart(keyBytes - 4, '0')}`), at);
  };
  const print = (name: string, figure: string): void => {
    console.log(`${String(keyCount).padStart(9)} keys  ${name.padEnd(24)} ${figure}`);
  };
  const time = (name: string, run: (at: number, i: number) => number): void => {
    let best = Infinity;
    for (let round = 0; round < rounds; round++) {
      const start = process.cpuUsage().user;
      for (let i = 0; i < asked; i++) checksum = (checksum + run(i * keyBytes, i)) | 0;
      best = Math.min(best, process.cpuUsage().user - start);
    }
    print(name, `${((best / asked) * 1000).toFixed(0).padStart(5)} ns`);
  };

  for (let n = 0; n < keyCount; n++) {
    writeKey(0, n);
    keyspace.setString(keys, 0, keyBytes, value, 0, valueBytes, NO_EXPIRY);
  }
  print('bytes per key', (arena.usedBytes / keyCount).toFixed(1));
  for (let i = 0; i < asked; i++) writeKey(i * keyBytes, random.below(keyCount));

  const set = (at: number, size: number, expireAtMs: number): number =>
    keyspace.setString(keys, at, at + keyBytes, value, 0, size, expireAtMs);
  time('find', (at) => keyspace.find(keys, at, at + keyBytes));
  time('find and read', (at) => {
    const e = keyspace.find(keys, at, at + keyBytes);
    const span = keyspace.typeOf(e) === 0 ? keyspace.stringOf(e) : keyspace.span;
    return span.buffer.u8[span.start] + span.end;
  });
  time('find nothing', (at) => keyspace.find(keys, at, at + keyBytes - 1));
  time('set, same size', (at) => set(at, valueBytes, NO_EXPIRY));
  time('set, any size', (at, i) => set(at, 1 + (i & 63), NO_EXPIRY));
  time('set with expiry', (at, i) => set(at, valueBytes, 1_800_000_000_000 + i));
  time('remove and set', (at) => {
    keyspace.remove(keys, at, at + keyBytes);
    return set(at, valueBytes, NO_EXPIRY);
  });
  time('set an integer', (at) => keyspace.setString(keys, at, at + keyBytes, keys, at + 15, at + 16, NO_EXPIRY));
  time('increment', (at) => {
    const e = keyspace.find(keys, at, at + keyBytes);
    const n = keyspace.integerOf(e);
    if (n === n) keyspace.storeInteger(e, n + 1);
    return n;
  });
  print('checksum', String(checksum));
}
