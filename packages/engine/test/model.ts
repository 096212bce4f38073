import { AssertionError, ByteBuffer, Prng } from '@kvartz/base';
import { Arena, type EntryRef, KEEP_TTL, Keyspace, NO_EXPIRY, ValueType } from '../src/index.ts';

/** What a key holds, by the model: one char per byte. */
interface ModelEntry {
  value: string;
  expireAtMs: number;
  isRaw: boolean;
}

interface Scan {
  cursor: number;
  /** Keys that have been there, alive, since the scan began. */
  readonly steady: Set<string>;
  readonly visits: Map<string, number>;
  isNew: boolean;
}

export interface ModelOptions {
  readonly seed: number;
  readonly databases?: number;
  readonly keys?: number;
  readonly segmentBytes?: number;
  readonly limitBytes?: number;
  /** Share of operations during which an allocation is made to fail. */
  readonly failRatio?: number;
  /** Slots that keys may fall into: few of them make large tables. */
  readonly slots?: number;
  readonly valueBytesMax?: number;
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

export function bufferOf(text: string): ByteBuffer {
  const buffer = new ByteBuffer(text.length);
  for (let i = 0; i < text.length; i++) buffer.u8[i] = text.charCodeAt(i);
  return buffer;
}

export function textOf(span: { buffer: ByteBuffer; start: number; end: number }): string {
  let text = '';
  for (let i = span.start; i < span.end; i++) text += String.fromCharCode(span.buffer.u8[i]);
  return text;
}

const canonicalInteger = /^(0|-?[1-9][0-9]{0,18})$/;

function isInteger64(text: string): boolean {
  if (!canonicalInteger.test(text)) return false;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

/** Several keyspaces over one arena beside a plain Map each: random operations, compared as they go. */
export class ModelTest {
  readonly arena: Arena;
  readonly spaces: Keyspace[] = [];
  readonly maps: Map<string, ModelEntry>[] = [];
  readonly random: Prng;
  nowMs = 1_700_000_000_000;
  /** How often each thing happened, so that a run that tests nothing is seen. */
  readonly counts: Record<string, number> = {};
  readonly #options: Required<ModelOptions>;
  readonly #scans: { database: number; scan: Scan }[] = [];
  #expirations = 0;

  constructor(options: ModelOptions) {
    this.#options = {
      databases: 3,
      keys: 2000,
      segmentBytes: 2 ** 18,
      limitBytes: Infinity,
      failRatio: 0.02,
      slots: 16_384,
      valueBytesMax: 3000,
      ...options,
    };
    this.random = new Prng(options.seed);
    this.arena = new Arena({
      checked: true,
      segmentBytes: this.#options.segmentBytes,
      limitBytes: this.#options.limitBytes,
    });
    for (let i = 0; i < this.#options.databases; i++) {
      const { slots } = this.#options;
      this.spaces.push(
        new Keyspace({
          arena: this.arena,
          hashKey: [this.random.uint32(), this.random.uint32()],
          slotOf: slots === 16_384 ? undefined : (key, start, end) => (key.u8[end - 1] + end - start) % slots,
          onExpired: (_, key) => {
            check(!this.maps[i].has(textOf(key)), `${textOf(key)} expired before its time`);
            this.#expirations++;
          },
        }),
      );
      this.maps.push(new Map());
    }
    this.#setNow(0);
  }

  run(operations: number): void {
    for (let i = 0; i < operations; i++) {
      try {
        this.#step(i);
      } catch (error) {
        throw new Error(`seed ${this.#options.seed}, operation ${i}: ${String(error)}`, { cause: error });
      }
    }
    for (let database = 0; database < this.spaces.length; database++) this.#compareAll(database);
  }

  #step(i: number): void {
    const database = this.random.below(this.spaces.length);
    const failing = this.random.chance(this.#options.failRatio);
    // Grows and shrinks in waves, so that tables do both.
    const isGrowing = Math.floor(i / 20_000) % 2 === 0;
    const dice = this.random.below(1000);
    if (failing) this.#guard.failAfter = this.random.below(4);
    if (dice < (isGrowing ? 300 : 150)) this.#set(database);
    else if (dice < 350) this.#setInteger(database);
    else if (dice < 500) this.#find(database);
    else if (dice < (isGrowing ? 540 : 650)) this.#remove(database);
    else if (dice < 700) this.#expire(database);
    else if (dice < 780) this.#edit(database);
    else if (dice < 810) this.#storeInteger(database);
    else if (dice < 850) this.#rename(database);
    else if (dice < 880) this.#copy(database);
    else if (dice < 900) this.#move(database);
    else if (dice < 920) this.#randomEntry(database);
    else if (dice < 970) this.#scan(database);
    else if (dice < 980) this.#setNow(this.random.below(400));
    else if (dice < 990) this.#cycle(database);
    else if (dice < 995) this.spaces[database].freeSome(this.random.below(200));
    else if (dice < 998) this.#dropSlot(database);
    else if (this.random.chance(0.02)) this.#clear(database);
    else this.#compareAll(database);
    this.#guard.failAfter = -1;
  }

  get #guard(): { failAfter: number } {
    return this.arena.guard as { failAfter: number };
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  #key(): string {
    const n = this.random.below(this.#options.keys);
    // Some are long, a few very long.
    return n % 50 === 0 ? `key:${n}:${'long'.repeat(40)}` : n % 401 === 0 ? `${'k'.repeat(66_000)}${n}` : `key:${n}`;
  }

  #value(): string {
    const kind = this.random.below(10);
    if (kind < 3) return String(this.random.uint32() - 2 ** 31);
    if (kind === 3)
      return String(BigInt.asIntN(64, (BigInt(this.random.uint32()) << 32n) | BigInt(this.random.uint32())));
    if (kind === 4) return ['', '-', '007', '-0', '9223372036854775808', ' 1', '1 ', '+1', '1e3'][this.random.below(9)];
    const max = this.random.chance(0.1) ? this.#options.valueBytesMax : 80;
    return this.#bytes(this.random.below(max + 1));
  }

  #bytes(length: number): string {
    const start = this.random.below(256);
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode((start + i * 7) & 255);
    return text;
  }

  /** Runs a change that may run out of memory, which must then have changed nothing. True when it was done. */
  #attempt(change: () => boolean): boolean {
    const usedBytes = this.arena.usedBytes;
    const counts = this.spaces.map((space) => space.keyCount);
    const expiring = this.spaces.map((space) => space.expiringCount);
    const expirations = this.#expirations;
    if (change()) return true;
    this.#count('oom');
    check(this.#guard.failAfter === -1 || this.#options.limitBytes !== Infinity, 'out of memory without a reason');
    // Things that were waiting to be freed may have been freed, and a key that was due removed, on the way.
    if (expirations === this.#expirations) {
      check(this.arena.usedBytes <= usedBytes, `${this.arena.usedBytes - usedBytes} bytes lost when out of memory`);
      for (const [i, space] of this.spaces.entries()) {
        check(space.keyCount === counts[i] && space.expiringCount === expiring[i], 'counts changed when out of memory');
      }
    }
    return false;
  }

  #put(database: number, key: string, entry: ModelEntry): void {
    const map = this.maps[database];
    if (!map.has(key)) this.#leave(database, key);
    map.set(key, entry);
  }

  #take(database: number, key: string): boolean {
    this.#leave(database, key);
    return this.maps[database].delete(key);
  }

  #leave(database: number, key: string): void {
    for (const running of this.#scans) if (running.database === database) running.scan.steady.delete(key);
  }

  #compare(database: number, key: string, e: EntryRef): void {
    const space = this.spaces[database];
    const expected = this.maps[database].get(key);
    if (expected === undefined) {
      check(e === 0, `${key} should be absent`);
      return;
    }
    check(e !== 0, `${key} is missing`);
    check(textOf(space.keyOf(e)) === key, `key of ${key}`);
    check(space.typeOf(e) === ValueType.string, `type of ${key}`);
    const value = textOf(space.stringOf(e));
    check(value === expected.value, `${key} is ${value}, not ${expected.value}`);
    check(space.stringLength(e) === expected.value.length, `length of ${key}`);
    const at = expected.expireAtMs === Infinity ? NO_EXPIRY : expected.expireAtMs;
    check(space.expireAtMs(e) === at, `${key} expires at ${space.expireAtMs(e)}, not ${at}`);
    const encoding = space.encodingOf(e);
    const isInt = !expected.isRaw && isInteger64(expected.value);
    const wanted = isInt ? 1 : expected.isRaw || expected.value.length > 44 ? 0 : 8;
    check(encoding === wanted, `encoding of ${key} is ${encoding}, not ${wanted}`);
    if (isInt) check(space.int64Of(e) === BigInt(expected.value), `int64 of ${key}`);
  }

  #find(database: number): void {
    const key = this.#key();
    const buffer = bufferOf(key);
    const space = this.spaces[database];
    const e = this.random.chance(0.5) ? space.find(buffer, 0, key.length) : space.peek(buffer, 0, key.length);
    this.#compare(database, key, e);
    if (e !== 0) this.#count('found');
  }

  #set(database: number): void {
    const space = this.spaces[database];
    const key = this.#key();
    const keyBuffer = bufferOf(key);
    let value = this.#value();
    let buffer = bufferOf(value);
    let start = 0;
    const source = this.random.chance(0.1) ? this.#key() : undefined;
    if (source !== undefined) {
      // A value that lies in the arena: part of another string, or of the one that is overwritten.
      const e = space.peek(bufferOf(source), 0, source.length);
      if (e !== 0) {
        const span = space.stringOf(e);
        start = span.start + this.random.below(span.end - span.start + 1);
        buffer = span.buffer;
        value = textOf({ buffer, start, end: span.end });
      }
    }
    const expiry = this.#expiry();
    const old = this.maps[database].get(key);
    const at = expiry === NO_EXPIRY ? Infinity : expiry === KEEP_TTL ? (old?.expireAtMs ?? Infinity) : expiry;
    let e = 0;
    const done = this.#attempt(() => {
      e = space.setString(keyBuffer, 0, key.length, buffer, start, start + value.length, expiry);
      return e !== 0;
    });
    if (!done) return this.#unchanged(database, key);
    this.#put(database, key, { value, expireAtMs: at, isRaw: false });
    this.#compareSoon(database, key, e, at);
    this.#count(old === undefined ? 'added' : 'overwritten');
  }

  /** The entry that a change returned is the one that is found; unless it has expired already. */
  #compareSoon(database: number, key: string, e: EntryRef, at: number): void {
    if (at < this.nowMs) {
      this.#take(database, key);
      return;
    }
    check(this.spaces[database].peek(bufferOf(key), 0, key.length) === e, `${key} is not where it was put`);
    this.#compare(database, key, e);
  }

  #unchanged(database: number, key: string): void {
    this.#guard.failAfter = -1;
    this.#compare(database, key, this.spaces[database].peek(bufferOf(key), 0, key.length));
  }

  #expiry(): number {
    const kind = this.random.below(10);
    if (kind < 5) return NO_EXPIRY;
    if (kind < 6) return KEEP_TTL;
    if (kind === 6) return [-3, 0, 2 ** 53 - 1, this.nowMs, this.nowMs - 1][this.random.below(5)];
    return this.nowMs + this.random.below(5000);
  }

  #setInteger(database: number): void {
    const key = this.#key();
    const value = this.random.chance(0.3)
      ? BigInt.asIntN(64, (BigInt(this.random.uint32()) << 32n) | BigInt(this.random.uint32()))
      : this.random.uint32() - 2 ** 31;
    const expiry = this.#expiry();
    const old = this.maps[database].get(key);
    const at = expiry === NO_EXPIRY ? Infinity : expiry === KEEP_TTL ? (old?.expireAtMs ?? Infinity) : expiry;
    let e = 0;
    const done = this.#attempt(() => {
      e = this.spaces[database].setInteger(bufferOf(key), 0, key.length, value, expiry);
      return e !== 0;
    });
    if (!done) return this.#unchanged(database, key);
    this.#put(database, key, { value: String(value), expireAtMs: at, isRaw: false });
    this.#compareSoon(database, key, e, at);
  }

  #remove(database: number): void {
    const key = this.#key();
    const space = this.spaces[database];
    if (this.random.chance(0.5)) {
      const removed = space.remove(bufferOf(key), 0, key.length);
      check(removed === this.#take(database, key), `removal of ${key}`);
      if (removed) this.#count('removed');
      return;
    }
    const e = space.find(bufferOf(key), 0, key.length);
    check((e !== 0) === this.maps[database].has(key), `presence of ${key}`);
    if (e === 0) return;
    // Something else is looked up in between, so that the entry has to be located again.
    if (this.random.chance(0.5)) space.peek(bufferOf('elsewhere'), 0, 9);
    space.removeEntry(e);
    this.#take(database, key);
  }

  #expire(database: number): void {
    const key = this.#key();
    const space = this.spaces[database];
    const e = space.find(bufferOf(key), 0, key.length);
    const entry = this.maps[database].get(key);
    if (e === 0 || entry === undefined) return this.#compare(database, key, e);
    if (this.random.chance(0.5)) space.peek(bufferOf('elsewhere'), 0, 9);
    const expiry = this.random.chance(0.3) ? NO_EXPIRY : this.nowMs + this.random.below(3000);
    let moved = 0;
    const done = this.#attempt(() => {
      moved = space.setExpireAtMs(e, expiry);
      return moved !== 0;
    });
    if (!done) return this.#unchanged(database, key);
    entry.expireAtMs = expiry === NO_EXPIRY ? Infinity : expiry;
    this.#compareSoon(database, key, moved, entry.expireAtMs);
  }

  #edit(database: number): void {
    const key = this.#key();
    const space = this.spaces[database];
    const old = this.maps[database].get(key);
    const before = old?.value ?? '';
    const piece = this.#bytes(this.random.below(this.random.chance(0.05) ? this.#options.valueBytesMax : 40));
    const offset = this.random.chance(0.7) ? before.length : this.random.below(before.length + 50);
    let e = 0;
    const length = offset + piece.length;
    const done = this.#attempt(() => {
      e = space.editString(bufferOf(key), 0, key.length, length);
      return e !== 0;
    });
    if (!done) return this.#unchanged(database, key);
    const span = space.stringOf(e);
    check(span.end - span.start === Math.max(length, before.length), 'length after editString');
    for (let i = 0; i < piece.length; i++) span.buffer.u8[span.start + offset + i] = piece.charCodeAt(i);
    const value = before.slice(0, offset).padEnd(offset, '\0') + piece + before.slice(length);
    const at = old?.expireAtMs ?? Infinity;
    this.#put(database, key, { value, expireAtMs: at, isRaw: true });
    this.#compareSoon(database, key, e, at);
    this.#count('edited');
  }

  #storeInteger(database: number): void {
    const key = this.#key();
    const space = this.spaces[database];
    const e = space.find(bufferOf(key), 0, key.length);
    const entry = this.maps[database].get(key);
    this.#compare(database, key, e);
    if (e === 0 || entry === undefined || Number.isNaN(space.integerOf(e))) return;
    const exact = space.integerOf(e);
    if (Number.isFinite(exact)) check(String(exact) === entry.value, 'integerOf');
    else check(!Number.isSafeInteger(Number(entry.value)), 'integerOf says not safe');
    const value = (this.random.uint32() - 2 ** 31) * (this.random.chance(0.3) ? 2 ** 21 : 1);
    space.storeInteger(e, value);
    entry.value = String(value);
    this.#compare(database, key, e);
    this.#count('integers stored');
  }

  #rename(database: number): void {
    const space = this.spaces[database];
    const map = this.maps[database];
    const from = this.#key();
    const to = this.random.chance(0.1) ? from : this.#key();
    const entry = map.get(from);
    let result = 'missing';
    const done = this.#attempt(() => {
      result = space.rename(bufferOf(from), 0, from.length, bufferOf(to), 0, to.length);
      return result !== 'oom';
    });
    if (!done) {
      this.#unchanged(database, from);
      return this.#unchanged(database, to);
    }
    check(result === (entry === undefined ? 'missing' : 'ok'), `rename is ${result}`);
    if (entry === undefined || from === to) return;
    this.#take(database, from);
    this.#put(database, to, entry);
    this.#compare(database, from, space.peek(bufferOf(from), 0, from.length));
    this.#compare(database, to, space.peek(bufferOf(to), 0, to.length));
    this.#count('renamed');
  }

  #copy(database: number): void {
    const target = this.random.below(this.spaces.length);
    const from = this.#key();
    const to = this.#key();
    const e = this.spaces[database].find(bufferOf(from), 0, from.length);
    const entry = this.maps[database].get(from);
    if (e === 0 || entry === undefined || (target === database && from === to)) return;
    let copy = 0;
    const done = this.#attempt(() => {
      copy = this.spaces[database].copyTo(e, this.spaces[target], bufferOf(to), 0, to.length);
      return copy !== 0;
    });
    if (!done) return this.#unchanged(target, to);
    this.#put(target, to, { ...entry });
    this.#compareSoon(target, to, copy, entry.expireAtMs);
    this.#compare(database, from, this.spaces[database].peek(bufferOf(from), 0, from.length));
    this.#count('copied');
  }

  #move(database: number): void {
    const target = this.random.below(this.spaces.length);
    const key = this.#key();
    const e = this.spaces[database].find(bufferOf(key), 0, key.length);
    const entry = this.maps[database].get(key);
    if (e === 0 || entry === undefined) return;
    const isPresent = this.maps[target].has(key);
    let moved = 0;
    const done = this.#attempt(() => {
      moved = this.spaces[database].moveTo(e, this.spaces[target]);
      return moved !== 0 || isPresent;
    });
    if (!done || isPresent) {
      check(moved === 0, 'moved onto a key that is there');
      this.#unchanged(database, key);
      return this.#unchanged(target, key);
    }
    this.#take(database, key);
    this.#put(target, key, entry);
    this.#compareSoon(target, key, moved, entry.expireAtMs);
    this.#compare(database, key, this.spaces[database].peek(bufferOf(key), 0, key.length));
    this.#count('moved');
  }

  #randomEntry(database: number): void {
    const e = this.spaces[database].randomEntry(this.random);
    const map = this.maps[database];
    check((e === 0) === (map.size === 0), `random entry ${e} of ${map.size}`);
    if (e !== 0) this.#compare(database, textOf(this.spaces[database].keyOf(e)), e);
  }

  #scan(database: number): void {
    let running = this.#scans.find((scan) => scan.database === database && this.random.chance(0.7));
    if (running === undefined) {
      const steady = new Set(this.maps[database].keys());
      running = { database, scan: { cursor: 0, steady, visits: new Map(), isNew: true } };
      this.#scans.push(running);
    }
    const { scan } = running;
    const space = this.spaces[database];
    scan.cursor = space.scan(scan.cursor, 1 + this.random.below(60), (e) => {
      const key = textOf(space.keyOf(e));
      check(this.maps[database].has(key), `scan visits ${key}, which is not there`);
      scan.visits.set(key, (scan.visits.get(key) ?? 0) + 1);
    });
    check(Number.isSafeInteger(scan.cursor) && scan.cursor >= 0, `cursor ${scan.cursor}`);
    if (scan.cursor !== 0) return;
    this.#scans.splice(this.#scans.indexOf(running), 1);
    for (const key of scan.steady)
      check(scan.visits.get(key) === 1, `scan visited ${key} ${scan.visits.get(key)} times`);
    this.#count('scans');
  }

  #setNow(forwardMs: number): void {
    this.nowMs += forwardMs;
    for (const [database, space] of this.spaces.entries()) {
      space.nowMs = this.nowMs;
      for (const [key, entry] of this.maps[database]) if (entry.expireAtMs < this.nowMs) this.#take(database, key);
    }
  }

  #cycle(database: number): void {
    const space = this.spaces[database];
    const budget = { keysMax: 1 + this.random.below(100), cellsMax: 1 + this.random.below(5000) };
    const before = space.keyCount;
    const { removed, isDone } = space.expireCycle(budget, this.nowMs);
    check(removed <= budget.keysMax && space.keyCount === before - removed, 'keys removed by the cycle');
    if (isDone) this.#count('cycles done');
    for (let i = 0; i < removed; i++) this.#count('expired by the cycle');
  }

  #dropSlot(database: number): void {
    const space = this.spaces[database];
    const key = this.#key();
    const slot = space.slotOfKey(bufferOf(key), 0, key.length);
    const dropped: string[] = [];
    space.forEachInSlot(slot, Infinity, (e) => dropped.push(textOf(space.keyOf(e))));
    const count = space.slotCount(slot);
    check(dropped.length <= count, 'live keys of a slot');
    check(space.dropSlot(slot) === count && space.slotCount(slot) === 0, 'count of dropped keys');
    for (const name of dropped) check(this.#take(database, name), `${name} was in the slot but is unknown`);
  }

  #clear(database: number): void {
    const isLast = this.spaces.every((space, i) => i === database || space.keyCount === 0);
    this.spaces[database].clear();
    for (const key of this.maps[database].keys()) this.#take(database, key);
    check(this.spaces[database].keyCount === 0 && this.spaces[database].expiringCount === 0, 'cleared');
    if (isLast) check(this.arena.usedBytes === 0, 'everything is cleared, but memory is in use');
    this.#count('cleared');
  }

  #compareAll(database: number): void {
    const space = this.spaces[database];
    const map = this.maps[database];
    let live = 0;
    space.forEach((e) => {
      live++;
      this.#compare(database, textOf(space.keyOf(e)), e);
    });
    check(live === map.size, `${live} live entries, not ${map.size}`);
    check(space.keyCount >= live, 'keyCount');
    let expiring = 0;
    for (const entry of map.values()) if (entry.expireAtMs !== Infinity) expiring++;
    // Expired ones that nobody met are in both counts.
    check(space.expiringCount - expiring === space.keyCount - live, `${space.expiringCount} expiring`);
    this.#count('compared');
  }

  /** Removes everything one way or the other: no byte may be left, and all pages must be free. */
  finish(): void {
    for (const [database, space] of this.spaces.entries()) {
      if (database % 2 === 0) for (const key of this.maps[database].keys()) space.remove(bufferOf(key), 0, key.length);
      this.maps[database].clear();
      space.expireCycle({ keysMax: Infinity, cellsMax: Infinity }, Infinity);
      for (let slot = 0; slot < 16_384; slot++) space.dropSlot(slot);
      check(space.keyCount === 0 && space.expiringCount === 0, 'keys are left');
    }
    while (this.spaces[0].freeSome(1000));
    check(this.arena.usedBytes === 0, `${this.arena.usedBytes} bytes are left`);
    check(this.arena.reservedBytes === 0, `${this.arena.reservedBytes} bytes are reserved`);
    for (const segment of this.arena.segments)
      check(segment.pageCount === 0 || (segment.isEmpty && segment.isOneRun), 'pages are left');
  }
}
