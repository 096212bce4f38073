/**
 * What growing to many keys costs: `node growth.bench.ts [--small] [keys]`. Bytes per key, the slowest single insert, and
 * what the garbage collector did meanwhile. Keys of 16 bytes, values of 32.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { ByteBuffer } from '@kvartz/base';
import { Arena, Keyspace, NO_EXPIRY } from './index.ts';

const isSmall = process.argv.includes('--small');
const keyCount = process.argv.slice(2).map(Number).find(Number.isFinite) ?? (isSmall ? 20_000 : 1_000_000);

const collections: number[] = [];
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) collections.push(entry.duration);
});
observer.observe({ entryTypes: ['gc'] });

const rssBefore = process.memoryUsage().rss;
const arena = new Arena();
const keyspace = new Keyspace({ arena, hashKey: [0x2545f491, 0x4f6cdd1d] });
keyspace.nowMs = 1_700_000_000_000;
const key = new ByteBuffer(16);
key.u8.set(new TextEncoder().encode('key:000000000000'));
const value = new ByteBuffer(32);
value.u8.fill(0x78);

const slowest: { us: number; keys: number }[] = [];
const counts = new Uint32Array(8); // by powers of ten, from 1 us
let checksum = 0;
const start = performance.now();
for (let n = 0; n < keyCount; n++) {
  for (let i = 15, rest = n; i >= 8; i--) {
    const quotient = (rest / 10) | 0;
    key.u8[i] = 0x30 + rest - quotient * 10;
    rest = quotient;
  }
  const before = performance.now();
  const e = keyspace.setString(key, 0, 16, value, 0, 32, NO_EXPIRY);
  const us = (performance.now() - before) * 1000;
  checksum = (checksum + e) | 0;
  counts[Math.min(7, Math.max(0, Math.ceil(Math.log10(us))))]++;
  if (slowest.length < 10 || us > slowest[9].us) {
    slowest.push({ us, keys: n });
    slowest.sort((a, b) => b.us - a.us);
    slowest.length = Math.min(slowest.length, 10);
  }
}
const ms = performance.now() - start;
await new Promise((resolve) => {
  setTimeout(resolve, 50);
});

const perKey = (bytes: number): string => (bytes / keyCount).toFixed(1);
console.log(
  `${keyCount} keys in ${(ms / 1000).toFixed(1)} s, ${((ms / keyCount) * 1e6).toFixed(0)} ns each with the clock`,
);
console.log(`bytes per key: ${perKey(arena.usedBytes)} used, ${perKey(arena.reservedBytes)} reserved,`);
console.log(`  ${perKey(process.memoryUsage().rss - rssBefore)} resident more than before`);
console.log(`inserts by duration: ${[...counts].map((n, i) => `${n} up to ${10 ** i} us`).join(', ')}`);
console.log(`slowest inserts: ${slowest.map(({ us, keys }) => `${us.toFixed(0)} us at ${keys}`).join(', ')}`);
console.log(`garbage collections: ${collections.length}, longest ${Math.max(0, ...collections).toFixed(2)} ms`);
console.log(`checksum ${checksum}`);
