import { equal } from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { Crc64, crc64 } from './crc64.ts';
import { asciiBytes } from './text.ts';

/** The definition, bit by bit, over the reversed polynomial. */
function slowCrc64(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  }
  return crc;
}

test('crc64: the check value of Redis', () => {
  equal(crc64(asciiBytes('123456789'), 0, 9), 0xe9c6d914c4b8d9can);
  equal(crc64(asciiBytes(''), 0, 0), 0n);
});

test('crc64: equals its definition on any range', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(9), (bytes, head) => {
      const start = Math.min(head, bytes.length);
      equal(crc64(bytes, start, bytes.length), slowCrc64(bytes.subarray(start)));
    }),
  ));

test('Crc64: pieces sum to the whole, and reset starts anew', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      const sum = new Crc64().update(bytes, 0, at).update(bytes, at, bytes.length);
      equal(sum.value, crc64(bytes, 0, bytes.length));
      sum.reset();
      equal(sum.value, 0n);
    }),
  ));
