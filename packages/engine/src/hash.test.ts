import { ByteBuffer } from '@kvartz/base';
import { expect, test } from 'vitest';
import { halfSipHash13 } from './hash.ts';

test('hash: HalfSipHash-1-3 of the bytes 0, 1, 2, ... by length (test vectors of Linux, lib/siphash, 32-bit)', () => {
  const bytes = new ByteBuffer(64);
  for (let i = 0; i < 64; i++) bytes.u8[i] = i;
  const vectors = [
    0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65, 0x9d38d9d6, 0x577999b1,
    0xc839caed, 0xe4fa32cf, 0x959246ee, 0x6b28096c, 0x66dd9cd6, 0x16658a7c, 0xd0257b04, 0x8b31d501, 0x2b1cd04b,
    0x06712339,
  ];
  for (const [length, expected] of vectors.entries()) {
    expect(halfSipHash13(bytes, 0, length, 0x03020100, 0x07060504) >>> 0, `length ${length}`).toBe(expected);
  }
});

test('hash: the place of the bytes in their buffer does not matter', () => {
  const text = new TextEncoder().encode('some key of 27 bytes length');
  const hashes = new Set<number>();
  for (let at = 0; at < 9; at++) {
    const buffer = new ByteBuffer(64);
    buffer.u8.fill(0xaa);
    buffer.u8.set(text, at);
    hashes.add(halfSipHash13(buffer, at, at + text.length, 1, 2));
  }
  expect(hashes.size).toBe(1);
});

test('hash: another key gives unrelated hashes, and each bit of the input reaches each bit of the output', () => {
  const bytes = new ByteBuffer(16);
  const flips = new Float64Array(32);
  const rounds = 200;
  for (let round = 0; round < rounds; round++) {
    bytes.dv.setUint32(0, Math.imul(round + 1, 0x9e3779b1), true);
    const before = halfSipHash13(bytes, 0, 16, 7, 9);
    expect(halfSipHash13(bytes, 0, 16, 7, 10)).not.toBe(before);
    for (let bit = 0; bit < 128; bit++) {
      bytes.u8[bit >> 3] ^= 1 << (bit & 7);
      const change = before ^ halfSipHash13(bytes, 0, 16, 7, 9);
      for (let i = 0; i < 32; i++) flips[i] += (change >>> i) & 1;
      bytes.u8[bit >> 3] ^= 1 << (bit & 7);
    }
  }
  for (const count of flips) expect(Math.abs(count / (rounds * 128) - 0.5)).toBeLessThan(0.02);
});
