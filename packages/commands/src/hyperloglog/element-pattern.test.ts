import { ByteBuffer } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { patternOf } from './element-pattern.ts';

const mask = 2n ** 64n - 1n;
const m = 0xc6a4a7935bd1e995n;

/** MurmurHash64A by its definition. */
function murmurHash64A(bytes: Uint8Array, seed: bigint): bigint {
  let h = seed ^ ((BigInt(bytes.length) * m) & mask);
  const whole = bytes.length - (bytes.length % 8);
  for (let i = 0; i < whole; i += 8) {
    let k = (littleEndian(bytes.subarray(i, i + 8)) * m) & mask;
    k ^= k >> 47n;
    h = ((h ^ ((k * m) & mask)) * m) & mask;
  }
  if (whole < bytes.length) h = ((h ^ littleEndian(bytes.subarray(whole))) * m) & mask;
  h = ((h ^ (h >> 47n)) * m) & mask;
  return h ^ (h >> 47n);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

test('patternOf: index and run are those of MurmurHash64A', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(3), (bytes, offset) => {
      const buffer = ByteBuffer.from(Uint8Array.from([...Array.from({ length: offset }, () => 1), ...bytes, 7]));
      const hash = murmurHash64A(bytes, 0xadc83b19n);
      const rest = (hash >> 14n) | (1n << 50n);
      let run = 1;
      while (((rest >> BigInt(run - 1)) & 1n) === 0n) run++;
      expect(patternOf(buffer, offset, offset + bytes.length)).toBe(Number(hash & 16_383n) | (run << 14));
    }),
    { numRuns: 2000 },
  );
});
