import { equal } from 'node:assert/strict';
import { crc16, utf8Bytes } from '@kvartz/base';
import clusterKeySlot from 'cluster-key-slot';
import fc from 'fast-check';
import { test } from 'vitest';
import { keySlot, keySlotOfText, SLOT_COUNT } from './key-slot.ts';

for (const [key, tag] of [
  ['key', 'key'],
  ['', ''],
  ['{user1000}.following', 'user1000'],
  ['foo{}{bar}', 'foo{}{bar}'],
  ['foo{{bar}}zap', '{bar'],
  ['foo{bar}{zap}', 'bar'],
  ['{bar', '{bar'],
  ['bar}', 'bar}'],
  ['}{bar', '}{bar'],
  ['}{bar}', 'bar'],
  ['{}', '{}'],
  ['a{b}', 'b'],
] as const) {
  test(`keySlot: '${key}' hashes as '${tag}'`, () => {
    const bytes = utf8Bytes(`}{x${key}}{`);
    equal(keySlot(bytes, 3, 3 + key.length), crc16(utf8Bytes(tag), 0, tag.length) % SLOT_COUNT);
    equal(keySlotOfText(key), crc16(utf8Bytes(tag), 0, tag.length) % SLOT_COUNT);
  });
}

// As CLUSTER KEYSLOT of redis-server replies.
for (const [key, slot] of [
  ['foo', 12182],
  ['bar', 5061],
  ['hello', 866],
  ['somekey', 11058],
  ['foo{hash_tag}', 2515],
  ['123456789', 12739],
  ['{}}', 14790],
  ['foo{}{bar}', 8363],
  ['{}{x}}', 1598],
] as const) {
  test(`keySlot: '${key}' is in slot ${slot}`, () => equal(keySlotOfText(key), slot));
}

test('keySlot: agrees with cluster-key-slot on any bytes and any text', () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('{', '}'), fc.string({ unit: 'grapheme', maxLength: 6 })), { maxLength: 12 }),
      (parts) => {
        const key = parts.join('');
        // After an empty tag cluster-key-slot goes on looking for the end of a tag; redis-server does not.
        fc.pre(!/^[^{]*\{\}/.test(key));
        const bytes = utf8Bytes(key);
        const expected = clusterKeySlot(Buffer.from(bytes));
        equal(keySlot(bytes, 0, bytes.length), expected);
        equal(keySlotOfText(key), expected);
      },
    ),
  ));

test('keySlotOfText: as the UTF-8 of any text, with lone surrogates and long ones', () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd700, max: 0xe000 })), {
        maxLength: 500,
      }),
      (codes) => {
        const key = String.fromCharCode(...codes);
        const bytes = utf8Bytes(key);
        equal(keySlotOfText(key), keySlot(bytes, 0, bytes.length));
      },
    ),
  ));

test('keySlotOfText: long keys', () => {
  for (const key of ['x'.repeat(5000), `${'x'.repeat(5000)}{tag}`, 'ü'.repeat(2000)]) {
    equal(keySlotOfText(key), clusterKeySlot(key));
  }
});
