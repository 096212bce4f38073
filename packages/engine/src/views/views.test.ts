import { Prng } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bufferOf } from '../../test/model.ts';
import { listKind } from '../../test/views/list-kind.ts';
import { streamKind } from '../../test/views/stream-kind.ts';
import { tableKinds } from '../../test/views/table-kinds.ts';
import { below, LineSink, type ViewKind } from '../../test/views/view-kind.ts';
import { Arena, type EntryRef, Keyspace, type ValueView } from '../index.ts';

const key = bufferOf('key');
const other = bufferOf('other');

/** What a view has to hand out, and what it has handed out. */
interface Opened {
  readonly view: ValueView;
  readonly expected: string[];
  readonly sink: LineSink;
}

/** A large value, changed at random, with views of it. */
class Subject {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly db = new Keyspace({ arena: this.arena, hashKey: [1, 2] });
  readonly opened: Opened[] = [];
  readonly #kind: ViewKind;
  readonly #random: Prng;
  failed = 0;
  finished = 0;

  constructor(kind: ViewKind, seed: number, count: number) {
    this.#kind = kind;
    this.#random = new Prng(seed);
    const { limits } = this.db;
    limits.hashMaxListpackEntries = 0;
    limits.setMaxIntsetEntries = 0;
    limits.setMaxListpackEntries = 0;
    limits.zsetMaxListpackEntries = 0;
    limits.listMaxListpackSize = 4;
    limits.streamNodeMaxEntries = 5;
    this.db.nowMs = 1000;
    kind.create(this.db, this.#random, count);
  }

  find(): EntryRef {
    return this.db.find(key, 0, 3);
  }

  open(): void {
    const e = this.find();
    if (e === 0 || !this.arena.views.canView(this.db, e)) return;
    const expected = this.#kind.read(this.db, e);
    const view = this.arena.views.open(this.db, e);
    if (view === undefined) {
      this.failed++;
      return;
    }
    expect(view.count).toBe(this.db.countOf(e));
    this.opened.push({ view, expected, sink: new LineSink() });
  }

  step(i: number, max: number): void {
    const opened = this.opened[i % Math.max(1, this.opened.length)];
    if (opened === undefined || !opened.view.step(max, opened.sink)) return;
    this.opened.splice(this.opened.indexOf(opened), 1);
    this.#finish(opened);
  }

  #finish({ expected, sink, view }: Opened): void {
    if (view.isFailed) this.failed++;
    else {
      const isOrdered = this.#kind.isOrdered;
      expect(isOrdered ? sink.lines : sink.lines.toSorted()).toEqual(isOrdered ? expected : expected.toSorted());
      this.finished++;
    }
    view.close();
  }

  abandon(i: number): void {
    if (this.opened.length > 0) this.opened.splice(i % this.opened.length, 1)[0].view.close();
  }

  change(times: number): void {
    for (let i = 0; i < times; i++) {
      const e = this.find();
      if (e === 0) return this.#kind.create(this.db, this.#random, below(this.#random, 300));
      this.#kind.change(this.db, e, this.#random);
      const changed = this.find();
      if (changed !== 0 && this.db.countOf(changed) === 0 && this.#kind.name !== 'stream') this.db.removeEntry(changed);
    }
  }

  /** What happens to keys and not to values. */
  move(choice: number): void {
    const { arena, db } = this;
    const e = this.find();
    if (e === 0) return;
    if (choice === 0) db.removeEntry(e);
    else if (choice === 1) this.#kind.create(db, this.#random, 50);
    else if (choice === 2) db.setString(key, 0, 3, other, 0, 5, -1);
    else if (choice === 3) {
      db.rename(key, 0, 3, other, 0, 5);
      db.rename(other, 0, 5, key, 0, 3);
    } else if (choice === 4) db.clear();
    else if (choice === 5) db.copyTo(e, db, other, 0, 5);
    else arena.lazyFree.run(30);
    const found = this.find();
    if (found !== 0 && db.typeOf(found) === 0) db.removeEntry(found);
  }

  withFailure(after: number, act: () => void): void {
    const guard = this.arena.guard!;
    guard.failAfter = after;
    act();
    guard.failAfter = -1;
  }

  end(): void {
    while (this.opened.length > 0) this.step(0, 7);
    expect(this.arena.viewCount).toBe(0);
    this.db.clear();
    while (this.arena.lazyFree.run(1000));
    expect(this.arena.usedBytes).toBe(0);
    const e = this.find();
    expect(e).toBe(0);
  }
}

const operations = fc.array(fc.tuple(fc.nat(11), fc.nat(2 ** 16)), { minLength: 5, maxLength: 60 });

function run(kind: ViewKind, seed: number, count: number, steps: readonly (readonly [number, number])[]): Subject {
  const subject = new Subject(kind, seed, count);
  for (const [operation, n] of steps) {
    if (operation < 2) subject.open();
    else if (operation < 5) subject.step(n, 1 + (n % 97));
    else if (operation < 9) subject.change(1 + (n % 30));
    else if (operation === 9) subject.move(n % 8);
    else if (operation === 10) subject.withFailure(n % 5, () => subject.change(1));
    else if (n % 3 === 0) subject.abandon(n);
    else subject.withFailure(n % 4, () => (n % 3 === 1 ? subject.open() : subject.step(n, 20)));
  }
  subject.end();
  return subject;
}

const kinds = [...tableKinds, listKind, streamKind];

describe.each(kinds.map((kind) => [kind.name, kind] as const))('views of a %s', (_, kind) => {
  test('hand out what was there when they were opened, whatever happens', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(600), operations, (seed, count, steps) => {
        run(kind, seed, count, steps);
      }),
      { numRuns: 60 },
    );
  });

  test('without memory for what a write changes, the view fails and the write does not', () => {
    let failed = 0;
    for (let seed = 0; seed < 20; seed++) {
      const subject = new Subject(kind, seed, 300);
      subject.open();
      subject.step(0, 40);
      for (let i = 0; i < 20; i++) subject.withFailure(0, () => subject.change(1));
      subject.end();
      failed += subject.failed;
    }
    expect(failed).toBeGreaterThan(5);
  });
});

test('a value that is freed while it is viewed goes in slices when the last view is closed', () => {
  const subject = new Subject(tableKinds[0], 1, 400);
  const { arena, db } = subject;
  subject.open();
  subject.open();
  const bytes = arena.usedBytes;
  db.removeEntry(subject.find());
  arena.lazyFree.run(Infinity);
  expect(arena.usedBytes).toBeGreaterThan(bytes - 8192 * 2);
  subject.abandon(0);
  expect(arena.lazyFree.isEmpty).toBe(true);
  subject.abandon(0);
  expect(arena.lazyFree.isEmpty).toBe(false);
  while (arena.lazyFree.run(50));
  expect(arena.usedBytes).toBe(0);
});
