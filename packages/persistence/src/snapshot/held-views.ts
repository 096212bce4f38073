import type { EntryRef, Keyspace, ValueView } from '@kvartz/engine';
import { KeyHead } from '../values/key-head.ts';
import type { AccessKind } from '../values/value-writer.ts';

/** A large value that a cut has taken, and that has still to be written. */
export interface HeldView {
  readonly db: number;
  readonly head: KeyHead;
  readonly view: ValueView;
}

/** There was no memory to keep what a write was about to change: the snapshot cannot be finished, the write was not hindered. */
export class SnapshotMemoryError extends Error {
  override readonly name = 'SnapshotMemoryError';
  readonly code = 'ERR_KVARTZ_SNAPSHOT_MEMORY';

  constructor() {
    super(
      'Out of memory while a large value changed that the snapshot had still to write: free memory, or raise its limit, and try again',
    );
  }
}

/** Large values as they were when a cut took them, in the order in which it did. */
export class HeldViews {
  /** Those before `next` have had their turn. */
  #waiting: HeldView[] = [];
  #next = 0;
  #current: HeldView | undefined;

  /** The one that is being written. */
  get current(): HeldView | undefined {
    return this.#current;
  }

  /** False: no memory. */
  add(db: number, keyspace: Keyspace, e: EntryRef, access: AccessKind): boolean {
    const view = keyspace.arena.views.open(keyspace, e);
    if (view === undefined) return false;
    this.#waiting.push({ db, head: new KeyHead(keyspace, e, access), view });
    return true;
  }

  /** The next one becomes the current one. Undefined: there is none. */
  begin(): HeldView | undefined {
    this.#current = this.#waiting[this.#next++];
    if (this.#current === undefined) this.#forget();
    return this.#current;
  }

  /** The current one is written. */
  end(): void {
    this.#current?.view.close();
    this.#current = undefined;
  }

  drop(): void {
    this.end();
    for (const { view } of this.#waiting.slice(this.#next)) view.close();
    this.#forget();
  }

  #forget(): void {
    this.#waiting = [];
    this.#next = 0;
  }
}
