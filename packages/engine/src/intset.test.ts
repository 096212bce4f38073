import { ByteBuffer } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, type BlockRef } from './arena.ts';
import { IntSets } from './intset.ts';

function make(): { arena: Arena; sets: IntSets } {
  const arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  return { arena, sets: new IntSets(arena) };
}

function parse(sets: IntSets, text: string): boolean {
  const buffer = ByteBuffer.from(new TextEncoder().encode(text));
  return sets.parse(buffer, 0, buffer.sizeBytes);
}

function textOfMember(sets: IntSets): string {
  const { buffer, start, end } = sets.read();
  return new TextDecoder().decode(buffer.u8.subarray(start, end));
}

function membersOf(sets: IntSets, ref: BlockRef): string[] {
  return Array.from({ length: sets.count(ref) }, (_, i) => {
    sets.load(ref, i);
    return textOfMember(sets);
  });
}

/** Adds a member; the reference stays when it is there already. */
function add(sets: IntSets, ref: BlockRef, text: string): BlockRef {
  parse(sets, text);
  const index = sets.find(ref);
  return index >= 0 ? ref : sets.insert(ref, ~index);
}

function bytesOfSet(arena: Arena, sets: IntSets, ref: BlockRef): number[] {
  const at = (ref & arena.refMask) << 3;
  return [...arena.segments[ref >>> arena.refShift].u8.subarray(at, at + sets.bytes(ref))];
}

describe('intset', () => {
  for (const [members, bytes] of [
    [[], [2, 0, 0, 0, 0, 0, 0, 0]],
    [
      ['5', '-1'],
      [2, 0, 0, 0, 2, 0, 0, 0, 255, 255, 5, 0],
    ],
    [
      ['1', '32768'],
      [4, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 128, 0, 0],
    ],
    [
      ['1', '-2147483649'],
      [8, 0, 0, 0, 2, 0, 0, 0, 255, 255, 255, 127, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0],
    ],
  ] as const)
    test(`{${members.join(', ')}} has Redis's bytes`, () => {
      const { arena, sets } = make();
      let ref = sets.create();
      for (const member of members) ref = add(sets, ref, member);
      expect(bytesOfSet(arena, sets, ref)).toEqual(bytes);
    });

  for (const text of ['', '-', '01', '+1', '1 ', '-0', '9223372036854775808', '-9223372036854775809', '1.0', 'x'])
    test(`'${text}' is no member`, () => expect(parse(make().sets, text)).toBe(false));

  test('members come out as they went in', () => {
    const { sets } = make();
    for (const text of ['0', '-1', '2147483648', '-2147483649', '9007199254740991', '-9007199254740991']) {
      expect(parse(sets, text)).toBe(true);
      expect([textOfMember(sets), sets.number]).toEqual([text, Number(text)]);
    }
    for (const text of ['9007199254740992', '-9007199254740992', '9223372036854775807', '-9223372036854775808']) {
      expect(parse(sets, text)).toBe(true);
      expect([textOfMember(sets), sets.number]).toEqual([text, NaN]);
    }
  });
});

const memberOf = fc.oneof(
  fc.bigInt({ min: -50n, max: 50n }),
  fc.bigInt({ min: -40_000n, max: 40_000n }),
  fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }),
  fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 32n, -(2n ** 31n), 2n ** 31n, 2n ** 15n),
);

const stepOf = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), member: memberOf }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), member: memberOf }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('removeAt' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('keepEven' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), member: memberOf }) },
);

test('intset: equals a sorted array of bigints, whatever is done to both', () => {
  fc.assert(
    fc.property(fc.array(stepOf, { maxLength: 120, size: 'max' }), (steps) => {
      const { arena, sets } = make();
      let ref = sets.create();
      let model: bigint[] = [];
      for (const step of steps) {
        if (step.kind === 'add' || step.kind === 'fail') {
          if (step.kind === 'fail') arena.guard!.failAfter = 0;
          const changed = add(sets, ref, String(step.member));
          arena.guard!.failAfter = -1;
          if (changed !== 0) {
            ref = changed;
            if (!model.includes(step.member)) model.push(step.member);
            model = model.toSorted((a, b) => (a < b ? -1 : 1));
          }
        } else if (step.kind === 'keepEven') {
          model = model.filter((_, i) => i % 2 === 0);
          for (let i = 0; i < model.length; i++) sets.copyMember(ref, i * 2, i);
          ref = sets.truncate(ref, model.length);
        } else if (model.length > 0) {
          const member = step.kind === 'remove' ? step.member : model[step.at % model.length];
          parse(sets, String(member));
          const index = sets.find(ref);
          const expected = model.indexOf(member);
          expect(index >= 0).toBe(expected >= 0);
          if (index >= 0) {
            expect(index).toBe(expected);
            ref = sets.remove(ref, index);
            model.splice(index, 1);
          }
        }
        expect(sets.count(ref)).toBe(model.length);
      }
      expect(membersOf(sets, ref)).toEqual(model.map(String));
      for (const [i, member] of model.entries()) {
        parse(sets, String(member));
        expect(sets.find(ref)).toBe(i);
      }
      arena.free(ref);
      expect(arena.usedBytes).toBe(0);
    }),
    { numRuns: 300 },
  );
});
