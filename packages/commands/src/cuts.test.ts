import { CutSnapshot, SnapshotLoader } from '@kvartz/persistence';
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
