import { ByteBuffer } from '@kvartz/base';
import { Cut, type CutSink, type EntryRef, type Keyspace } from '@kvartz/engine';
import { RdbWriter } from '../rdb/rdb-writer.ts';
import { type AccessKind, ValueWriter } from '../values/value-writer.ts';
import { HeldViews, SnapshotMemoryError } from './held-views.ts';
import { defaultPieceBytes, type SnapshotOptions, versionFor } from './snapshot-options.ts';

const endBytes = 2 ** 14;
/** Elements of a large value that are written in one go; some 100 us. */
const stepElements = 500;

/**
 * A file of all databases as they are at the moment it is made, written while they go on changing:
 *
 *   const snapshot = new CutSnapshot(databases, options);
 *   for (let isDone = false; !isDone;) {
 *     isDone = snapshot.step(isSliceOver);
 *     for (let piece = snapshot.take(); piece !== undefined; piece = snapshot.take()) write(piece);
 *   }
 *
 * Keys that change are written when they do, so that `unwrittenBytes` also grows between two steps. The keys of different databases
 * come as they come, each behind a SELECTDB of its own.
 */
export class CutSnapshot implements CutSink {
  readonly #cut: Cut;
  readonly #writer: RdbWriter;
  readonly #values: ValueWriter;
  readonly #access: AccessKind;
  readonly #pieceBytes: number;
  /** The database that the file has selected. */
  #db = -1;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #unwrittenBytes = 0;
  /** A large string has been begun and not ended. */
  #isInString = false;
  #isEnded = false;
  /** Large collections that wait for their turn, and the one that is being written. */
  readonly #held = new HeldViews();
  /** Keys that were written while a large collection was in the middle: they follow it. */
  readonly #aside: RdbWriter;
  readonly #asideValues: ValueWriter;
  #isOutOfMemory = false;

  constructor(databases: readonly Keyspace[], options: SnapshotOptions = {}) {
    const { access = 'none', aux = [], functionLibraries = [], pieceBytes = defaultPieceBytes } = options;
    const writer = new RdbWriter({ ...options, version: versionFor(databases, options.version) });
    this.#writer = writer;
    this.#values = new ValueWriter(writer);
    this.#aside = new RdbWriter({ ...options, version: writer.version });
    this.#asideValues = new ValueWriter(this.#aside);
    this.#access = access;
    this.#pieceBytes = pieceBytes;
    // A piece may end with a value of this size, before it has to grow.
    writer.out.firstBytes = Math.max(writer.out.firstBytes, pieceBytes + endBytes);
    writer.header();
    for (const [name, value] of aux) writer.aux(name, value);
    for (const code of functionLibraries) writer.functionLibrary(ByteBuffer.from(code), 0, code.length);
    for (const [db, keyspace] of databases.entries()) {
      if (keyspace.keyCount === 0) continue;
      this.#select(db);
      writer.resizeDb(keyspace.keyCount, keyspace.expiringCount);
    }
    this.#cut = new Cut({ databases, sink: this });
  }

  get keysTotal(): number {
    return this.#cut.keysTotal;
  }

  /** Keys that have been written. */
  get keysDone(): number {
    return this.#cut.keysTaken;
  }

  /** Bytes that nobody has taken yet. */
  get unwrittenBytes(): number {
    return this.#unwrittenBytes + this.#writer.out.length + this.#aside.out.length;
  }

  /** Whether there is a piece to take. */
  get hasPiece(): boolean {
    return this.#pieces.length > 0;
  }

  /** Goes on until `isOver`, which is asked every 100 us or so, or there is a piece. True: the file is complete. Throws when there is no memory. */
  step(isOver: () => boolean): boolean {
    const isTaken = this.#cut.step(() => this.hasPiece || this.#isOutOfMemory || isOver());
    if (this.#isOutOfMemory) {
      this.abort();
      throw new SnapshotMemoryError();
    }
    if (!isTaken) return false;
    if (!this.#isEnded) {
      this.#isEnded = true;
      this.#writer.eof();
      this.#cutOff();
    }
    return true;
  }

  /** The next piece, the caller's from then on; undefined: there is none yet. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const piece = this.#pieces.shift();
    if (piece !== undefined) this.#unwrittenBytes -= piece.length;
    return piece;
  }

  /** A piece that was taken is needed no more: its memory serves the next ones, which saves a tenth of the time. */
  reuse(piece: Uint8Array<ArrayBuffer>): void {
    this.#writer.out.reuse(piece);
  }

  /** Gives it up. Twice is once. */
  abort(): void {
    this.#cut.abort();
    this.#writer.out.clear();
    this.#aside.out.clear();
    this.#pieces = [];
    this.#unwrittenBytes = 0;
  }

  write(db: number, keyspace: Keyspace, e: EntryRef): void {
    if (this.#held.current !== undefined) {
      this.#aside.selectDb(db);
      this.#asideValues.writeKey(keyspace, e, this.#access);
      return;
    }
    this.finishString();
    if (db !== this.#db) this.#select(db);
    this.#values.writeKey(keyspace, e, this.#access);
    this.#cutOffLong();
  }

  hold(db: number, keyspace: Keyspace, e: EntryRef): void {
    // Without memory for a view: whole, at once.
    if (!this.#held.add(db, keyspace, e, this.#access)) this.write(db, keyspace, e);
  }

  writeHeld(): boolean {
    if (this.#isInString) this.#isInString = !this.#values.step(stepElements);
    else if (!this.#writeView()) return false;
    this.#cutOffLong();
    return true;
  }

  beginString(db: number, keyspace: Keyspace, e: EntryRef): void {
    if (db !== this.#db) this.#select(db);
    this.#values.beginLargeString(keyspace, e, this.#access);
    this.#isInString = true;
  }

  finishString(): void {
    if (!this.#isInString) return;
    this.#isInString = false;
    this.#values.step(Infinity);
    this.#cutOffLong();
  }

  drop(): void {
    this.#isInString = false;
    this.#held.drop();
  }

  /** Writes a part of a large collection. False: there is none. */
  #writeView(): boolean {
    if (this.#held.current === undefined) {
      const next = this.#held.begin();
      if (next === undefined) return false;
      if (next.db !== this.#db) this.#select(next.db);
      this.#values.beginView(next.head, next.view);
    }
    if (!this.#values.step(stepElements)) return true;
    if (this.#held.current?.view.isFailed === true) this.#isOutOfMemory = true;
    this.#held.end();
    if (this.#aside.out.length > 0) {
      this.#writer.raw(this.#aside.out.take());
      this.#db = -1;
    }
    return true;
  }

  #select(db: number): void {
    this.#db = db;
    this.#writer.selectDb(db);
  }

  #cutOffLong(): void {
    if (this.#writer.out.length >= this.#pieceBytes) this.#cutOff();
  }

  /** What has been written becomes a piece. */
  #cutOff(): void {
    const piece = this.#writer.out.take();
    this.#pieces.push(piece);
    this.#unwrittenBytes += piece.length;
  }
}
