/** HalfSipHash-1-3 beside murmur3, which has no secret that protects it: `node hash.bench.ts [--small]`. */
import { ByteBuffer } from '@kvartz/base';
import { halfSipHash13 } from './hash.ts';

const isSmall = process.argv.includes('--small');
const operations = isSmall ? 20_000 : 2_000_000;
const bytes = new ByteBuffer(2 ** 16);
for (let i = 0; i < bytes.sizeBytes; i += 4) bytes.dv.setUint32(i, Math.imul(i + 1, 0x9e3779b1), true);
let checksum = 0;

for (const length of [8, 12, 16, 20, 32, 64, 256]) {
  const sip = measure((at) => halfSipHash13(bytes, at, at + length, 0x12345678, 0x9abcdef));
  const murmur = measure((at) => murmur3(bytes, at, at + length, 0x12345678));
  console.log(`${String(length).padStart(4)} bytes  HalfSipHash-1-3 ${sip} ns, murmur3 ${murmur} ns`);
}
console.log(`checksum ${checksum}`);

function measure(hash: (at: number) => number): string {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = process.cpuUsage().user;
    for (let i = 0; i < operations; i++) checksum = (checksum + hash((i * 17) & 0xfff)) | 0;
    best = Math.min(best, process.cpuUsage().user - start);
  }
  return ((best / operations) * 1000).toFixed(1).padStart(5);
}

function murmur3(buffer: ByteBuffer, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at += 4) {
    let word = Math.imul(buffer.dv.getInt32(at, true), 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash ^= word;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash ^= end - start;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
