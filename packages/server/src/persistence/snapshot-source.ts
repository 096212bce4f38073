import type { Keyspace } from '@kvartz/engine';
import { type SnapshotOptions, writeSnapshot } from '@kvartz/persistence';

export interface SnapshotRequest extends SnapshotOptions {
  /** `urgent`: somebody waits for the end (SAVE, SHUTDOWN), and requests may feel it. */
  readonly pace: 'background' | 'urgent';
}

/** The pieces of one snapshot, made as they are asked for. */
export interface PieceSource {
  /** Keys that the snapshot has, and those of them that are in the pieces so far. */
  readonly keysTotal: number;
  readonly keysDone: number;
  /** The next piece, the caller's from then on; undefined: there are no more. Not called again before it has answered. */
  next(): Promise<Uint8Array | undefined>;
  /** No more pieces are wanted; also after the last one, and twice is once. */
  abort(): void;
}

/** Where snapshots come from. */
export interface SnapshotSource {
  /** Takes the data as they are at this moment, whatever happens to them before the last piece is taken. */
  begin(request: SnapshotRequest): PieceSource;
}

/** Writes all pieces at once and keeps them in memory. */
export class WalkSource implements SnapshotSource {
  readonly #databases: readonly Keyspace[];

  constructor(databases: readonly Keyspace[]) {
    this.#databases = databases;
  }

  begin(request: SnapshotRequest): PieceSource {
    const keysTotal = this.#databases.reduce((sum, { keyCount }) => sum + keyCount, 0);
    const pieces: Uint8Array[] = [...writeSnapshot(this.#databases, request)].toReversed();
    const count = pieces.length;
    return {
      keysTotal,
      get keysDone() {
        return Math.floor((1 - pieces.length / count) * keysTotal);
      },
      next: () => Promise.resolve(pieces.pop()),
      abort: () => void (pieces.length = 0),
    };
  }
}
