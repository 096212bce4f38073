import { ByteBuffer, latin1Bytes, latin1Of } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena } from './arena.ts';
import { byteOf, bytesOf } from './entry.ts';
import { encodedBytes, Packs } from './listpack.ts';

function newArena(): Arena {
  return new Arena({ checked: true, segmentBytes: 2 ** 20 });
}

function bytes(text: string): ByteBuffer {
  return ByteBuffer.from(latin1Bytes(text));
}

function appended(packs: Packs, ref: number, text: string): number {
  return packs.append(ref, bytes(text), 0, text.length);
}

function hexOf(arena: Arena, ref: number, packBytes: number): string {
  return Buffer.from(bytesOf(arena, ref).u8.slice(byteOf(arena, ref), byteOf(arena, ref) + packBytes)).toString('hex');
}

/** What redis-server 7.0.15 had in the DUMP of a hash with the field '' and this value. */
const dumped: readonly (readonly [value: string, hex: string])[] = [
  ['127', '0b000000020080017f01ff'],
  ['128', '0c00000002008001c08002ff'],
  ['-1', '0c00000002008001dfff02ff'],
  ['4095', '0c00000002008001cfff02ff'],
  ['-4096', '0c00000002008001d00002ff'],
  ['4096', '0d00000002008001f1001003ff'],
  ['-4097', '0d00000002008001f1ffef03ff'],
  ['32767', '0d00000002008001f1ff7f03ff'],
  ['-32768', '0d00000002008001f1008003ff'],
  ['32768', '0e00000002008001f200800004ff'],
  ['-32769', '0e00000002008001f2ff7fff04ff'],
  ['8388607', '0e00000002008001f2ffff7f04ff'],
  ['-8388608', '0e00000002008001f200008004ff'],
  ['8388608', '0f00000002008001f30000800005ff'],
  ['-8388609', '0f00000002008001f3ffff7fff05ff'],
  ['2147483647', '0f00000002008001f3ffffff7f05ff'],
  ['-2147483648', '0f00000002008001f30000008005ff'],
  ['2147483648', '1300000002008001f4000000800000000009ff'],
  ['-2147483649', '1300000002008001f4ffffff7fffffffff09ff'],
  ['9007199254740993', '1300000002008001f4010000000000200009ff'],
  ['9223372036854775807', '1300000002008001f4ffffffffffffff7f09ff'],
  ['-9223372036854775808', '1300000002008001f4000000000000008009ff'],
  ['9223372036854775808', '1e00000002008001933932323333373230333638353437373538303814ff'],
  ['-0', '0d00000002008001822d3003ff'],
  ['007', '0e000000020080018330303704ff'],
  ['+1', '0d00000002008001822b3103ff'],
  ['hello', '10000000020080018568656c6c6f06ff'],
];

/** The same for the field 'k' and a value of so many bytes 'v': size, the first and the last bytes. */
const dumpedLong: readonly (readonly [length: number, size: number, first: string, last: string])[] = [
  [63, 75, '4b0000000200816b02bf767676767676', '767676767640ff'],
  [64, 77, '4d0000000200816b02e0407676767676', '767676767642ff'],
  [125, 138, '8a0000000200816b02e07d7676767676', '76767676767fff'],
  [126, 140, '8c0000000200816b02e07e7676767676', '767676760180ff'],
  [4095, 4109, '0d1000000200816b02efff7676767676', '767676762081ff'],
  [4096, 4113, '111000000200816b02f0001000007676', '767676762085ff'],
  [16_377, 16_394, '0a4000000200816b02f0f93f00007676', '767676767ffeff'],
  [16_378, 16_396, '0c4000000200816b02f0fa3f00007676', '76767600ffffff'],
  [16_379, 16_397, '0d4000000200816b02f0fb3f00007676', '767676018080ff'],
  [2_097_145, 2_097_163, '0b0020000200816b02f0f9ff1f007676', '7676767ffffeff'],
  [2_097_146, 2_097_165, '0d0020000200816b02f0faff1f007676', '767600ffffffff'],
];

describe('listpacks have the bytes that redis-server dumps', () => {
  for (const [value, hex] of dumped)
    test(`of '${value}'`, () => {
      const arena = newArena();
      const packs = new Packs(arena);
      const ref = appended(packs, appended(packs, packs.create(), ''), value);
      expect(hexOf(arena, ref, packs.bytes(ref))).toBe(hex);
      const { buffer, start, end } = packs.read(ref, packs.last(ref));
      expect(latin1Of(buffer.u8, start, end)).toBe(value);
    });

  for (const [length, size, first, last] of dumpedLong)
    test(`of ${length} bytes`, () => {
      const arena = newArena();
      const packs = new Packs(arena);
      const ref = appended(packs, appended(packs, packs.create(), 'k'), 'v'.repeat(length));
      expect(packs.bytes(ref)).toBe(size);
      const hex = hexOf(arena, ref, size);
      expect([hex.slice(0, 32), hex.slice(-14)]).toEqual([first, last]);
      expect(packs.previous(ref, packs.last(ref))).toBe(packs.first(ref));
      expect(packs.read(ref, packs.last(ref)).sizeBytes).toBe(length);
    });
});

test('integers come back as numbers where these are exact', () => {
  const packs = new Packs(newArena());
  for (const [text, value] of [
    ['5', 5],
    ['-1', -1],
    ['300', 300],
    ['-8388608', -8_388_608],
    ['-2147483649', -2_147_483_649],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['9007199254740992', Infinity],
    ['-9007199254740992', -Infinity],
    ['1.5', NaN],
    ['x'.repeat(100), NaN],
    ['x'.repeat(5000), NaN],
  ] as const) {
    const ref = appended(packs, packs.create(), text);
    expect(packs.integerAt(ref, packs.first(ref))).toBe(value);
  }
});

test('past 65534 elements the count is found by walking, and is exact', () => {
  const packs = new Packs(newArena());
  let ref = packs.create();
  for (let i = 0; i < 65_600; i++) ref = appended(packs, ref, '7');
  expect(packs.count(ref)).toBe(65_600);
  expect(packs.seek(ref, 65_599)).toBe(packs.last(ref));
  expect(packs.seek(ref, 65_600)).toBe(0);
  expect(packs.seek(ref, -65_600)).toBe(packs.first(ref));
  expect(packs.seek(ref, -65_601)).toBe(0);
  ref = packs.remove(ref, packs.first(ref), 65_000);
  expect(packs.count(ref)).toBe(600);
});

/** Lengths around every bound of the layout, and texts around every bound of the integers. */
const valueOf = fc.oneof(
  fc.constantFrom(...dumped.map(([value]) => value), '', '-', '00', '1 '),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.integer({ min: -5000, max: 5000 }).map(String),
  fc
    .tuple(fc.constantFrom(1, 2, 5, 62, 63, 64, 65, 125, 126, 127, 300, 4095, 4096), fc.constantFrom('a', '\xff', '\0'))
    .map(([length, character]) => character.repeat(length)),
);
const operationOf = fc.tuple(
  fc.constantFrom('append', 'append', 'prepend', 'insert', 'replace', 'remove', 'find', 'seek'),
  fc.nat(),
  valueOf,
  fc.integer({ min: 1, max: 4 }),
);

function contentOf(packs: Packs, ref: number): string[] {
  const content: string[] = [];
  for (let at = packs.first(ref); at !== 0; at = packs.next(ref, at)) {
    const { buffer, start, end } = packs.read(ref, at);
    content.push(latin1Of(buffer.u8, start, end));
  }
  return content;
}

test('a pack behaves as an array does, also where memory runs out', () => {
  fc.assert(
    fc.property(fc.array(operationOf, { maxLength: 80, size: 'max' }), fc.boolean(), (operations, isShort) => {
      const arena = newArena();
      const packs = new Packs(arena);
      let ref = packs.create();
      const model: string[] = [];
      let sizeBytes = packs.bytes(ref);
      for (const [name, n, text, k] of operations) {
        const value = bytes(text);
        const index = model.length === 0 ? 0 : n % model.length;
        const at = packs.seek(ref, index);
        expect(at === 0).toBe(model.length === 0);
        if (at !== 0) expect(packs.seek(ref, index - model.length)).toBe(at);
        if (name === 'seek') {
          expect(packs.seek(ref, model.length)).toBe(0);
          expect(packs.seek(ref, -model.length - 1)).toBe(0);
          continue;
        }
        if (name === 'find') {
          let wanted = model.findIndex((element, i) => i >= index && (i - index) % k === 0 && element === text);
          const found = packs.find(ref, at, k, value, 0, text.length);
          expect(found).toBe(wanted < 0 ? 0 : packs.seek(ref, wanted));
          wanted = model.indexOf(model[index] ?? '');
          if (at !== 0) {
            const same = bytes(model[index]);
            expect(packs.find(ref, packs.first(ref), 1, same, 0, same.sizeBytes)).toBe(packs.seek(ref, wanted));
            expect(packs.equals(ref, at, same, 0, same.sizeBytes)).toBe(true);
            expect(packs.equals(ref, at, value, 0, text.length)).toBe(model[index] === text);
          }
          continue;
        }
        if ((name === 'replace' || name === 'remove') && at === 0) continue;
        if (isShort && name !== 'remove') arena.guard!.failAfter = n % 3;
        let changed: number;
        if (name === 'append') changed = packs.append(ref, value, 0, text.length);
        else if (name === 'prepend') changed = packs.prepend(ref, value, 0, text.length);
        else if (name === 'insert') changed = packs.insert(ref, at, value, 0, text.length);
        else if (name === 'replace') changed = packs.replace(ref, at, value, 0, text.length);
        else changed = packs.remove(ref, at, k);
        arena.guard!.failAfter = -1;
        if (changed === 0) continue;
        ref = changed;
        if (name === 'append') model.push(text);
        else if (name === 'prepend') model.unshift(text);
        else if (name === 'insert') model.splice(index, 0, text);
        else if (name === 'replace') model[index] = text;
        else model.splice(index, k);
        expect(packs.count(ref)).toBe(model.length);
        sizeBytes = 7 + model.reduce((sum, element) => sum + encodedBytes(bytes(element), 0, element.length), 0);
        expect(packs.bytes(ref)).toBe(sizeBytes);
      }
      expect(contentOf(packs, ref)).toEqual(model);
      const backwards: number[] = [];
      for (let at = packs.last(ref); at !== 0; at = packs.previous(ref, at)) backwards.unshift(at);
      expect(backwards).toEqual(model.map((_, i) => packs.seek(ref, i)));
      arena.free(ref);
      expect(arena.usedBytes).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('some elements of a pack become another one, byte for byte; without memory there is none', () => {
  const arena = newArena();
  const packs = new Packs(arena);
  const texts = ['a', '12', '', 'x'.repeat(70), '-5000', '9223372036854775807', 'z'.repeat(5000)];
  let from = packs.create();
  let wanted = packs.create();
  const places: number[] = [];
  for (const [i, text] of texts.entries()) {
    const place = packs.bytes(from) - 1;
    from = appended(packs, from, text);
    if (i === 1 || i === 4) continue;
    places.push(place);
    wanted = appended(packs, wanted, text);
  }
  expect(packs.createOf(from, Uint32Array.from(places), places.length, 5000)).toBe(0);
  arena.guard!.failAfter = 0;
  expect(packs.createOf(from, Uint32Array.from(places), places.length, 5007)).toBe(0);
  arena.guard!.failAfter = -1;
  const made = packs.createOf(from, Uint32Array.from(places), places.length, 5007);
  expect(hexOf(arena, made, packs.bytes(made))).toBe(hexOf(arena, wanted, packs.bytes(wanted)));
});
