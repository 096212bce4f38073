import { Gate } from '../client.ts';
import type { Kernel } from '../kernel.ts';
import { MultiPartAof } from './aof/multi-part-aof.ts';
import { CutSource } from './cut-source.ts';
import { Loading } from './loading.ts';
import { loadRdb } from './rdb-loading.ts';
import { Snapshots } from './snapshots.ts';
import type { SnapshotSource } from './snapshot-source.ts';

/** What a node keeps on disk: what it loads at the start, its snapshots, its append-only file, and what follows when the disk fails. */
export class Persistence {
  readonly loading: Loading;
  readonly snapshots: Snapshots;
  /** What snapshots are made by; those of the append-only file, too. */
  source: SnapshotSource;
  readonly appendOnlyFile: MultiPartAof;
  /** Code of libraries of functions, as it was loaded: nobody runs it here, and it goes into the next snapshot. */
  readonly functionLibraries: Uint8Array[] = [];
  readonly #kernel: Kernel;
  #stopped: Promise<void> | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.loading = new Loading(kernel);
    this.snapshots = new Snapshots(kernel);
    this.appendOnlyFile = new MultiPartAof(kernel);
    this.source = new CutSource(kernel);
    kernel.config.onChange(() => this.refreshGate());
  }

  /** Reads what the last run has left. Clients are answered -LOADING until the promise resolves; it rejects when a file is bad. */
  async load(): Promise<void> {
    const kernel = this.#kernel;
    const file = this.appendOnlyFile;
    kernel.setGate(Gate.loading, true);
    await this.snapshots.removeLeftovers();
    if (file.isOn) {
      await file.load(this.loading);
      await file.start();
    } else if (await loadRdb(kernel, kernel.config.dbFilename, this.loading, this.#expiredBeforeMs)) {
      kernel.log.notice(`DB loaded from disk: ${(this.loading.elapsedMs / 1000).toFixed(3)} seconds`);
    }
    await kernel.cluster?.dataLoaded();
    kernel.setGate(Gate.loading, false);
  }

  /** Keys that are left out when they are loaded; a replica waits for its master's word. */
  get #expiredBeforeMs(): number {
    const { config, nowMs } = this.#kernel;
    return config.replication.replicaOf === undefined ? nowMs : -Infinity;
  }

  /** `hz` times a second, not while loading. */
  tick(): void {
    this.appendOnlyFile.tick();
    this.snapshots.tick();
  }

  /** Why no command may change anything, as the error that it answers; undefined: they may. */
  get refusal(): string | undefined {
    if (this.snapshots.isWriteRefused) return SNAPSHOT_FAILED;
    const error = this.appendOnlyFile.writeError;
    return error === undefined ? undefined : `MISCONF Errors writing to the AOF file: ${error}`;
  }

  /** To be called whenever what `refusal` looks at may have changed. */
  refreshGate(): void {
    this.#kernel.setGate(Gate.misconf, this.refusal !== undefined);
  }

  /** The server ends, and nothing more is saved. Twice is once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.loading.stop();
    await this.snapshots.abort();
    await this.appendOnlyFile.close();
  }
}

const SNAPSHOT_FAILED =
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify " +
  'the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails ' +
  '(stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.';
