import type { Keyspace } from '@kvartz/engine';
import { RdbError } from '../rdb/rdb-error.ts';
import { RdbEvent } from '../rdb/rdb-event.ts';
import { RdbParser } from '../rdb/rdb-parser.ts';
import { LoadState } from '../values/load-state.ts';
import { ValueLoader } from '../values/value-loader.ts';

export interface SnapshotLoaderOptions {
  /** They should be empty, and nobody may change them meanwhile. */
  readonly databases: readonly Keyspace[];
  /** Keys that expired before this moment are left out; -Infinity, for a replica: none are. */
  readonly expiredBeforeMs: number;
  /** Whether the sum at the end is verified (`rdbchecksum`). Default: yes. */
  readonly isChecksummed?: boolean;
  readonly onAux?: (name: string, value: string) => void;
  readonly onFunctionLibrary?: (code: Uint8Array) => void;
  /** A module's data beside the keys, which is passed over. */
  readonly onModuleAux?: (moduleName: string) => void;
}

/**
 * Loads a snapshot into databases, from pieces of any size.
 *
 *   for await (const piece of file) loader.feed(piece);
 *   loader.finish();
 *
 * Throws RdbError when the bytes are wrong: then the databases hold what came before.
 */
export class SnapshotLoader {
  /** So far: keys that are there, keys that had expired, and collections without elements. */
  loadedKeys = 0;
  expiredKeys = 0;
  emptyKeys = 0;
  readonly #options: SnapshotLoaderOptions;
  readonly #parser: RdbParser;
  readonly #values: ValueLoader;
  #keyspace: Keyspace;
  /** The key that comes has expired. */
  #isSkipping = false;
  #isOutOfMemory = false;
  #isDone = false;

  constructor(options: SnapshotLoaderOptions) {
    const { databases, isChecksummed = true } = options;
    this.#options = options;
    this.#parser = new RdbParser({ isChecksummed });
    this.#keyspace = databases[0];
    this.#values = new ValueLoader(this.#parser, databases[0]);
  }

  /** Bytes that have been read. */
  get offset(): number {
    return this.#parser.offset;
  }

  /** There was no memory for a key: it is not there, and nothing more is read. */
  get isOutOfMemory(): boolean {
    return this.#isOutOfMemory;
  }

  /** The file is over: what follows is not of it. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The next bytes, which may be used again afterwards. */
  feed(piece: Uint8Array): void {
    if (this.#isDone || this.#isOutOfMemory) return;
    const parser = this.#parser;
    parser.feed(piece);
    try {
      for (let event = parser.next(); event !== RdbEvent.needMore; event = parser.next()) {
        if (!this.#take(event)) return;
      }
    } catch (error) {
      this.#values.abort(this.#keyspace);
      throw error;
    }
  }

  /** No more will come. Throws unless the file was whole. */
  finish(): void {
    if (this.#isOutOfMemory) return;
    try {
      this.#parser.finish();
    } catch (error) {
      this.#values.abort(this.#keyspace);
      throw error;
    }
  }

  /** False: no more is to be read. */
  #take(event: RdbEvent): boolean {
    const parser = this.#parser;
    switch (event) {
      case RdbEvent.aux:
        this.#options.onAux?.(String(parser.key), String(parser.value));
        return true;
      case RdbEvent.functionLibrary:
        this.#options.onFunctionLibrary?.(parser.value.toBytes());
        return true;
      case RdbEvent.moduleAux:
        this.#options.onModuleAux?.(parser.moduleName);
        return true;
      case RdbEvent.resizeDb:
        return true;
      case RdbEvent.selectDb:
        this.#select();
        return true;
      case RdbEvent.eof:
        this.#isDone = true;
        return false;
      default:
        return this.#takeKey(event);
    }
  }

  #takeKey(event: RdbEvent): boolean {
    if (this.#isSkipping) {
      if (event === RdbEvent.end) this.#isSkipping = false;
      return true;
    }
    const isBegun = event === RdbEvent.begin;
    if (isBegun || event === RdbEvent.string || event === RdbEvent.blob) {
      if (this.#parser.expireAtMs < this.#options.expiredBeforeMs) {
        this.expiredKeys++;
        this.#isSkipping = isBegun;
        return true;
      }
    }
    const state = this.#values.take(event, this.#keyspace);
    if (state === LoadState.loaded) this.loadedKeys++;
    else if (state === LoadState.empty) this.emptyKeys++;
    this.#isOutOfMemory = state === LoadState.noMemory;
    return !this.#isOutOfMemory;
  }

  #select(): void {
    const { databases } = this.#options;
    const { db, offset } = this.#parser;
    if (db >= databases.length) {
      throw new RdbError({
        code: 'unsupported',
        offset,
        expected: `a database below ${databases.length} (see the directive 'databases')`,
        found: `database ${db}`,
      });
    }
    this.#keyspace = databases[db];
  }
}
