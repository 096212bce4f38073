import { CutSnapshot, SnapshotLoader, SnapshotMemoryError } from '@kvartz/persistence';
import { describe, expect, test } from 'vitest';
import { families } from '../test/stories/index.ts';
import { words } from '../test/story.ts';
import { TestContext } from '../test/test-context.ts';

/** Cuts that are open at the same time. */
const openMax = 3;

/** A snapshot that is under way, and what it should have. */
class Open {
  readonly request: string;
  readonly #expected: readonly string[];
  readonly #snapshot: CutSnapshot;
  readonly #pieces: Uint8Array[] = [];
  readonly #nowMs: number;

  constructor(context: TestContext, request: string) {
    this.request = request;
    this.#expected = context.dataSet();
    this.#nowMs = context.nowMs;
    this.#snapshot = new CutSnapshot(context.databases, { version: 12, access: 'lru', pieceBytes: 100 });
  }

  step(isOver: boolean): void {
    while (!this.#snapshot.step(() => isOver)) {
      for (let piece = this.#snapshot.take(); piece !== undefined; piece = this.#snapshot.take())
        this.#pieces.push(piece);
      if (isOver) return;
    }
    for (let piece = this.#snapshot.take(); piece !== undefined; piece = this.#snapshot.take())
      this.#pieces.push(piece);
  }

  /** Loads the file into databases of its own. */
  check(): void {
    this.step(false);
    const loaded = new TestContext({ nowMs: this.#nowMs });
    const loader = new SnapshotLoader({ databases: loaded.databases, expiredBeforeMs: this.#nowMs });
    for (const piece of this.#pieces) loader.feed(piece);
    loader.finish();
    expect([this.request, loaded.dataSet()]).toEqual([this.request, this.#expected]);
  }
}

for (const [family, stories] of Object.entries(families))
  describe(`snapshots are of the moment before, whatever the command: ${family}`, () => {
    for (const { name, steps } of stories)
      test(name, () => {
        const context = new TestContext();
        const open: Open[] = [];
        for (const [request] of steps) {
          open.push(new Open(context, request));
          context.run(...words(request));
          for (const each of open) each.step(true);
          if (open.length > openMax) open.shift()!.check();
        }
        for (const each of open) each.check();
      });
  });

const elements = 3000;

/** Collections that are large, and what changes them. */
const large: readonly (readonly [
  kind: string,
  fill: (i: number) => string,
  changes: readonly ((i: number) => string)[],
])[] = [
  ['hash', (i) => `hset k f${i} ${i}`, [(i) => `hset k f${i} new`, (i) => `hdel k f${i}`, (i) => `hset k g${i} 1`]],
  [
    'hash with times',
    (i) => `hsetex k ex ${1000 + i} fields 1 f${i} ${i}`,
    [
      (i) => `hset k f${i} new`,
      (i) => `hdel k f${i}`,
      (i) => `hexpire k 5 fields 1 f${i}`,
      (i) => `hpersist k fields 1 f${i}`,
    ],
  ],
  ['set', (i) => `sadd k m${i}`, [(i) => `srem k m${i}`, (i) => `sadd k n${i}`, () => 'spop k 5']],
  [
    'sorted set',
    (i) => `zadd k ${i} m${i}`,
    [(i) => `zadd k ${-i} m${i}`, (i) => `zrem k m${i}`, (i) => `zadd k ${i} n${i}`, () => 'zpopmin k 5'],
  ],
  [
    'list',
    (i) => `rpush k element:${i}`,
    [(i) => `lset k ${i % 1000} new`, () => 'lpop k 3', (i) => `linsert k before element:${i} x`, () => 'lpush k a b'],
  ],
  [
    'stream',
    (i) => (i === 0 ? 'xgroup create k g 0 mkstream' : `xadd k ${i}-0 f ${i}`),
    [
      (i) => `xdel k ${i}-0`,
      (i) => `xadd k ${elements + i}-${i} f 1`,
      () => 'xreadgroup group g c count 5 streams k >',
      (i) => `xack k g ${i}-0`,
    ],
  ],
];

describe('large values are written in pieces, as they were', () => {
  for (const [kind, fill, changes] of large)
    for (const end of ['none', 'del k', 'rename k other', 'flushall', 'set k v', 'move k 3', 'swapdb 0 1'])
      test(`${kind}, then ${end}`, () => {
        const context = new TestContext();
        for (let i = 0; i < elements; i++) context.run(...words(fill(i)));
        for (let i = 0; i < 5; i++) context.run('set', `small${i}`, i);
        const first = new Open(context, `${kind}, then ${end}`);
        const second = new Open(context, `${kind}, then ${end}`);
        for (let i = 0; i < 60; i++) {
          const change = changes[i % changes.length];
          if (i > 10) context.run(...words(change((i * 47) % elements)));
          if (i === 35 && end !== 'none') context.run(...words(end));
          // Gone or of another type: what comes after is not asked.
          if (i >= 35 && end !== 'none') break;
          if (i < 30) first.step(true);
          if (i % 10 === 0) second.step(true);
        }
        first.check();
        second.check();
        context.run('flushall');
        const { arena } = context.db;
        while (context.db.freeSome(1000));
        expect([arena.viewCount, arena.usedBytes]).toEqual([0, 0]);
      });

  test('where there is no memory to keep what changes, the snapshot fails', () => {
    const context = new TestContext();
    for (let i = 0; i < elements; i++) context.run('zadd', 'k', i, `m${i}`);
    const snapshot = new CutSnapshot(context.databases);
    context.run('zadd', 'k', 5, 'm9');
    context.db.arena.guard!.failAfter = 0;
    for (let i = 0; i < elements; i += 2) context.run('zrem', 'k', `m${i}`);
    context.db.arena.guard!.failAfter = -1;
    expect(() => snapshot.step(() => false)).toThrow(SnapshotMemoryError);
    snapshot.abort();
    expect(context.db.arena.viewCount).toBe(0);
  });
});
