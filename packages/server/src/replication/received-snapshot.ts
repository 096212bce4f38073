import type { Kernel } from '../kernel.ts';
import { SnapshotLoader } from '@kvartz/persistence';
import type { Keyspace } from '@kvartz/engine';
import { replaceDatabases } from './data-set.ts';

/** Where the snapshot of a full sync goes. All of it may throw RdbError. */
export interface ReceivedSnapshot {
  /** Bytes, used before the call returns. True: the sender is to wait until `onReady`. */
  take(bytes: Uint8Array, start: number, end: number): boolean;
  /** All has come: puts it in the place of the data set. Rejects when it is not whole, and the old data then are there or not (`keepsOld`). */
  finish(): Promise<void>;
  /** The connection broke before the end. */
  abort(): void;
  /** Until `finish` the old data set is there and serves. */
  readonly keepsOld: boolean;
}

/** Straight into keyspaces of their own, which take the place of the old ones in one moment (`repl-diskless-load swapdb`). */
export class SwappedSnapshot implements ReceivedSnapshot {
  readonly keepsOld = true;
  readonly #kernel: Kernel;
  readonly #fresh: Keyspace[];
  readonly #loader: SnapshotLoader;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#fresh = kernel.databases.map(() => kernel.newKeyspace());
    for (const keyspace of this.#fresh) {
      keyspace.limits = kernel.config.collectionLimits;
      keyspace.expiryMode = 'ignore';
      keyspace.nowMs = kernel.nowMs;
    }
    this.#loader = new SnapshotLoader({
      databases: this.#fresh,
      expiredBeforeMs: -Infinity,
      isChecksummed: kernel.config.rdbChecksum,
    });
  }

  take(bytes: Uint8Array, start: number, end: number): boolean {
    this.#loader.feed(bytes.subarray(start, end));
    if (this.#loader.isOutOfMemory) throw new Error('there is no memory for the data set of the master beside our own');
    return false;
  }

  finish(): Promise<void> {
    this.#loader.finish();
    replaceDatabases(this.#kernel, this.#fresh);
    return Promise.resolve();
  }

  abort(): void {
    try {
      this.#loader.finish();
    } catch {
      // It is not whole: what had begun of a key is removed by that.
    }
    for (const keyspace of this.#fresh) keyspace.clear();
  }
}
