import { ByteBuffer } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lzfCompress, lzfDecompress } from './lzf.ts';

function compressed(bytes: Uint8Array, room = bytes.length * 2 + 16): Uint8Array | undefined {
  const to = new ByteBuffer(room + 8);
  const length = lzfCompress(ByteBuffer.from(bytes), 0, bytes.length, to, 4, room);
  expect(to.u8.subarray(4 + room)).toEqual(new Uint8Array(4));
  return length === 0 && bytes.length > 0 ? undefined : to.u8.slice(4, 4 + length);
}

function decompressed(bytes: Uint8Array, length: number): Uint8Array | undefined {
  const to = new ByteBuffer(length + 8);
  const isGood = lzfDecompress(ByteBuffer.from(bytes), 0, bytes.length, to, 4, length);
  expect([...to.u8.subarray(0, 4), ...to.u8.subarray(4 + length)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  return isGood ? to.u8.slice(4, 4 + length) : undefined;
}

const words = fc
  .array(fc.oneof(fc.constantFrom('user:', '{"name":"', 'aaaaaaaaaaaaaaaa', '\0\0\0\0'), fc.string({ maxLength: 6 })), {
    maxLength: 200,
  })
  .map((parts) => new TextEncoder().encode(parts.join('')));

describe('LZF', () => {
  test('what was compressed comes back', () => {
    fc.assert(
      fc.property(fc.oneof(words, fc.uint8Array({ maxLength: 3000 })), (bytes) => {
        const packed = compressed(bytes)!;
        expect(decompressed(packed, bytes.length)).toEqual(bytes);
        expect(decompressed(packed, bytes.length + 1)).toBeUndefined();
        if (bytes.length > 0) expect(decompressed(packed, bytes.length - 1)).toBeUndefined();
      }),
    );
  });

  test('runs and far repetitions become short', () => {
    expect(compressed(new Uint8Array(10_000))!.length).toBeLessThan(130);
    const block = Uint8Array.from({ length: 8000 }, (_, i) => (i * 7919) >>> 3);
    const twice = new Uint8Array(16_000);
    twice.set(block);
    twice.set(block, 8000);
    expect(compressed(twice)!.length).toBeLessThan(9000);
  });

  test('gives up when there is no room', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), fc.nat(500), (bytes, room) => {
        const packed = compressed(bytes, room);
        if (packed !== undefined) expect(decompressed(packed, bytes.length)).toEqual(bytes);
      }),
    );
  });

  test('any bytes are decompressed or refused, never beyond the target', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(2000), (bytes, length) => void decompressed(bytes, length)),
    );
  });

  test.each([
    ['a run that ends early', [4, 1, 2], 5],
    ['a reference before the start', [0, 7, 0x20, 1], 4],
    ['a reference without its offset', [0, 7, 0x20], 4],
    ['a long reference without its length', [0, 7, 0xe0], 20],
  ])('%s is refused', (_name, bytes, length) => {
    expect(decompressed(Uint8Array.from(bytes), length)).toBeUndefined();
  });
});
