import { type ByteBuffer, Prng } from '@kvartz/base';
import {
  Arena,
  Cut,
  type CutSink,
  type EntryRef,
  Evacuation,
  Keyspace,
  NO_EXPIRY,
  StreamId,
  ValueType,
} from '../src/index.ts';
import { describeAll, describeEntry } from './describe-entry.ts';
import { bufferOf, textOf } from './model.ts';

export interface CutModelOptions {
  readonly seed: number;
  readonly keys?: number;
  /** Slots that keys may fall into. */
  readonly slots?: number;
  readonly cutsMax?: number;
  /** Elements that a bulk write adds, at most. */
  readonly bulk?: number;
  readonly failRatio?: number;
}

interface LargeString {
  readonly db: number;
  readonly keyspace: Keyspace;
  readonly name: string;
  readonly value: string;
  partsLeft: number;
}

/** What a cut hands over, as texts, and what it should be. */
class Recorder implements CutSink {
  readonly found = new Map<string, string>();
  readonly expected: ReadonlyMap<string, string>;
  readonly #held: (readonly [string, string])[] = [];
  isDropped = false;
  #string: LargeString | undefined;

  constructor(expected: ReadonlyMap<string, string>) {
    this.expected = expected;
  }

  write(db: number, keyspace: Keyspace, e: EntryRef): void {
    this.#note(`${db} ${textOf(keyspace.keyOf(e))}`, describeEntry(keyspace, e));
  }

  hold(db: number, keyspace: Keyspace, e: EntryRef): void {
    this.#held.push([`${db} ${textOf(keyspace.keyOf(e))}`, describeEntry(keyspace, e)]);
  }

  writeHeld(): boolean {
    if (this.#string !== undefined) {
      this.#writeString(this.#string);
      return true;
    }
    const next = this.#held.shift();
    if (next !== undefined) this.#note(...next);
    return next !== undefined;
  }

  beginString(db: number, keyspace: Keyspace, e: EntryRef): void {
    const name = textOf(keyspace.keyOf(e));
    this.#string = { db, keyspace, name, value: describeEntry(keyspace, e), partsLeft: 2 };
  }

  finishString(): void {
    if (this.#string === undefined) return;
    const { db, name, value } = this.#string;
    this.#string = undefined;
    this.#note(`${db} ${name}`, value);
  }

  /** A part of the string, which must be what it was. */
  #writeString({ keyspace, name, value }: LargeString): void {
    const key = bufferOf(name);
    const mode = keyspace.expiryMode;
    keyspace.expiryMode = 'ignore';
    const e = keyspace.peek(key, 0, key.sizeBytes);
    keyspace.expiryMode = mode;
    if (e === 0 || describeEntry(keyspace, e) !== value) throw new Error(`${name} has changed while it was written`);
    if (--this.#string!.partsLeft === 0) this.finishString();
  }

  drop(): void {
    this.#string = undefined;
    this.isDropped = true;
    this.#held.length = 0;
  }

  #note(key: string, value: string): void {
    if (this.isDropped) throw new Error(`${key} after the end`);
    if (this.found.has(key)) throw new Error(`${key} twice`);
    if (this.expected.get(key) !== value) throw new Error(`${key}: ${value}, not ${this.expected.get(key)}`);
    this.found.set(key, value);
  }
}

/** Random changes of all types in several databases, and several cuts at once, each compared with the state at its beginning. */
export class CutModel {
  readonly arena: Arena;
  readonly databases: Keyspace[];
  /** How often each thing was done. */
  readonly counts: Record<string, number> = {};
  readonly #all: readonly Keyspace[];
  readonly #random: Prng;
  readonly #options: Required<CutModelOptions>;
  readonly #open: { cut: Cut; recorder: Recorder }[] = [];
  readonly #evacuation: Evacuation;
  #nowMs = 1_700_000_000_000;
  #nextId = 1;

  constructor(options: CutModelOptions) {
    this.#options = { keys: 300, slots: 16_384, cutsMax: 4, bulk: 40, failRatio: 0.01, ...options };
    const random = new Prng(options.seed);
    this.#random = random;
    this.arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
    const { slots } = this.#options;
    this.#all = Array.from({ length: 3 }, () => {
      return new Keyspace({
        arena: this.arena,
        hashKey: [1, 2],
        slotOf: slots === 16_384 ? undefined : (key, start, end) => (key.u8[end - 1] + end - start) % slots,
      });
    });
    this.databases = [...this.#all];
    this.#evacuation = new Evacuation(this.arena);
    for (const keyspace of this.#all) {
      keyspace.nowMs = this.#nowMs;
      // Small thresholds, so that all encodings come up.
      keyspace.limits.hashMaxListpackEntries = 8;
      keyspace.limits.setMaxIntsetEntries = 8;
      keyspace.limits.setMaxListpackEntries = 8;
      keyspace.limits.zsetMaxListpackEntries = 8;
      keyspace.limits.listMaxListpackSize = 8;
      keyspace.limits.streamNodeMaxEntries = 8;
    }
  }

  run(operations: number): void {
    for (let i = 0; i < operations; i++) {
      try {
        this.#step();
      } catch (error) {
        throw new Error(`seed ${this.#options.seed}, operation ${i}: ${String(error)}`, { cause: error });
      }
    }
    while (this.#open.length > 0) this.#advance(0, Infinity);
    for (const database of this.#all) database.clear();
    for (const database of this.#all) while (database.freeSome(1000));
    if (this.arena.usedBytes !== 0) throw new Error(`seed ${this.#options.seed}: ${this.arena.usedBytes} bytes lost`);
  }

  #step(): void {
    const random = this.#random;
    const { cutsMax, failRatio } = this.#options;
    const dice = random.below(1000);
    const guard = this.arena.guard!;
    if (dice < 25 && this.#open.length < cutsMax) this.#begin();
    else if (dice < 120 && this.#open.length > 0) this.#advance(random.below(this.#open.length), random.below(3));
    else if (dice < 124 && this.#open.length > 0) this.#abort();
    else {
      if (random.chance(failRatio)) guard.failAfter = random.below(5);
      this.#change();
      guard.failAfter = -1;
    }
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  #begin(): void {
    const expected = describeAll(this.databases);
    const random = this.#random;
    const recorderOf = (map: Map<string, string>): Recorder => new Recorder(map);
    if (random.chance(0.2)) {
      const { slots } = this.#options;
      const some = new Set(Array.from({ length: 1 + random.below(4) }, () => random.below(slots)));
      for (const [key] of expected) {
        const [db, name] = splitKey(key);
        const buffer = bufferOf(name);
        if (!some.has(this.databases[db].slotOfKey(buffer, 0, buffer.sizeBytes))) expected.delete(key);
      }
      const recorder = recorderOf(expected);
      this.#open.push({ cut: new Cut({ databases: this.databases, sink: recorder, slots: [...some] }), recorder });
      this.#count('of slots');
    } else {
      const recorder = recorderOf(expected);
      this.#open.push({ cut: new Cut({ databases: this.databases, sink: recorder }), recorder });
    }
    this.#count('begun');
  }

  #advance(i: number, steps: number): void {
    const { cut, recorder } = this.#open[i];
    let left = steps;
    if (!cut.step(() => left-- <= 0)) return;
    this.#open.splice(i, 1);
    this.#count('finished');
    for (const key of recorder.expected.keys()) if (!recorder.found.has(key)) throw new Error(`${key} is missing`);
    if (cut.keysTaken !== recorder.expected.size || cut.keysTotal !== cut.keysTaken) throw new Error('wrong counts');
  }

  #abort(): void {
    const [{ cut, recorder }] = this.#open.splice(this.#random.below(this.#open.length), 1);
    cut.abort();
    if (!recorder.isDropped || !cut.isDone) throw new Error('not given up');
    this.#count('aborted');
  }

  #change(): void {
    const random = this.#random;
    const dice = random.below(1000);
    const db = this.databases[random.below(3)];
    const key = bufferOf(`key:${random.below(this.#options.keys)}`);
    const ke = key.sizeBytes;
    if (dice < 200) this.#set(db, key);
    else if (dice < 650) this.#write(db, key);
    else if (dice < 750) db.remove(key, 0, ke);
    else if (dice < 800) this.#expire(db, key);
    else if (dice < 840) this.#rename(db, key);
    else if (dice < 870) this.#copy(db, key);
    else if (dice < 900) this.#move(db, key);
    else if (dice < 920) db.find(key, 0, ke);
    else if (dice < 940) this.#pass(random.below(200));
    else if (dice < 960) db.expireCycle({ keysMax: 20, cellsMax: 500 }, this.#nowMs);
    else if (dice < 970) db.freeSome(random.below(300));
    else if (dice < 975) this.#evacuation.run(this.#all, 4096);
    else if (dice < 985) db.dropSlot(db.slotOfKey(key, 0, ke));
    else if (dice < 990) this.#swap();
    else if (dice < 993) this.#clear(db);
    else if (dice < 994) for (const each of this.databases) this.#clear(each);
    else this.#evict(db);
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
    for (const keyspace of this.#all) keyspace.nowMs = this.#nowMs;
  }

  #swap(): void {
    const { databases } = this;
    [databases[0], databases[1]] = [databases[1], databases[0]];
    this.#count('swapped');
  }

  #clear(db: Keyspace): void {
    db.clear();
    this.#count('cleared');
  }

  #evict(db: Keyspace): void {
    const e = db.randomEntry(this.#random);
    if (e !== 0) db.removeEntry(e);
  }

  #set(db: Keyspace, key: ByteBuffer): void {
    const random = this.#random;
    const isLarge = this.#options.bulk > 1000 && random.chance(0.03);
    const value = isLarge
      ? bufferOf('large'.repeat(55_000) + random.below(1000))
      : random.chance(0.3)
        ? bufferOf(String(random.below(1000)))
        : bufferOf('v'.repeat(random.below(random.chance(0.1) ? 3000 : 60)) + random.below(1000));
    const at = random.chance(0.3) ? this.#nowMs + random.below(2000) : NO_EXPIRY;
    db.setString(key, 0, key.sizeBytes, value, 0, value.sizeBytes, at);
  }

  #expire(db: Keyspace, key: ByteBuffer): void {
    const e = db.find(key, 0, key.sizeBytes);
    const random = this.#random;
    if (e !== 0) db.setExpireAtMs(e, random.chance(0.3) ? NO_EXPIRY : this.#nowMs + random.below(3000));
  }

  #otherKey(): ByteBuffer {
    return bufferOf(`key:${this.#random.below(this.#options.keys)}`);
  }

  #rename(db: Keyspace, key: ByteBuffer): void {
    const to = this.#otherKey();
    db.rename(key, 0, key.sizeBytes, to, 0, to.sizeBytes);
  }

  #copy(db: Keyspace, key: ByteBuffer): void {
    const to = this.#otherKey();
    const e = db.find(key, 0, key.sizeBytes);
    const target = this.databases[this.#random.below(3)];
    if (e === 0 || (target === db && textOf(db.keyOf(e)) === String.fromCharCode(...to.u8))) return;
    db.copyTo(e, target, to, 0, to.sizeBytes);
  }

  #move(db: Keyspace, key: ByteBuffer): void {
    const e = db.find(key, 0, key.sizeBytes);
    const target = this.databases[this.#random.below(3)];
    if (e !== 0 && target !== db) db.moveTo(e, target);
  }

  /** Makes a collection, or changes what is there in its own way. */
  #write(db: Keyspace, key: ByteBuffer): void {
    const random = this.#random;
    const ke = key.sizeBytes;
    let e = db.find(key, 0, ke);
    if (e === 0) {
      const one = this.#element();
      const kind = random.below(5);
      if (kind === 0) e = db.lists.create(key, 0, ke, one, 0, one.sizeBytes);
      else if (kind === 1) e = db.hashes.create(key, 0, ke);
      else if (kind === 2) e = db.sets.create(key, 0, ke, one, 0, one.sizeBytes);
      else if (kind === 3) e = db.sortedSets.create(key, 0, ke, one, 0, one.sizeBytes, random.below(100));
      else e = db.streams.create(key, 0, ke);
      if (e === 0) return;
    }
    const times = random.chance(0.1) ? random.below(this.#options.bulk) : 1 + random.below(4);
    const type = db.typeOf(e);
    for (let i = 0; i < times; i++) {
      if (type === ValueType.string) this.#changeString(db, e, key);
      else if (type === ValueType.list) this.#changeList(db, e);
      else if (type === ValueType.hash) this.#changeHash(db, e);
      else if (type === ValueType.set) this.#changeSet(db, e);
      else if (type === ValueType.zset) this.#changeSortedSet(db, e);
      else this.#changeStream(db, e);
      e = db.find(key, 0, ke);
      if (e === 0) return;
    }
    if (type !== ValueType.string && type !== ValueType.stream && db.countOf(e) === 0) db.removeEntry(e);
  }

  #element(): ByteBuffer {
    const n = this.#random.below(this.#options.bulk * 2);
    return bufferOf(n % 3 === 0 ? String(n) : `element ${n}`);
  }

  #changeString(db: Keyspace, e: EntryRef, key: ByteBuffer): void {
    const integer = db.integerOf(e);
    if (!Number.isNaN(integer)) return db.storeInteger(e, integer + 1);
    const edited = db.editString(key, 0, key.sizeBytes, this.#random.below(2000));
    if (edited === 0) return;
    const { buffer, start, end } = db.stringOf(edited);
    if (end > start) buffer.u8[start + this.#random.below(end - start)]++;
  }

  #changeList(db: Keyspace, e: EntryRef): void {
    const random = this.#random;
    const one = this.#element();
    const count = db.countOf(e);
    const kind = random.below(9);
    if (kind < 4 || count < 2) db.lists.push(e, kind % 2 === 0, one, 0, one.sizeBytes);
    else if (kind === 4) db.lists.drop(e, random.chance(0.5), 1);
    else if (kind === 5) db.lists.set(e, random.below(count), one, 0, one.sizeBytes);
    else if (kind === 6) db.lists.insert(e, random.below(count + 1), one, 0, one.sizeBytes);
    else if (kind === 7) db.lists.rotate(e, random.chance(0.5));
    else {
      const some = bufferOf(textOf(db.lists.at(e, random.below(count))));
      db.lists.removeEqual(e, false, 3, some, 0, some.sizeBytes);
    }
  }

  #changeHash(db: Keyspace, e: EntryRef): void {
    const random = this.#random;
    const field = this.#element();
    const value = this.#element();
    const fe = field.sizeBytes;
    const kind = random.below(8);
    if (kind < 5) db.hashes.set(e, field, 0, fe, value, 0, value.sizeBytes);
    else if (kind === 5 && db.countOf(e) > 1) db.hashes.remove(e, field, 0, fe);
    else if (kind === 6 && db.hashes.has(e, field, 0, fe)) {
      db.hashes.timed.setTime(e, field, 0, fe, random.chance(0.2) ? Infinity : this.#nowMs + random.below(1000));
    } else if (kind === 7) db.expireFields(e, 3);
  }

  #changeSet(db: Keyspace, e: EntryRef): void {
    const random = this.#random;
    const one = this.#element();
    const count = db.countOf(e);
    const kind = random.below(8);
    if (kind < 5 || count < 3) db.sets.add(e, one, 0, one.sizeBytes);
    else if (kind === 5) db.sets.remove(e, one, 0, one.sizeBytes);
    else if (kind === 6) {
      db.sets.pick(e, random);
      db.sets.removePicked(e);
    } else db.sets.pop(e, 1 + random.below(count - 1), random, () => {});
  }

  #changeSortedSet(db: Keyspace, e: EntryRef): void {
    const random = this.#random;
    const one = this.#element();
    const count = db.countOf(e);
    const kind = random.below(8);
    if (kind < 6 || count < 3) db.sortedSets.add(e, one, 0, one.sizeBytes, random.below(1000));
    else if (kind === 6) {
      db.sortedSets.seek(e, random.below(count));
      db.sortedSets.next();
      const some = bufferOf(textOf(db.sortedSets.member));
      db.sortedSets.remove(e, some, 0, some.sizeBytes);
    } else db.sortedSets.removeRanks(e, 0, 1 + random.below(count - 1));
  }

  #changeStream(db: Keyspace, e: EntryRef): void {
    const random = this.#random;
    const { streamGroups, streams } = db;
    const kind = random.below(10);
    if (kind < 5) {
      const text = this.#element();
      const half = text.sizeBytes >> 1;
      const texts = { buffer: text, start: Int32Array.of(0, half), end: Int32Array.of(half, text.sizeBytes) };
      streams.append(e, new StreamId().set(this.#nextId++, 0), texts, 0, 1);
    } else if (kind === 5) streams.remove(e, streams.lastEntryId(e, new StreamId()));
    else if (kind === 6 && random.chance(0.5)) streams.trimToLength(e, random.below(5), random.chance(0.5), 0);
    else if (kind === 6) streams.trimToId(e, streams.lastEntryId(e, new StreamId()), false, 0);
    else if (kind === 7) this.#changeStreamHead(db, e);
    else {
      const name = bufferOf(`group ${random.below(3)}`);
      const group = streamGroups.find(e, name, 0, name.sizeBytes);
      if (group === 0) streamGroups.create(e, name, 0, name.sizeBytes, new StreamId(), -1n);
      else if (random.chance(0.1)) streamGroups.destroy(e, group);
      else this.#changeGroup(db, group);
    }
  }

  #changeStreamHead({ streams }: Keyspace, e: EntryRef): void {
    const kind = this.#random.below(3);
    const id = new StreamId().set(this.#nextId++, 1);
    if (kind === 0) streams.setMaxDeletedId(e, id);
    else if (kind === 1) streams.setLastId(e, id);
    else streams.setEntriesAdded(e, 0, this.#nextId);
  }

  #changeGroup({ streamGroups }: Keyspace, group: number): void {
    const random = this.#random;
    const { pending } = streamGroups;
    const name = bufferOf(`consumer ${random.below(3)}`);
    const consumer = streamGroups.findConsumer(group, name, 0, name.sizeBytes);
    const id = new StreamId().set(random.below(50), 0);
    if (consumer === 0) streamGroups.createConsumer(group, name, 0, name.sizeBytes, this.#nowMs);
    else if (random.chance(0.1)) streamGroups.removeConsumer(group, consumer);
    else if (random.chance(0.3)) pending.remove(group, id);
    else if (random.chance(0.4)) streamGroups.setLastId(group, id);
    else {
      pending.deliver(group, consumer, id, this.#nowMs);
      streamGroups.setSeenMs(consumer, this.#nowMs);
    }
  }
}

function splitKey(key: string): readonly [number, string] {
  const at = key.indexOf(' ');
  return [Number(key.slice(0, at)), key.slice(at + 1)];
}
