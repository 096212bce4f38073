import { Prng } from '@kvartz/base';
import type { ReplyValue } from '@kvartz/resp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestContext } from '../../test/test-context.ts';

/** IDs of the entries, and how far each group is. */
interface Model {
  readonly ids: number[];
  readonly groups: Map<string, number>;
}

/** IDs in a reply of XREADGROUP of one stream. */
function idsIn(reply: ReplyValue): number[] {
  if (reply === null) return [];
  const [[, entries]] = reply as [[string, [string, string[]][]]];
  return entries.map(([id, [, value]]) => {
    expect(value).toBe(id);
    return Number(id.slice(0, -2));
  });
}

test('each group goes on behind its last entry, whatever has been added and removed since', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(2, 5, 100), (seed, streamNodeMaxEntries) => {
      const random = new Prng(seed);
      const context = new TestContext();
      for (const database of context.databases) database.limits = { ...database.limits, streamNodeMaxEntries };
      const streams = new Map<string, Model>();
      for (const key of ['a', 'b']) {
        for (const group of ['g', 'h']) context.run('XGROUP', 'CREATE', key, group, '0', 'MKSTREAM');
        streams.set(key, {
          ids: [],
          groups: new Map([
            ['g', 0],
            ['h', 0],
          ]),
        });
      }
      let last = 0;
      for (let i = 0; i < 400; i++) {
        const key = random.chance(0.7) ? 'a' : 'b';
        const model = streams.get(key)!;
        const { groups, ids } = model;
        const group = random.chance(0.6) ? 'g' : 'h';
        const roll = random.below(100);
        if (roll < 45) {
          last += 1 + random.below(3);
          context.run('XADD', key, `${last}-0`, 'field', `${last}-0`);
          ids.push(last);
        } else if (roll < 80) {
          const count = 1 + random.below(4);
          const reply = context.run('XREADGROUP', 'GROUP', group, 'c', 'COUNT', count, 'NOACK', 'STREAMS', key, '>');
          const expected = ids.filter((id) => id > groups.get(group)!).slice(0, count);
          expect(idsIn(reply)).toEqual(expected);
          groups.set(group, expected.at(-1) ?? groups.get(group)!);
        } else if (roll < 88 && ids.length > 0) {
          const [id] = ids.splice(random.below(ids.length), 1);
          context.run('XDEL', key, `${id}-0`);
        } else if (roll < 93) {
          const length = Math.max(0, ids.length - random.below(6));
          context.run('XTRIM', key, 'MAXLEN', '=', length);
          ids.splice(0, ids.length - length);
        } else if (roll < 96) {
          const to = random.below(last + 2);
          context.run('XGROUP', 'SETID', key, group, to);
          groups.set(group, to);
        } else if (roll < 98) {
          context.run('COPY', 'a', 'b', 'REPLACE');
          const { groups: ofA, ids: inA } = streams.get('a')!;
          streams.set('b', { ids: [...inA], groups: new Map(ofA) });
        } else if (roll < 99) {
          context.run('RENAME', 'b', 'c');
          context.run('RENAME', 'a', 'b');
          context.run('RENAME', 'c', 'a');
          const [a, b] = [streams.get('a')!, streams.get('b')!];
          streams.set('a', b).set('b', a);
        }
      }
    }),
    { numRuns: 40 },
  );
});
