import type { SnapshotOptions } from '@kvartz/persistence';

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
  next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** A piece is needed no more: its memory may serve another. */
  reuse?(piece: Uint8Array<ArrayBuffer>): void;
  /** No more pieces are wanted; also after the last one, and twice is once. */
  abort(): void;
}

/** Where snapshots come from. */
export interface SnapshotSource {
  /** Takes the data as they are at this moment, whatever happens to them before the last piece is taken. */
  begin(request: SnapshotRequest): PieceSource;
}
