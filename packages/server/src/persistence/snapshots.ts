import type { SavePoint } from '../config/index.ts';
import type { Kernel } from '../kernel.ts';
import { compatibleVersion } from '../version.ts';
import { removeIfThere, SaveAborted, SnapshotFile, temporaryName } from './snapshot-file.ts';
import { slowSource } from './slow-source.ts';
import type { SnapshotRequest } from './snapshot-source.ts';
import { systemErrorText } from './system-error-text.ts';

/** After a save that failed the next one is not tried before. */
const retryMs = 5000;

/** The snapshots of one server: when they are taken, and what INFO tells of them. */
export class Snapshots {
  /** BGSAVE SCHEDULE while the append-only file is rewritten. */
  isScheduled = false;
  /** Saves that were begun: SAVE, BGSAVE, save points. */
  count = 0;
  isLastOk = true;
  /** Of the last save in the background; -1: there was none. */
  lastSeconds = -1;
  readonly #kernel: Kernel;
  #running: SnapshotFile | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #isFlushDue = false;
  #isBackground = false;
  #startedMs = 0;
  #lastTryMs = -Infinity;
  /** Wall milliseconds of the last good save; as in Redis, the start of the server is one. */
  #lastSaveMs: number;
  /** What `context.dirty` was at that moment. */
  #savedDirty = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#lastSaveMs = kernel.env.clock.wallMs();
  }

  get lastSaveSeconds(): number {
    return Math.floor(this.#lastSaveMs / 1000);
  }

  /** `rdb_changes_since_last_save` */
  get changes(): number {
    return this.#kernel.context.dirty - this.#savedDirty;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get isRunningInBackground(): boolean {
    return this.#running !== undefined && this.#isBackground;
  }

  /** Seconds that the save in the background has taken so far; -1: there is none. */
  get currentSeconds(): number {
    return this.isRunningInBackground ? this.#secondsSince(this.#startedMs) : -1;
  }

  get keysDone(): number {
    return this.#running?.source.keysDone ?? 0;
  }

  get keysTotal(): number {
    return this.#running?.source.keysTotal ?? 0;
  }

  /** Snapshots are wanted, the last one failed, and that is to be noticed. */
  get isWriteRefused(): boolean {
    const { savePoints, stopWritesOnBgsaveError } = this.#kernel.config;
    return !this.isLastOk && stopWritesOnBgsaveError && savePoints.length > 0;
  }

  /** SAVE and the like: true when all that is in the databases now is on the disk. */
  async save(): Promise<boolean> {
    const { log } = this.#kernel;
    const error = await this.#start(false);
    if (error === undefined) log.notice('DB saved on disk');
    return error === undefined;
  }

  /** BGSAVE, and save points. No other may be running. */
  saveInBackground(): void {
    const { log, processFacts } = this.#kernel;
    this.count++;
    log.notice(`Background saving started by pid ${processFacts.pid}`);
    void this.#start(true).then((error) => {
      this.lastSeconds = this.#secondsSince(this.#startedMs);
      if (error === undefined) log.notice('Background saving terminated with success');
      else if (!(error instanceof SaveAborted)) log.warning('Background saving error');
    });
  }

  /** Calls off the save that is running, and waits until it has left nothing behind. */
  async abort(): Promise<void> {
    this.#running?.abort();
    await this.#ended;
  }

  /** FLUSHALL: a snapshot of what was there is not wanted any more, and where there are save points the file shall be empty, too. */
  flushed(): void {
    const { config, env, isLoading } = this.#kernel;
    if (isLoading) return;
    if (this.isRunningInBackground) this.#running?.abort();
    if (config.savePoints.length === 0 || this.#isFlushDue) return;
    this.#isFlushDue = true;
    // The databases are about to be emptied: not yet.
    env.timers.afterTurn(() => void this.#saveFlushed());
  }

  async #saveFlushed(): Promise<void> {
    while (this.#running !== undefined) await this.#ended;
    this.#isFlushDue = false;
    await this.save();
  }

  tick(): void {
    const { config, env, log } = this.#kernel;
    if (this.isRunning || this.#kernel.persistence.appendOnlyFile.isRewriting) return;
    const nowMs = env.clock.monotonicMs();
    if (!this.isLastOk && nowMs - this.#lastTryMs < retryMs) return;
    const point = config.savePoints.find((one) => this.#isReached(one));
    if (point !== undefined) log.notice(`${point.changes} changes in ${point.seconds} seconds. Saving...`);
    // While writes are refused no save point is reached any more: whether the disk is back is found out here.
    if (point !== undefined || this.isScheduled || this.isWriteRefused) {
      this.isScheduled = false;
      this.saveInBackground();
    }
  }

  /** What a process of before has left of a save, which it did not finish. */
  async removeLeftovers(): Promise<void> {
    const { config, env, log, processFacts } = this.#kernel;
    const own = temporaryName(this.#kernel);
    let names: readonly string[] = [];
    try {
      names = await env.disk.list('.');
    } catch (error) {
      // Whether the data can be read is for those to say who read them.
      log.warning(`The folder ${config.dir} cannot be listed: ${systemErrorText(error)}`);
    }
    for (const name of names) {
      const match = /^temp-(\d+)\.(.*)$/.exec(name);
      if (match === null || match[2] !== config.dbFilename) continue;
      // In a container, processes that come one after another have the same id.
      if (name !== own && processFacts.isAlive(Number(match[1]))) continue;
      await removeIfThere(env.disk, name);
      log.notice(`Removed ${name}: a save that did not end`);
    }
  }

  #isReached({ changes, seconds }: SavePoint): boolean {
    return this.changes >= changes && this.#kernel.env.clock.wallMs() - this.#lastSaveMs > seconds * 1000;
  }

  /** Answers the error, if there was one. */
  #start(isBackground: boolean): Promise<unknown> {
    const ended = this.#run(isBackground);
    this.#ended = ended;
    return ended;
  }

  async #run(isBackground: boolean): Promise<unknown> {
    const kernel = this.#kernel;
    const { clock } = kernel.env;
    const { dirty } = kernel.context;
    this.#isBackground = isBackground;
    this.#startedMs = clock.monotonicMs();
    this.#lastTryMs = this.#startedMs;
    const source = kernel.persistence.source.begin(snapshotRequest(kernel, isBackground ? 'background' : 'urgent'));
    const delayUs = kernel.config.rdbKeySaveDelayUs;
    this.#running = new SnapshotFile(kernel, delayUs > 0 ? slowSource(source, kernel.env.timers, delayUs) : source);
    const error = await this.#running.done;
    this.#running = undefined;
    if (error === undefined) {
      this.#savedDirty = dirty;
      this.#lastSaveMs = clock.wallMs();
      this.isLastOk = true;
    } else if (isBackground && !(error instanceof SaveAborted)) this.isLastOk = false;
    kernel.persistence.refreshGate();
    return error;
  }

  #secondsSince(monotonicMs: number): number {
    return Math.floor((this.#kernel.env.clock.monotonicMs() - monotonicMs) / 1000);
  }
}

/** How snapshots are written, by the directives. `isAofBase`: it is the beginning of an append-only file. */
export function snapshotRequest(kernel: Kernel, pace: SnapshotRequest['pace'], isAofBase = false): SnapshotRequest {
  const { arena, config, env, persistence, processFacts } = kernel;
  const policy = config.maxmemoryPolicy;
  return {
    pace,
    version: config.rdbVersion,
    isCompressed: config.rdbCompression,
    isChecksummed: config.rdbChecksum,
    access: policy.endsWith('lfu') ? 'lfu' : policy.endsWith('lru') ? 'lru' : 'none',
    ...(config.rdbKeySaveDelayUs > 0 && { pieceBytes: 1 }),
    functionLibraries: persistence.functionLibraries,
    aux: [
      ['redis-ver', compatibleVersion],
      ['redis-bits', '64'],
      ['ctime', String(Math.floor(env.clock.wallMs() / 1000))],
      ['used-mem', String(arena.usedBytes)],
      ['aof-base', isAofBase ? '1' : '0'],
      ['kvartz-ver', processFacts.version],
      ...(isAofBase ? [] : kernel.replication.aux()),
    ],
  };
}
