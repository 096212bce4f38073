/**
 * The manifest of a multi-part append-only file: which files make it up, and in which order.
 *
 *   base       the data set when it was last rewritten: an RDB file, or commands
 *   increments commands since then, oldest first; the last one is being written
 *   history    what a rewrite has replaced, to be deleted
 *
 * A manifest is a value: a change makes another one, and writing that one to disk (under `temporaryManifestName`, then renamed) is
 * what makes the change happen. Names are byte strings, one character per byte.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/ and the files of redis-server 7.
 */
export type AofFileType = 'base' | 'history' | 'increment';

export interface AofFile {
  /** Without a folder. */
  readonly name: string;
  /** Counts bases, or increments, from 1. */
  readonly seq: number;
  readonly type: AofFileType;
}

/** A manifest, and the file of it that is new. */
export interface ManifestChange {
  readonly manifest: Manifest;
  readonly file: AofFile;
}

interface ManifestParts {
  readonly base?: AofFile | undefined;
  readonly increments?: readonly AofFile[];
  readonly history?: readonly AofFile[];
  /** The last numbers given; those of files that are gone are not given again. */
  readonly baseSeq?: number;
  readonly incrementSeq?: number;
}

export class Manifest {
  static get empty(): Manifest {
    return new Manifest({});
  }

  readonly base: AofFile | undefined;
  readonly increments: readonly AofFile[];
  readonly history: readonly AofFile[];
  readonly baseSeq: number;
  readonly incrementSeq: number;

  constructor({ base, increments = [], history = [], baseSeq, incrementSeq }: ManifestParts) {
    this.base = base;
    this.increments = increments;
    this.history = history;
    this.baseSeq = baseSeq ?? base?.seq ?? 0;
    this.incrementSeq = incrementSeq ?? increments.at(-1)?.seq ?? 0;
  }

  /** Of an append-only file of Redis 6 or older, which was one file: it becomes the base, under its own name. */
  static ofSingleFile(appendFilename: string): Manifest {
    return new Manifest({ base: { name: appendFilename, seq: 1, type: 'base' } });
  }

  /** No data yet. */
  get isEmpty(): boolean {
    return this.base === undefined && this.increments.length === 0;
  }

  /** What is loaded, in this order. */
  get loadedFiles(): readonly AofFile[] {
    return this.base === undefined ? this.increments : [this.base, ...this.increments];
  }

  /** With the base that a rewrite has made; the one before is history. */
  withNewBase(appendFilename: string, format: 'rdb' | 'aof'): ManifestChange {
    const seq = this.baseSeq + 1;
    const file: AofFile = { name: `${appendFilename}.${seq}.base.${format}`, seq, type: 'base' };
    const history = this.base === undefined ? this.history : [asHistory(this.base), ...this.history];
    return { manifest: this.#with({ base: file, baseSeq: seq, history }), file };
  }

  /** With one more increment, which is written from here on. */
  withNewIncrement(appendFilename: string): ManifestChange {
    const seq = this.incrementSeq + 1;
    const file: AofFile = { name: `${appendFilename}.${seq}.incr.aof`, seq, type: 'increment' };
    return { manifest: this.#with({ increments: [...this.increments, file], incrementSeq: seq }), file };
  }

  /** A rewrite holds what these increments did: all but the last `keptCount`, which came after its start. */
  withIncrementsAsHistory(keptCount: number): Manifest {
    const count = Math.max(0, this.increments.length - keptCount);
    const past = this.increments.slice(0, count).map(asHistory);
    return this.#with({ increments: this.increments.slice(count), history: [...past, ...this.history] });
  }

  /** The files of the history are deleted. */
  withoutHistory(): Manifest {
    return this.#with({ history: [] });
  }

  #with(change: ManifestParts): Manifest {
    return new Manifest({ ...this, ...change });
  }
}

export function manifestName(appendFilename: string): string {
  return `${appendFilename}.manifest`;
}

/** What a manifest is written to before it takes the place of the last one. */
export function temporaryManifestName(appendFilename: string): string {
  return `temp-${appendFilename}.manifest`;
}

/** An increment that is written while a rewrite is the first base: no manifest names it yet. */
export function temporaryIncrementName(appendFilename: string): string {
  return `temp-${appendFilename}.incr`;
}

function asHistory(file: AofFile): AofFile {
  return { ...file, type: 'history' };
}
