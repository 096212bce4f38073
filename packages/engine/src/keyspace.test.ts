import { ByteBuffer, Prng } from '@kvartz/base';
import { expect, test } from 'vitest';
import { Arena, CheckedModeError, Encoding, KEEP_TTL, Keyspace, type KeyspaceOptions, NO_EXPIRY } from './index.ts';

const start = 1_700_000_000_000;

function bytes(text: string): ByteBuffer {
  return ByteBuffer.from(new TextEncoder().encode(text));
}

/** A keyspace that is spoken to in strings. */
class TextKeyspace {
  readonly arena: Arena;
  readonly inner: Keyspace;
  readonly expired: string[] = [];

  constructor(options: Partial<KeyspaceOptions> = {}) {
    this.arena = options.arena ?? new Arena({ checked: true, segmentBytes: 2 ** 24 });
    this.inner = new Keyspace({
      hashKey: [11, 22],
      onExpired: (_, { buffer, start: from, end }) => {
        this.expired.push(new TextDecoder().decode(buffer.u8.subarray(from, end)));
      },
      ...options,
      arena: this.arena,
    });
    this.inner.nowMs = start;
  }

  set(key: string, value: string, expireAtMs: number = NO_EXPIRY): number {
    const k = bytes(key);
    const v = bytes(value);
    return this.inner.setString(k, 0, k.sizeBytes, v, 0, v.sizeBytes, expireAtMs);
  }

  find(key: string): number {
    return this.inner.find(bytes(key), 0, bytes(key).sizeBytes);
  }

  peek(key: string): number {
    return this.inner.peek(bytes(key), 0, bytes(key).sizeBytes);
  }

  get(key: string): string | undefined {
    const e = this.find(key);
    return e === 0 ? undefined : this.text(this.inner.stringOf(e));
  }

  edit(key: string, length: number): number {
    return this.inner.editString(bytes(key), 0, bytes(key).sizeBytes, length);
  }

  remove(key: string): boolean {
    return this.inner.remove(bytes(key), 0, bytes(key).sizeBytes);
  }

  rename(from: string, to: string): string {
    return this.inner.rename(bytes(from), 0, bytes(from).sizeBytes, bytes(to), 0, bytes(to).sizeBytes);
  }

  keys(): string[] {
    const keys: string[] = [];
    this.inner.forEach((e) => keys.push(this.text(this.inner.keyOf(e))));
    return keys.toSorted();
  }

  text(span: { buffer: ByteBuffer; start: number; end: number }): string {
    return new TextDecoder().decode(span.buffer.u8.subarray(span.start, span.end));
  }
}

for (const [value, encoding] of [
  ['0', 'int'],
  ['-1', 'int'],
  ['9223372036854775807', 'int'],
  ['-9223372036854775808', 'int'],
  ['9223372036854775808', 'embstr'],
  ['00', 'embstr'],
  ['-0', 'embstr'],
  ['+1', 'embstr'],
  [' 1', 'embstr'],
  ['1.5', 'embstr'],
  ['', 'embstr'],
  ['x'.repeat(44), 'embstr'],
  ['x'.repeat(45), 'raw'],
  ['x'.repeat(100_000), 'raw'],
] as const) {
  test(`string: ${value.slice(0, 50)} (${value.length} bytes) is encoded as ${encoding}`, () => {
    const space = new TextKeyspace();
    const e = space.set('k', value);
    expect(space.inner.encodingOf(e)).toBe(Encoding[encoding]);
    expect(space.get('k')).toBe(value);
    expect(space.inner.stringLength(e)).toBe(value.length);
  });
}

test('string: after editString it is raw, however short, until it is set again', () => {
  const space = new TextKeyspace();
  for (const value of ['12345', 'abc']) {
    space.set('k', value);
    const e = space.edit('k', 3);
    expect(space.inner.encodingOf(e)).toBe(Encoding.raw);
    expect(space.get('k')).toBe(value);
    expect(space.inner.encodingOf(space.set('k', value))).not.toBe(Encoding.raw);
  }
});

test('integers: beyond 2^53 a number says so, a bigint is exact', () => {
  const space = new TextKeyspace();
  for (const [text, value] of [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', Infinity],
    ['-9007199254740991', -9007199254740991],
    ['-9007199254740992', -Infinity],
    ['4294967296', 4294967296],
    ['-4294967297', -4294967297],
    ['-2147483648', -2147483648],
    ['2147483648', 2147483648],
  ] as const) {
    const e = space.set('k', text);
    expect(space.inner.integerOf(e)).toBe(value);
    expect(space.inner.int64Of(e)).toBe(BigInt(text));
    expect(space.get('k')).toBe(text);
  }
  expect(space.inner.integerOf(space.set('k', 'x'))).toBeNaN();
});

test('integers: setInteger and storeInteger take any safe integer, setInteger any int64', () => {
  const space = new TextKeyspace();
  const key = bytes('k');
  for (const value of [0, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 1 - 2 ** 53]) {
    const e = space.inner.setInteger(key, 0, 1, value, NO_EXPIRY);
    expect(space.get('k')).toBe(String(value));
    space.inner.storeInteger(e, -value);
    expect(space.get('k')).toBe(String(-value || 0));
  }
  for (const value of [2n ** 63n - 1n, -(2n ** 63n)]) {
    space.inner.setInteger(key, 0, 1, value, NO_EXPIRY);
    expect(space.get('k')).toBe(String(value));
  }
});

test('memory: a key of 16 bytes with a value of 32 is one block of 64', () => {
  const space = new TextKeyspace();
  const e = space.set('k'.repeat(16), 'v'.repeat(32));
  expect(space.arena.blockBytes(e)).toBe(64);
  expect(space.inner.memoryOf(e)).toBe(72);
});

test('memory: setting a TTL, renaming and moving do not copy a large value', () => {
  const space = new TextKeyspace();
  const other = new TextKeyspace({ arena: space.arena });
  const value = 'v'.repeat(1_000_000);
  space.set('k', value);
  const before = space.inner.stringOf(space.find('k')).start;
  const { usedBytes } = space.arena;
  space.inner.setExpireAtMs(space.find('k'), start + 1000);
  expect(space.rename('k', 'a longer name')).toBe('ok');
  expect(space.inner.moveTo(space.find('a longer name'), other.inner)).toBeGreaterThan(0);
  expect(other.inner.stringOf(other.find('a longer name')).start).toBe(before);
  expect(space.arena.peakBytes - usedBytes).toBeLessThan(1000);
  expect(space.inner.keyCount).toBe(0);
});

test('memory: appending byte by byte costs time in proportion to the bytes', () => {
  const space = new TextKeyspace();
  let moves = 0;
  let last = 0;
  for (let length = 1; length <= 300_000; length++) {
    const e = space.edit('k', length);
    const { buffer, start: at } = space.inner.stringOf(e);
    buffer.u8[at + length - 1] = length & 255;
    if (at !== last) moves++;
    last = at;
  }
  expect(moves).toBeLessThan(25);
  const { buffer, start: at } = space.inner.stringOf(space.find('k'));
  for (let i = 1; i <= 300_000; i++) if (buffer.u8[at + i - 1] !== (i & 255)) throw new Error(`byte ${i} is wrong`);
  space.set('k', 'short');
  expect(space.arena.usedBytes).toBeLessThan(200);
});

test('memory: a value may come from the arena, even from the entry that it replaces', () => {
  const space = new TextKeyspace();
  for (const value of ['abcdefgh'.repeat(10), 'abcdefgh'.repeat(1000)]) {
    for (const [from, length] of [
      [0, 80],
      [3, 77],
      [5, 20],
      [79, 1],
      [40, 0],
    ] as const) {
      space.set('k', value);
      const key = bytes('k');
      const { buffer, start: at } = space.inner.stringOf(space.find('k'));
      space.inner.setString(key, 0, 1, buffer, at + from, at + from + length, NO_EXPIRY);
      expect(space.get('k')).toBe(value.slice(from, from + length));
    }
  }
});

test('keys: empty, binary, as long as 65,535 bytes and longer', () => {
  const space = new TextKeyspace();
  const lengths = [0, 1, 254, 255, 256, 65_534, 65_535, 65_536, 300_000];
  for (const length of lengths) {
    expect(space.set('k'.repeat(length), `of ${length}`)).toBeGreaterThan(0);
    space.inner.setExpireAtMs(space.find('k'.repeat(length)), start + 5000);
  }
  for (const length of lengths) {
    expect(space.get('k'.repeat(length))).toBe(`of ${length}`);
    expect(space.inner.keyOf(space.find('k'.repeat(length))).sizeBytes).toBe(length);
  }
  for (const length of lengths) expect(space.remove('k'.repeat(length))).toBe(true);
  expect(space.arena.usedBytes).toBe(0);
});

test('expiry: an entry lives through its last millisecond, then it is removed by whoever meets it', () => {
  const space = new TextKeyspace();
  for (const name of ['find', 'peek', 'remove', 'set', 'edit', 'rename', 'random']) {
    space.set(name, 'v', start + 100);
    expect(space.get(name)).toBe('v');
    space.inner.nowMs = start + 100;
    expect(space.get(name)).toBe('v');
    space.inner.nowMs = start + 101;
    if (name === 'find') expect(space.find(name)).toBe(0);
    if (name === 'peek') expect(space.peek(name)).toBe(0);
    if (name === 'remove') expect(space.remove(name)).toBe(false);
    if (name === 'set') expect(space.inner.expireAtMs(space.set(name, 'new', KEEP_TTL))).toBe(NO_EXPIRY);
    if (name === 'edit') expect(space.inner.stringLength(space.edit(name, 0))).toBe(0);
    if (name === 'rename') expect(space.rename(name, 'x')).toBe('missing');
    if (name === 'random') {
      space.remove('set');
      space.remove('edit');
      expect(space.inner.randomEntry(new Prng(1))).toBe(0);
    }
    expect(space.expired.splice(0)).toEqual([name]);
    space.inner.nowMs = start;
  }
  expect(space.inner.keyCount).toBe(0);
  expect(space.arena.usedBytes).toBe(0);
});

test('expiry: on a replica entries stay, unseen, and what is written takes their place', () => {
  const space = new TextKeyspace();
  space.set('a', '1', start + 1);
  space.set('b', '2', start + 1);
  space.inner.expiryMode = 'hide';
  space.inner.nowMs = start + 2;
  expect(space.get('a')).toBe(undefined);
  expect(space.remove('a')).toBe(false);
  expect(space.keys()).toEqual([]);
  expect(space.inner.scan(0, 1000, () => expect.unreachable())).toBe(0);
  expect(space.inner.randomEntry(new Prng(1))).toBe(0);
  expect(space.inner.keyCount).toBe(2);
  space.set('a', 'new', KEEP_TTL);
  expect(space.inner.expireAtMs(space.find('a'))).toBe(NO_EXPIRY);
  const e = space.edit('b', 2);
  expect(space.text(space.inner.stringOf(e))).toBe('\0\0');
  expect(space.inner.expiringCount).toBe(0);
  expect(space.expired).toEqual([]);
});

test('expiry: while loading time does not matter', () => {
  const space = new TextKeyspace();
  space.inner.expiryMode = 'ignore';
  space.set('a', '1', start - 1000);
  expect(space.get('a')).toBe('1');
  expect(space.inner.expireAtMs(space.find('a'))).toBe(start - 1000);
  space.inner.expiryMode = 'delete';
  expect(space.get('a')).toBe(undefined);
  expect(space.expired).toEqual(['a']);
});

test('expiry: the average time to live follows every change', () => {
  const space = new TextKeyspace();
  expect(space.inner.averageTtlMs).toBe(0);
  space.set('a', '1', start + 1000);
  space.set('b', '1', start + 3000);
  space.set('c', '1');
  expect(space.inner.averageTtlMs).toBe(2000);
  space.inner.setExpireAtMs(space.find('c'), start + 8000);
  expect(space.inner.averageTtlMs).toBe(4000);
  space.inner.setExpireAtMs(space.find('a'), NO_EXPIRY);
  expect(space.inner.averageTtlMs).toBe(5500);
  space.remove('c');
  expect(space.inner.averageTtlMs).toBe(3000);
  space.set('b', '2');
  expect(space.inner.averageTtlMs).toBe(0);
  expect(space.inner.expiringCount).toBe(0);
});

test('use: find counts as use, peek does not; idle time and counter can be set', () => {
  const space = new TextKeyspace();
  space.set('k', 'v');
  space.inner.nowMs = start + 10_000;
  expect(space.inner.idleMs(space.peek('k'))).toBe(10_000);
  expect(space.inner.idleMs(space.find('k'))).toBe(0);
  space.inner.setIdleMs(space.peek('k'), 3_600_000);
  expect(space.inner.idleMs(space.peek('k'))).toBe(3_600_000);
  space.inner.accessPolicy = 'lfu';
  space.set('f', 'v');
  expect(space.inner.lfuCounter(space.peek('f'))).toBe(5);
  space.inner.setLfuCounter(space.peek('f'), 100);
  expect(space.inner.lfuCounter(space.peek('f'))).toBe(100);
  space.set('f', 'other');
  expect(space.inner.lfuCounter(space.peek('f'))).toBeGreaterThanOrEqual(100);
});

test('random entry: each as likely as any other, whatever slots and tables they are in', () => {
  const space = new TextKeyspace({ slotOf: (key, at) => (key.u8[at] % 5) * (key.u8[at] % 3) * 1000 });
  for (let i = 0; i < 1000; i++) space.set(`${i}`, 'v', i % 3 === 0 ? start + 10 : NO_EXPIRY);
  for (let i = 0; i < 800; i++) space.remove(`${i}`);
  space.inner.dropSlot(space.inner.slotOfKey(bytes('9'), 0, 1));
  space.inner.nowMs = start + 11;
  const live = space.keys();
  const random = new Prng(4);
  const counts = new Map<string, number>();
  for (let i = 0; i < live.length * 500; i++) {
    const key = space.text(space.inner.keyOf(space.inner.randomEntry(random)));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect([...counts.keys()].toSorted()).toEqual(live);
  // 500 each, with a standard deviation of 22.
  for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(130);
});

test('expiry: who is told of it may look things up', () => {
  const seen: string[] = [];
  const space = new TextKeyspace({
    onExpired: (keyspace) => {
      seen.push(space.get('other') ?? '', String(keyspace.keyCount));
      space.peek('nothing');
    },
  });
  space.set('other', 'here');
  for (let i = 0; i < 20; i++) space.set(`k${i}`, 'v', start + 1);
  space.inner.nowMs = start + 2;
  expect(space.get('k1')).toBe(undefined);
  expect(seen).toEqual(['here', '21']);
  space.inner.expireCycle({ keysMax: 100, cellsMax: 10_000 }, start + 3);
  expect(space.keys()).toEqual(['other']);
  expect(space.inner.expiringCount).toBe(0);
});

test('who asks is told of each key that comes into being, and of none that is set again', () => {
  const told: string[] = [];
  const space = new TextKeyspace({
    onAdded: (_, { buffer, start: from, end }) => told.push(new TextDecoder().decode(buffer.u8.subarray(from, end))),
  });
  space.set('before', 'v');
  space.inner.tellsAdded = true;
  space.set('before', 'again');
  space.set('a', '1', start + 1);
  space.set('a', 'other');
  space.inner.nowMs = start + 5;
  const [a, b] = [bytes('a'), bytes('b')];
  expect(space.inner.rename(a, 0, 1, b, 0, 1)).toBe('ok');
  space.set('c', 'v', start + 6);
  space.inner.nowMs = start + 10;
  space.set('c', 'expired meanwhile');
  // What takes the place of another key by RENAME or COPY is new, as in Redis.
  const c = bytes('c');
  expect(space.inner.rename(b, 0, 1, c, 0, 1)).toBe('ok');
  expect(space.inner.copyTo(space.peek('c'), space.inner, bytes('before'), 0, 6)).toBeGreaterThan(0);
  expect(told).toEqual(['a', 'b', 'c', 'c', 'c', 'before']);
});

test('slots: counted, listed and dropped one by one', () => {
  const space = new TextKeyspace({ slotOf: (key, at) => key.u8[at] });
  for (let i = 0; i < 3000; i++) space.set(`${'abc'[i % 3]}${i}`, 'v', i % 2 === 0 ? NO_EXPIRY : start + 1000);
  const slotOf = (text: string): number => text.charCodeAt(0);
  expect(space.inner.slotOfKey(bytes('b'), 0, 1)).toBe(slotOf('b'));
  expect(space.inner.slotCount(slotOf('a'))).toBe(1000);
  const listed: string[] = [];
  space.inner.forEachInSlot(slotOf('b'), 10, (e) => listed.push(space.text(space.inner.keyOf(e))));
  expect(listed.length).toBe(10);
  expect(listed.every((key) => key.startsWith('b'))).toBe(true);
  expect(space.inner.dropSlot(slotOf('b'))).toBe(1000);
  expect(space.inner.dropSlot(slotOf('b'))).toBe(0);
  expect(space.inner.keyCount).toBe(2000);
  expect(space.inner.expiringCount).toBe(1000);
  expect(space.keys().some((key) => key.startsWith('b'))).toBe(false);
  const usedBytes = space.arena.usedBytes;
  while (space.inner.freeSome(100));
  expect(space.arena.usedBytes).toBeLessThan(usedBytes - 1000 * 20);
});

test('clear: the last keyspace that holds something frees all memory at once', () => {
  const arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  const spaces = [0, 1, 2].map(() => new TextKeyspace({ arena }));
  for (let round = 0; round < 3; round++) {
    for (const space of spaces) for (let i = 0; i < 3000; i++) space.set(`${i}`, `value ${i}`, start + 5000);
    for (const space of spaces) {
      space.inner.clear();
      expect(space.inner.keyCount).toBe(0);
      expect(space.inner.expiringCount).toBe(0);
      expect(space.get('1')).toBe(undefined);
    }
    expect(arena.usedBytes).toBe(0);
    expect(spaces[0].inner.freeSome(1)).toBe(false);
  }
});

test('clear: beside another keyspace memory is given back bit by bit, or at once when it is short', () => {
  const arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  const space = new TextKeyspace({ arena });
  const other = new TextKeyspace({ arena });
  other.set('stays', 'here');
  const { usedBytes } = arena;
  for (let i = 0; i < 5000; i++) space.set(`${i}`, 'v'.repeat(i % 100 === 0 ? 5000 : 20));
  const fullBytes = arena.usedBytes;
  space.inner.clear();
  expect(arena.usedBytes).toBe(fullBytes);
  expect(space.inner.freeSome(1000)).toBe(true);
  expect(arena.usedBytes).toBeLessThan(fullBytes);
  expect(arena.usedBytes).toBeGreaterThan(usedBytes);
  arena.limitBytes = arena.usedBytes;
  expect(other.set('needs', 'room'.repeat(1000))).toBeGreaterThan(0);
  while (space.inner.freeSome(1000));
  other.remove('needs');
  expect(arena.usedBytes).toBe(usedBytes);
  expect(other.get('stays')).toBe('here');
});

test('scan: a cursor that nobody gave out is answered, too', () => {
  const space = new TextKeyspace();
  for (let i = 0; i < 100; i++) space.set(`${i}`, 'v');
  for (const cursor of [1, 2 ** 31, 2 ** 32 - 1, 2 ** 45 + 12_345, 2 ** 53 - 1, 2 ** 46, -5, 1.5, NaN, Infinity]) {
    const next = space.inner.scan(cursor, 10, () => {});
    expect(next === 0 || (Number.isSafeInteger(next) && next > 0)).toBe(true);
  }
});

test('scan: the work of a call is bounded by its count, and every call moves on', () => {
  const space = new TextKeyspace();
  for (let i = 0; i < 2000; i++) space.set(`${i}`, 'v');
  for (const count of [1, 10, 333, 100_000]) {
    let cursor = 0;
    let calls = 0;
    let visited = 0;
    do {
      let now = 0;
      const next = space.inner.scan(cursor, count, () => now++);
      expect(next === 0 || next > cursor).toBe(true);
      expect(now).toBeLessThan(count + 10);
      cursor = next;
      visited += now;
      calls++;
    } while (cursor !== 0);
    expect(visited).toBe(2000);
    expect(calls).toBeLessThan(2000 / count + 2000);
  }
});

test('checked mode: a reference that has been freed is found', () => {
  const space = new TextKeyspace();
  const e = space.set('k', 'v');
  space.remove('k');
  expect(() => space.inner.stringOf(e)).toThrow(CheckedModeError);
  expect(() => space.inner.setExpireAtMs(e, 5)).toThrow(CheckedModeError);
  expect(() => space.inner.removeEntry(e)).toThrow(CheckedModeError);
});

test('a key that is looked for again and again is found as it is now', () => {
  const keyspace = new TextKeyspace();
  for (let i = 0; i < 200; i++) keyspace.set(`key:${i}`, 'one');
  expect(keyspace.get('key:100')).toBe('one');
  keyspace.set('key:100', 'two');
  expect(keyspace.get('key:100')).toBe('two');
  expect(keyspace.remove('key:100')).toBe(true);
  expect(keyspace.get('key:100')).toBeUndefined();
  expect(keyspace.remove('key:100')).toBe(false);
  keyspace.set('key:100', 'three', start + 10);
  expect(keyspace.get('key:100')).toBe('three');
  // It goes as it is met, and comes into the table of its own hash again.
  keyspace.inner.nowMs = start + 11;
  keyspace.set('key:100', 'four');
  expect(keyspace.get('key:100')).toBe('four');
  expect(keyspace.rename('key:100', 'key:999')).toBe('ok');
  expect(keyspace.get('key:100')).toBeUndefined();
  expect(keyspace.get('key:999')).toBe('four');
  keyspace.inner.clear();
  expect(keyspace.get('key:999')).toBeUndefined();
  keyspace.set('key:999', 'five');
  expect(keyspace.get('key:999')).toBe('five');
});
