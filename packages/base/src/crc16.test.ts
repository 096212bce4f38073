import { equal } from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { crc16 } from './crc16.ts';
import { asciiBytes } from './text.ts';

/** The definition, bit by bit. */
function slowCrc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

for (const [text, expected] of [
  ['', 0],
  ['123456789', 0x31c3], // the check value of the cluster specification
  ['A', 0x58e5],
] as const) {
  test(`crc16: '${text}' gives ${expected.toString(16)}`, () => {
    equal(crc16(asciiBytes(text), 0, text.length), expected);
  });
}

test('crc16: equals its definition on any range', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(9), fc.nat(9), (bytes, head, tail) => {
      const start = Math.min(head, bytes.length);
      const end = Math.max(start, bytes.length - tail);
      equal(crc16(bytes, start, end), slowCrc16(bytes.subarray(start, end)));
    }),
  ));
