/**
 * Nanoseconds per operation on one keyspace, and bytes per key. `node keyspace.bench.ts [keys]`; small under test.
 * Keys are visited in a random order, so that at a million keys most of the time is cache misses.
 */
import { ByteBuffer, Prng } from '@kvartz/base';
import { Arena, Keyspace, NO_EXPIRY } from './index.ts';

const keyCounts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100_000, 1_000_000];
const keyBytes = 16;
const valueBytes = 32;

for (const keyCount of keyCounts) measure(keyCount);

function measure(keyCount: number): void {
  const arena = new Arena();
  const keyspace = new Keyspace({ arena, hashKey: [0x2545f491, 0x4f6cdd1d] });
  keyspace.nowMs = 1_700_000_000_000;
  const random = new Prng(1);
  const operations = Math.min(2_000_000, keyCount * 4);
  // The numbers of the keys that are asked for, drawn in advance.
  const order = new Uint32Array(operations).map(() => random.below(keyCount));
  const key = new ByteBuffer(64);
  key.u8.set(new TextEncoder().encode('key:000000000000'));
  const value = new ByteBuffer(64);
  value.u8.fill(0x78);
  let checksum = 0;

  const setKey = (n: number): void => {
    for (let i = keyBytes - 1, rest = n; i >= 8; i--) {
      const quotient = (rest / 10) | 0;
      key.u8[i] = 0x30 + rest - quotient * 10;
      rest = quotient;
    }
  };
  const time = (name: string, count: number, run: (n: number) => number): void => {
    let best = Infinity;
    for (let round = 0; round < (name === 'insert' ? 1 : 3); round++) {
      const start = process.cpuUsage().user;
      for (let i = 0; i < count; i++) {
        const n = name === 'insert' ? i : order[i];
        setKey(n);
        checksum = (checksum + run(n)) | 0;
      }
      best = Math.min(best, (process.cpuUsage().user - start) / 1000);
    }
    console.log(
      `${String(keyCount).padStart(9)} keys  ${name.padEnd(22)} ${((best / count) * 1e6).toFixed(1).padStart(7)} ns`,
    );
  };

  time('insert', keyCount, () => keyspace.setString(key, 0, keyBytes, value, 0, valueBytes, NO_EXPIRY));
  const bytes = (arena.usedBytes / keyCount).toFixed(1);
  const reserved = (arena.reservedBytes / keyCount).toFixed(1);
  console.log(`${String(keyCount).padStart(9)} keys  bytes per key ${bytes} used, ${reserved} reserved`);
  time('find (the key only)', operations, (n) => n);
  time('find', operations, () => keyspace.find(key, 0, keyBytes));
  time('find and read', operations, () => {
    const e = keyspace.find(key, 0, keyBytes);
    const span = keyspace.typeOf(e) === 0 ? keyspace.stringOf(e) : keyspace.span;
    return span.buffer.u8[span.start] + span.end;
  });
  time('find nothing', operations, () => {
    key.u8[4] = 0x40;
    const e = keyspace.find(key, 0, keyBytes);
    key.u8[4] = 0x30;
    return e;
  });
  time('set, same size', operations, () => keyspace.setString(key, 0, keyBytes, value, 0, valueBytes, NO_EXPIRY));
  time('set, other size', operations, (n) => keyspace.setString(key, 0, keyBytes, value, 0, 8 + (n & 31), NO_EXPIRY));
  time('remove and set', operations, () => {
    keyspace.remove(key, 0, keyBytes);
    return keyspace.setString(key, 0, keyBytes, value, 0, valueBytes, NO_EXPIRY);
  });
  time('set with expiry', operations, (n) => keyspace.setString(key, 0, keyBytes, value, 0, 32, 1_800_000_000_000 + n));
  time('set integer text', operations, () => keyspace.setString(key, 0, keyBytes, key, 8, 16, NO_EXPIRY));
  time('set integer', operations, (n) => keyspace.setInteger(key, 0, keyBytes, n, NO_EXPIRY));
  time('increment', operations, () => {
    const e = keyspace.find(key, 0, keyBytes);
    const n = keyspace.integerOf(e);
    keyspace.storeInteger(e, n + 1);
    return n;
  });
  console.log(`${String(keyCount).padStart(9)} keys  checksum ${checksum}, ${keyspace.keyCount} keys`);
}
