import { Prng } from '@kvartz/base';
import { describe, expect, test } from 'vitest';
import { bufferOf, textOf } from '../../test/model.ts';
import { Arena, Encoding, type EntryRef, FieldResult, Keyspace } from '../index.ts';

interface Field {
  value: string;
  /** Infinity: none. */
  atMs: number;
}

const key = bufferOf('key');
const wide = { keysMax: Infinity, cellsMax: Infinity };

/** A keyspace with one hash beside a Map; whatever is told of expired fields is taken out of the Map. */
class FieldModel {
  readonly keyspace: Keyspace;
  readonly map = new Map<string, Field>();
  readonly random: Prng;
  readonly told: string[] = [];
  nowMs = 1_000_000;

  constructor(seed: number, entriesMax: number) {
    this.random = new Prng(seed);
    this.keyspace = new Keyspace({
      arena: new Arena({ segmentBytes: 2 ** 20, checked: true }),
      hashKey: [1, 2],
      onFieldExpired: (_, name, field) => {
        expect(textOf(name)).toBe('key');
        const text = textOf(field);
        expect(this.map.get(text)!.atMs).toBeLessThan(this.nowMs);
        this.map.delete(text);
      },
      onFieldsExpired: (_, name, isGone) => {
        expect(isGone).toBe(this.map.size === 0);
        this.told.push(textOf(name));
      },
    });
    this.keyspace.limits.hashMaxListpackEntries = entriesMax;
    this.keyspace.nowMs = this.nowMs;
  }

  get entry(): EntryRef {
    return this.keyspace.find(key, 0, 3);
  }

  below(n: number): number {
    return this.random.uint32() % n;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    this.keyspace.nowMs = this.nowMs;
  }

  isVisible({ atMs }: Field): boolean {
    return atMs >= this.nowMs;
  }

  /** Sets a field in both; a failed allocation changes neither. */
  set(name: string, value: string, isTimeKept: boolean): void {
    const { hashes } = this.keyspace;
    const e = this.entry || hashes.create(key, 0, 3);
    if (e === 0) return;
    const old = this.map.get(name);
    const result = hashes.set(e, bufferOf(name), 0, name.length, bufferOf(value), 0, value.length, isTimeKept);
    if (result !== FieldResult.noMemory) {
      expect(result).toBe(old === undefined ? FieldResult.added : FieldResult.changed);
      this.map.set(name, { value, atMs: isTimeKept && old !== undefined ? old.atMs : Infinity });
    } else if (this.map.size === 0) this.keyspace.removeEntry(e);
  }

  setTime(name: string, atMs: number): void {
    const field = this.map.get(name);
    if (field === undefined) return;
    const isSet = this.keyspace.hashes.timed.setTime(this.entry, bufferOf(name), 0, name.length, atMs);
    if (isSet) field.atMs = atMs;
    else expect(atMs).not.toBe(Infinity);
  }

  remove(name: string): void {
    const e = this.entry;
    if (e === 0) return;
    expect(this.keyspace.hashes.remove(e, bufferOf(name), 0, name.length)).toBe(this.map.delete(name));
    if (this.map.size === 0) this.keyspace.removeEntry(e);
  }

  /** Every answer of the engine beside that of the Map. */
  check(names: readonly string[]): void {
    const { keyspace, map } = this;
    const e = this.entry;
    expect(e !== 0).toBe(map.size > 0);
    const soonest = Math.min(Infinity, ...[...map.values()].map(({ atMs }) => atMs));
    expect(keyspace.partlyExpiringCount).toBe(soonest === Infinity ? 0 : 1);
    if (e === 0) return;
    const { hashes } = keyspace;
    const visible = [...map].filter(([, field]) => this.isVisible(field));
    expect(hashes.timed.soonestOf(e)).toBe(soonest);
    expect(keyspace.countOf(e)).toBe(map.size);
    expect(hashes.visibleCount(e)).toBe(visible.length);
    for (const name of names) {
      const field = map.get(name);
      const at = bufferOf(name);
      const isThere = field !== undefined && this.isVisible(field);
      expect(hashes.get(e, at, 0, name.length) ? textOf(hashes.value) : undefined).toBe(
        isThere ? field.value : undefined,
      );
      expect(hashes.has(e, at, 0, name.length)).toBe(isThere);
      expect(hashes.valueLength(e, at, 0, name.length)).toBe(isThere ? field.value.length : -1);
      expect(hashes.timed.timeOf(e, at, 0, name.length)).toBe(field === undefined ? NaN : field.atMs);
    }
    const found = new Map<string, Field>();
    const times: number[] = [];
    for (const walk = hashes.walk(e); walk.next();) {
      found.set(textOf(walk.field), { value: textOf(walk.value), atMs: walk.expireAtMs });
      times.push(walk.expireAtMs);
    }
    expect(found).toEqual(new Map(visible));
    if (keyspace.encodingOf(e) === Encoding.listpackex) expect(times).toEqual(times.toSorted((a, b) => a - b));
    const scanned = new Map<string, string>();
    let cursor = 0;
    do {
      cursor = hashes.scan(e, cursor, 10, ({ field, value }) => scanned.set(textOf(field), textOf(value)));
    } while (cursor !== 0);
    expect(scanned).toEqual(new Map(visible.map(([name, { value }]) => [name, value])));
    if (visible.length > 0) expect(found.has(textOf(hashes.pick(e, this.random).field))).toBe(true);
  }
}

for (const [names, entriesMax, valueMax, failRatio] of [
  [4, 20, 20, 0],
  [18, 20, 70, 0],
  [40, 20, 70, 0.15],
  [200, 0, 40, 0],
  [200, 0, 40, 0.15],
] as const)
  test(`against a Map: ${names} fields, packed up to ${entriesMax}, ${failRatio * 100}% of operations without memory`, () => {
    for (let round = 0; round < 4; round++) {
      const model = new FieldModel(names + round, entriesMax);
      const { keyspace } = model;
      const all = Array.from({ length: names }, (_, i) => (i % 3 === 0 ? String(i * 1000) : `field ${i}`));
      for (let i = 0; i < 800; i++) {
        const name = all[model.below(names)];
        const kind = model.below(16);
        const value = model.below(3) === 0 ? String(model.below(100_000)) : 'v'.repeat(model.below(valueMax));
        if (failRatio > 0 && model.random.uint32() < failRatio * 2 ** 32)
          keyspace.arena.guard!.failAfter = model.below(4);
        if (kind < 5) model.set(name, value, model.below(2) === 0);
        else if (kind < 10) model.setTime(name, model.nowMs + model.below(50) * 10);
        else if (kind < 11) model.setTime(name, Infinity);
        else if (kind < 13) model.remove(name);
        else if (kind < 14) {
          if (model.entry !== 0) keyspace.expireField(model.entry, bufferOf(name), 0, name.length);
        } else if (kind < 15) model.advance(model.below(40));
        else if (model.below(2) === 0) {
          if (model.entry !== 0) keyspace.expireFields(model.entry, 1 + model.below(3));
        } else {
          keyspace.expireCycle(
            model.below(2) === 0 ? wide : { keysMax: 1 + model.below(3), cellsMax: 100 },
            model.nowMs,
          );
        }
        keyspace.arena.guard!.failAfter = -1;
        if (i % 20 === 0) model.check(all);
      }
      model.advance(1000);
      // Moments before which a slot is not looked at again.
      for (let i = 0; i < 10; i++) {
        model.advance(1000);
        keyspace.expireCycle(wide, model.nowMs);
      }
      model.check(all);
      expect([...model.map.values()].every(({ atMs }) => atMs === Infinity)).toBe(true);
      if (model.entry !== 0) keyspace.removeEntry(model.entry);
      while (keyspace.freeSome(1000));
      expect(keyspace.keyCount).toBe(0);
      expect(keyspace.partlyExpiringCount).toBe(0);
      expect(keyspace.arena.usedBytes).toBeLessThan(1000);
    }
  });

describe.each([
  ['listpackex', 100, Encoding.listpackex],
  ['hashtableex', 0, Encoding.hashtableex],
] as const)('%s', (_, entriesMax, encoding) => {
  function filled(fields: number): FieldModel {
    const model = new FieldModel(1, entriesMax);
    for (let i = 0; i < fields; i++) model.set(`f${i}`, `v${i}`, false);
    return model;
  }

  test('the encoding begins with the first time and stays', () => {
    const model = filled(3);
    const before = model.keyspace.encodingOf(model.entry);
    expect(before).toBe(entriesMax === 0 ? Encoding.hashtable : Encoding.listpack);
    model.setTime('f1', Infinity);
    expect(model.keyspace.encodingOf(model.entry)).toBe(before);
    model.setTime('f1', model.nowMs + 1);
    expect(model.keyspace.encodingOf(model.entry)).toBe(encoding);
    model.setTime('f1', Infinity);
    expect(model.keyspace.encodingOf(model.entry)).toBe(encoding);
    model.check(['f0', 'f1', 'f2']);
  });

  test('what has expired is hidden on a replica, and all is seen while loading', () => {
    const model = filled(2);
    const { hashes } = model.keyspace;
    model.setTime('f0', model.nowMs);
    model.advance(1);
    const has = (): boolean => hashes.has(model.entry, bufferOf('f0'), 0, 2);
    for (const mode of ['hide', 'ignore'] as const) {
      model.keyspace.expiryMode = mode;
      expect(has()).toBe(mode === 'ignore');
      expect(hashes.visibleCount(model.entry)).toBe(mode === 'ignore' ? 2 : 1);
      model.keyspace.expireCycle(wide, model.nowMs);
      expect(model.keyspace.expireField(model.entry, bufferOf('f0'), 0, 2)).toBe(model.entry);
      expect(model.keyspace.countOf(model.entry)).toBe(2);
    }
    expect(model.told).toEqual([]);
  });

  test('the times go where the hash goes', () => {
    const model = filled(70);
    const { keyspace } = model;
    const other = new Keyspace({ arena: keyspace.arena, hashKey: [1, 2] });
    for (let i = 0; i < 60; i++) model.setTime(`f${i}`, model.nowMs + 100);
    const counts = (): number[] => [keyspace.partlyExpiringCount, other.partlyExpiringCount];
    const copy = bufferOf('copy');
    const named = bufferOf('named');
    keyspace.copyTo(model.entry, keyspace, copy, 0, 4);
    expect(counts()).toEqual([2, 0]);
    const e = keyspace.find(copy, 0, 4);
    expect(keyspace.hashes.timed.timeOf(e, bufferOf('f3'), 0, 2)).toBe(model.nowMs + 100);
    expect(keyspace.rename(copy, 0, 4, named, 0, 5)).toBe('ok');
    expect(counts()).toEqual([2, 0]);
    keyspace.setExpireAtMs(keyspace.find(named, 0, 5), model.nowMs + 1e6);
    expect(counts()).toEqual([2, 0]);
    expect(keyspace.expiringCount).toBe(1);
    keyspace.moveTo(keyspace.find(named, 0, 5), other);
    expect(counts()).toEqual([1, 1]);
    keyspace.copyTo(model.entry, other, copy, 0, 4);
    keyspace.copyTo(model.entry, other, named, 0, 5);
    expect(counts()).toEqual([1, 2]);
    other.setString(copy, 0, 4, named, 0, 5, -1);
    expect(counts()).toEqual([1, 1]);
    other.nowMs = model.nowMs;
    other.expireCycle(wide, model.nowMs + 101);
    expect(other.countOf(other.find(named, 0, 5))).toBe(10);
    expect(counts()).toEqual([1, 0]);
    keyspace.copyTo(model.entry, other, copy, 0, 4);
    other.dropSlot(other.slotOfKey(copy, 0, 4));
    expect(counts()).toEqual([1, 0]);
    keyspace.copyTo(model.entry, other, copy, 0, 4);
    other.clear();
    expect(counts()).toEqual([1, 0]);
    keyspace.clear();
    expect(counts()).toEqual([0, 0]);
  });

  test('a key that only has fields with times is no key that expires', () => {
    const model = filled(3);
    model.setTime('f0', model.nowMs + 100);
    const { keyspace } = model;
    expect(keyspace.randomEntry(model.random, true)).toBe(0);
    const other = bufferOf('other');
    // In the same slot, so that both are candidates.
    const slotted = new Keyspace({ arena: keyspace.arena, hashKey: [1, 2], slotOf: () => 7 });
    slotted.nowMs = model.nowMs;
    keyspace.copyTo(model.entry, slotted, key, 0, 3);
    const expiring = slotted.setString(other, 0, 5, other, 0, 5, model.nowMs + 100);
    for (let i = 0; i < 50; i++) expect(slotted.randomEntry(model.random, true)).toBe(expiring);
    expect([slotted.expiringCount, slotted.partlyExpiringCount]).toEqual([1, 1]);
    slotted.remove(other, 0, 5);
    slotted.expireCycle(wide, model.nowMs + 101);
    expect(slotted.countOf(slotted.find(key, 0, 3))).toBe(2);
  });

  test('a copy has all there is, or nothing when memory ends', () => {
    const model = filled(80);
    for (let i = 0; i < 70; i++) model.setTime(`f${i}`, model.nowMs + 1 + (i % 7));
    const { arena } = model.keyspace;
    for (let failAfter = 0; ; failAfter++) {
      const used = arena.usedBytes;
      arena.guard!.failAfter = failAfter;
      const e = model.keyspace.copyTo(model.entry, model.keyspace, bufferOf('copy'), 0, 4);
      arena.guard!.failAfter = -1;
      if (e === 0) {
        while (model.keyspace.freeSome(1000));
        expect(arena.usedBytes).toBe(used);
        continue;
      }
      const copied = new Map<string, Field>();
      for (const walk = model.keyspace.hashes.walk(e); walk.next();) {
        copied.set(textOf(walk.field), { value: textOf(walk.value), atMs: walk.expireAtMs });
      }
      expect(copied).toEqual(model.map);
      break;
    }
  });

  test('the cycle removes what is due, as much as it may at a time, and the key with the last field', () => {
    const model = filled(90);
    for (let i = 0; i < 90; i++) model.setTime(`f${i}`, model.nowMs + i);
    model.advance(50);
    expect(model.keyspace.expireCycle({ keysMax: 20, cellsMax: 2048 }, model.nowMs)).toMatchObject({
      removed: 20,
      isDone: false,
    });
    expect([...model.map.keys()][0]).toBe('f20');
    expect(model.keyspace.expireCycle(wide, model.nowMs)).toMatchObject({ removed: 30, isDone: true });
    model.advance(1000);
    expect(model.keyspace.expireCycle(wide, model.nowMs)).toMatchObject({ removed: 40, isDone: true });
    expect(model.keyspace.keyCount).toBe(0);
    expect(model.told).toEqual(['key', 'key', 'key']);
  });

  test('MEMORY USAGE counts every block, records from a sample', () => {
    const model = filled(90);
    const before = model.keyspace.arena.usedBytes - model.keyspace.memoryOf(model.entry);
    for (let i = 0; i < 50; i++) model.setTime(`f${i}`, model.nowMs + i);
    expect(Math.abs(model.keyspace.arena.usedBytes - model.keyspace.memoryOf(model.entry) - before)).toBeLessThan(100);
  });
});
