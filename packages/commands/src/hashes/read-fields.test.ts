import { latin1Of } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestContext } from '../../test/test-context.ts';

const name = fc.oneof(
  fc.integer({ min: -300, max: 300 }).map(String),
  fc.constantFrom(
    '',
    'a',
    'b',
    'aa',
    'ab',
    '\u00e9',
    '-0',
    '007',
    '9223372036854775807',
    'x'.repeat(64),
    'x'.repeat(300),
  ),
);

function textOf(value: unknown): string | null {
  return value instanceof Uint8Array ? latin1Of(value, 0, value.length) : value === null ? null : String(value);
}

test('HMGET, HKEYS, HVALS: the same of a listpack and of a table, whatever is asked in whatever order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, name), { minLength: 1, maxLength: 30 }),
      fc.array(name, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.boolean(),
      (pairs, others, picks, isPacked) => {
        const context = new TestContext();
        Object.assign(context.db.limits, { hashMaxListpackEntries: isPacked ? 64 : 0, hashMaxListpackValue: 1000 });
        const model = new Map(pairs);
        context.run('HSET', 'h', ...pairs.flat());
        const asked = [...picks.map((i) => pairs[i % pairs.length][0]), ...others];
        const values = context.run('HMGET', 'h', ...asked) as unknown[];
        expect(values.map(textOf)).toEqual(asked.map((field) => model.get(field) ?? null));
        const fields = (context.run('HKEYS', 'h') as unknown[]).map(textOf);
        const all = (context.run('HVALS', 'h') as unknown[]).map(textOf);
        expect(new Map(fields.map((field, i) => [field, all[i]]))).toEqual(model);
        expect(all.length).toBe(model.size);
      },
    ),
    { numRuns: 300 },
  );
});
