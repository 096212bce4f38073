import { Prng } from '@kvartz/base';
import { expect, test } from 'vitest';
import { bufferOf, textOf } from '../../test/model.ts';
import { Arena, Encoding, Keyspace } from '../index.ts';
import { FieldResult } from './field-result.ts';

function keyspaceOf(): Keyspace {
  return new Keyspace({ arena: new Arena({ segmentBytes: 2 ** 20, checked: true }), hashKey: [1, 2] });
}

for (const [fieldCount, valueMax, failRatio] of [
  [6, 20, 0],
  [40, 70, 0],
  [3000, 100, 0],
  [40, 70, 0.1],
] as const)
  test(`against a Map: ${fieldCount} fields, values of up to ${valueMax} bytes, ${failRatio * 100}% of allocations fail`, () => {
    const random = new Prng(fieldCount);
    for (let round = 0; round < 8; round++) {
      const keyspace = keyspaceOf();
      keyspace.limits.hashMaxListpackEntries = 20;
      const { arena, hashes } = keyspace;
      const model = new Map<string, string>();
      const key = bufferOf('key');
      let e = hashes.create(key, 0, 3);
      for (let i = 0; i < 3000; i++) {
        const name = `f${random.uint32() % fieldCount}`;
        const field = bufferOf(name);
        const kind = random.uint32() % 4;
        const text = kind === 0 ? String(random.uint32() % 100_000) : 'v'.repeat(random.uint32() % valueMax);
        if (failRatio > 0 && random.uint32() < failRatio * 2 ** 32) arena.guard!.failAfter = random.uint32() % 3;
        if (kind < 3) {
          const result = hashes.set(e, field, 0, name.length, bufferOf(text), 0, text.length);
          const isNew = !model.has(name);
          if (result !== FieldResult.noMemory) {
            expect(result).toBe(isNew ? FieldResult.added : FieldResult.changed);
            model.set(name, text);
          } else expect(failRatio).toBeGreaterThan(0);
        } else expect(hashes.remove(e, field, 0, name.length)).toBe(model.delete(name));
        arena.guard!.failAfter = -1;
        expect(hashes.get(e, field, 0, name.length) ? textOf(hashes.value) : undefined).toBe(model.get(name));
        expect(keyspace.countOf(e)).toBe(model.size);
      }
      const found = new Map<string, string>();
      const walk = hashes.walk(e);
      while (walk.next()) found.set(textOf(walk.field), textOf(walk.value));
      expect(found).toEqual(model);
      const scanned = new Map<string, string>();
      let cursor = 0;
      do {
        cursor = hashes.scan(e, cursor, 10, ({ field, value }) => scanned.set(textOf(field), textOf(value)));
      } while (cursor !== 0);
      expect(scanned).toEqual(model);
      const copy = keyspace.copyTo(e, keyspace, bufferOf('copy'), 0, 4);
      e = keyspace.find(key, 0, 3);
      for (const [name, text] of model) {
        expect(hashes.get(copy, bufferOf(name), 0, name.length) && textOf(hashes.value)).toBe(text);
      }
      keyspace.removeEntry(copy);
      keyspace.removeEntry(keyspace.find(key, 0, 3));
      while (keyspace.freeSome(1000));
      expect(keyspace.keyCount).toBe(0);
      // Only the slots' tables are left.
      expect(arena.usedBytes).toBeLessThan(1000);
    }
  });

test('a picked field is any of them, with its value', () => {
  const keyspace = keyspaceOf();
  const e = keyspace.hashes.create(bufferOf('k'), 0, 1);
  for (let i = 0; i < 1000; i++) {
    const name = String(i);
    keyspace.hashes.set(e, bufferOf(name), 0, name.length, bufferOf(`v${name}`), 0, name.length + 1);
  }
  expect(keyspace.encodingOf(e)).toBe(Encoding.hashtable);
  const random = new Prng(1);
  const seen = new Set<string>();
  for (let i = 0; i < 20_000; i++) {
    const { field, value } = keyspace.hashes.pick(e, random);
    expect(textOf(value)).toBe(`v${textOf(field)}`);
    seen.add(textOf(field));
  }
  expect(seen.size).toBe(1000);
});
