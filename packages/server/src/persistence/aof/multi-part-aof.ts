import type { Field } from '../../commands/info/section.ts';
import type { Kernel } from '../../kernel.ts';
import { loadAppendOnlyFiles, readManifest } from '../aof-loading.ts';
import type { Loading } from '../loading.ts';
import { systemErrorText } from '../system-error-text.ts';
import { AofFolder } from './aof-folder.ts';
import { AofRewrite, type RewriteAim, RewriteAborted } from './aof-rewrite.ts';
import { AofWriter } from './aof-writer.ts';
import { Increment } from './increment.ts';
import { RewriteLimit } from './rewrite-limit.ts';

/** How often it is looked whether the files are still there. */
const watchMs = 1000;

/**
 * The append-only file of a server: whether it is in use (`appendonly`), its rewrites, and what follows when the disk fails.
 *
 *   off ── appendonly yes ──► starting ── the first base is written ──► on ── appendonly no ──► off
 */
export class MultiPartAof {
  readonly writer: AofWriter;
  readonly #kernel: Kernel;
  readonly #folder: AofFolder;
  readonly #limit: RewriteLimit;
  #state: 'off' | 'starting' | 'on' | 'closed' = 'off';
  #rewrite: AofRewrite | undefined;
  /** Settles when the rewrite is over. */
  #rewriting: Promise<unknown> = Promise.resolve();
  /** `appendonly` is being followed. */
  #isSwitching = false;
  /** A rewrite that waits until a snapshot is written, or a transaction is over. */
  #isScheduled = false;
  #isManifestKnown = false;
  #rewriteCount = 0;
  #isLastRewriteOk = true;
  #lastRewriteSeconds = -1;
  /** Of all files but the one that is written. */
  #closedBytes = 0;
  /** Of all files, when they were loaded or rewritten last. */
  #baselineBytes = 0;
  #lastWatchMs = 0;
  #isWatching = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#folder = new AofFolder(kernel);
    this.#limit = new RewriteLimit(kernel);
    this.writer = new AofWriter(kernel, () => kernel.persistence.refreshGate());
    kernel.config.onChange((names) => {
      if (names.includes('appendonly')) kernel.env.timers.afterTurn(() => void this.#switch());
      if (names.includes('appendfsync')) this.writer.policyChanged();
    });
  }

  /** `appendonly yes`: it is loaded at the start, and not the snapshot. */
  get isOn(): boolean {
    return this.#kernel.config.appendonly;
  }

  /** The first base is being written: nothing is safe in the file before that is over. */
  get isStarting(): boolean {
    return this.#state === 'starting';
  }

  /** A snapshot waits until that is over, as in Redis. */
  get isRewriting(): boolean {
    return this.#rewrite !== undefined;
  }

  /** What the disk said (`No space left on device`) when writes are to be refused for it; undefined: all is well. */
  get writeError(): string | undefined {
    return this.writer.trouble?.text;
  }

  /** Reads the files into empty databases. Rejects with a DataFileError. */
  async load(loading: Loading): Promise<void> {
    const manifest = await readManifest(this.#kernel);
    this.#folder.manifest = (await loadAppendOnlyFiles(this.#kernel, manifest, loading)).manifest;
    this.#isManifestKnown = true;
  }

  /** What was loaded is what there is: opens the file that is written from now on. */
  async start(): Promise<void> {
    const { effects } = this.#kernel;
    await this.#folder.make();
    await this.#folder.removeLeftovers();
    if (this.#folder.manifest.isEmpty) {
      this.#state = 'starting';
      const error = await this.#startRewrite('begin');
      if (error !== undefined) throw error;
      // Nobody calls that a rewrite.
      this.#rewriteCount = 0;
      this.#lastRewriteSeconds = -1;
      return;
    }
    this.writer.increment = await this.#openIncrement();
    this.#closedBytes = await this.#measureClosed();
    this.#baselineBytes = this.#sizeBytes;
    this.#state = 'on';
    effects.sink = this.writer;
    effects.beginStream();
    this.writer.policyChanged();
    // The next process could not know of what failed here: its sync would succeed.
    await this.#syncLoaded().catch((error: unknown) => this.writer.fail('sync', error));
    await this.#folder.removeHistory();
  }

  /** `hz` times a second, not while loading. */
  tick(): void {
    this.writer.tick();
    if (this.#state === 'on') this.#watch();
    if (this.isRewriting || this.#isSwitching || this.#state === 'closed') return;
    const aim = this.#aim();
    if (aim !== undefined) void this.#startRewrite(aim);
  }

  /** BGREWRITEAOF. */
  rewrite(isInTransaction: boolean): 'started' | 'scheduled' | 'running' {
    if (this.isRewriting) return 'running';
    if (this.#kernel.persistence.snapshots.isRunning || isInTransaction || this.#isSwitching) {
      this.#isScheduled = true;
      this.#limit.failureCount = 0;
      return 'scheduled';
    }
    void this.#startRewrite(this.#neededAim());
    return 'started';
  }

  /** Puts everything so far on the disk, whatever `appendfsync` says. False: it could not be. */
  async flush(): Promise<boolean> {
    if (this.#state !== 'on') return true;
    await this.writer.finish();
    return this.writer.trouble === undefined;
  }

  /** Another data set is about to take the place of all that the files hold. They stay as they are until `beginAgain`. */
  async suspend(): Promise<void> {
    if (this.#state === 'off' || this.#state === 'closed') return;
    this.#isSwitching = true;
    try {
      await this.#turnOff();
    } finally {
      this.#isSwitching = false;
    }
  }

  /** The other data set is there: a base of it is written, if the file is in use. */
  beginAgain(): void {
    void this.#switch();
  }

  /** The server ends: what can be written and synced is, and the file is closed. */
  async close(): Promise<void> {
    this.#rewrite?.abort();
    await this.#rewriting;
    const wasOn = this.#state === 'on';
    this.#state = 'closed';
    if (!wasOn) return;
    await this.#closeIncrement();
    // What is still run has nowhere to go to, and is not acknowledged.
    this.#kernel.outputHold.begin(false);
  }

  /** `aof_enabled` to `aof_last_cow_size` of INFO. */
  fields(): Field[] {
    const runningSeconds = this.#rewrite === undefined ? -1 : this.#secondsOf(this.#rewrite);
    return [
      ['aof_enabled', this.#state === 'off' ? 0 : 1],
      ['aof_rewrite_in_progress', this.isRewriting ? 1 : 0],
      ['aof_rewrite_scheduled', this.#isScheduled || (this.#state === 'starting' && !this.isRewriting) ? 1 : 0],
      ['aof_last_rewrite_time_sec', this.#lastRewriteSeconds],
      ['aof_current_rewrite_time_sec', runningSeconds],
      ['aof_last_bgrewrite_status', this.#isLastRewriteOk ? 'ok' : 'err'],
      ['aof_rewrites', this.#rewriteCount],
      ['aof_rewrites_consecutive_failures', this.#limit.failureCount],
      ['aof_last_write_status', this.writer.trouble === undefined ? 'ok' : 'err'],
      ['aof_last_cow_size', 0],
    ];
  }

  /** What stands at the end, and only while it is on. */
  furtherFields(): Field[] {
    if (this.#state === 'off') return [];
    const { writer } = this;
    return [
      ['aof_current_size', this.#sizeBytes],
      ['aof_base_size', this.#baselineBytes],
      ['aof_pending_rewrite', this.#isScheduled ? 1 : 0],
      ['aof_buffer_length', writer.pendingBytes],
      ['aof_pending_bio_fsync', writer.isSyncing ? 1 : 0],
      ['aof_delayed_fsync', writer.delayedSyncCount],
    ];
  }

  get #sizeBytes(): number {
    return this.#closedBytes + (this.writer.increment?.sizeBytes ?? 0);
  }

  /** Follows `appendonly`, which may change again meanwhile. */
  async #switch(): Promise<void> {
    if (this.#isSwitching || this.#state === 'closed') return;
    this.#isSwitching = true;
    try {
      while (this.isOn !== (this.#state !== 'off')) {
        if (this.isOn) this.#state = 'starting';
        else await this.#turnOff();
      }
    } finally {
      this.#isSwitching = false;
    }
    if (this.#state === 'starting') this.tick();
  }

  async #turnOff(): Promise<void> {
    const { effects } = this.#kernel;
    effects.deliver();
    this.writer.isPromising = false;
    this.#rewrite?.abort();
    await this.#rewriting;
    await this.#closeIncrement();
    effects.sink = undefined;
    this.writer.forgiven();
    this.#state = 'off';
    this.#kernel.log.notice('AOF turned off');
  }

  async #closeIncrement(): Promise<void> {
    const { increment } = this.writer;
    await this.writer.finish();
    this.writer.increment = undefined;
    if (increment === undefined) return;
    this.#closedBytes += increment.sizeBytes;
    await increment.close();
  }

  async #openIncrement(): Promise<Increment> {
    const folder = this.#folder;
    const last = folder.manifest.increments.at(-1);
    if (last === undefined) {
      const { file, manifest } = folder.manifest.withNewIncrement(folder.baseName);
      const created = await folder.create(file.name);
      await folder.persist(manifest);
      return new Increment(file.name, created, 0);
    }
    const file = await folder.open(last.name);
    return new Increment(last.name, file, await file.sizeBytes());
  }

  /** What was loaded may never have been synced by the process that wrote it; and what follows builds on it. */
  async #syncLoaded(): Promise<void> {
    for (const { name } of this.#folder.manifest.increments) {
      const file = await this.#folder.open(name);
      await file.sync().finally(() => file.close());
    }
  }

  async #measureClosed(): Promise<number> {
    let bytes = 0;
    for (const file of this.#folder.manifest.loadedFiles) {
      if (file.name !== this.writer.increment?.name) bytes += await this.#folder.sizeOf(file);
    }
    return bytes;
  }

  /** What a rewrite is for, if one is to be begun now. */
  #aim(): RewriteAim | undefined {
    const needed = this.#neededAim();
    if (needed === 'begin') return this.#limit.mayBegin ? needed : undefined;
    if (this.#kernel.persistence.snapshots.isRunning) return undefined;
    if (!this.#isScheduled && !this.#hasGrown()) return undefined;
    return this.#limit.isHeldBack() ? undefined : needed;
  }

  #neededAim(): RewriteAim {
    if (this.#state === 'off') return 'base';
    const trouble = this.writer.trouble?.kind;
    return this.#state === 'starting' || (trouble !== undefined && trouble !== 'write') ? 'begin' : 'shrink';
  }

  #hasGrown(): boolean {
    const { autoAofRewriteMinSizeBytes, autoAofRewritePercentage } = this.#kernel.config;
    const sizeBytes = this.#sizeBytes;
    if (this.#state !== 'on' || autoAofRewritePercentage === 0 || sizeBytes <= autoAofRewriteMinSizeBytes) return false;
    const growth = Math.floor((sizeBytes * 100) / Math.max(1, this.#baselineBytes)) - 100;
    if (growth < autoAofRewritePercentage) return false;
    if (this.#limit.isHeldBack()) return false;
    this.#kernel.log.notice(`Starting automatic rewriting of AOF on ${growth}% growth`);
    return true;
  }

  /** Resolves when it is over, with what went wrong. */
  #startRewrite(aim: RewriteAim): Promise<unknown> {
    const { log, processFacts } = this.#kernel;
    const rewrite = new AofRewrite(this.#kernel, this.#folder, this.writer, aim);
    this.#rewrite = rewrite;
    this.#isScheduled = false;
    this.#rewriteCount++;
    this.writer.isRewriting = true;
    if (this.#state === 'starting') this.writer.isPromising = false;
    log.notice(`Background append only file rewriting started by pid ${processFacts.pid}`);
    const rewriting = this.#follow(rewrite).catch((error: unknown) => error);
    this.#rewriting = rewriting;
    return rewriting;
  }

  async #follow(rewrite: AofRewrite): Promise<void> {
    const { log } = this.#kernel;
    try {
      if (!this.#isManifestKnown) this.#folder.manifest = await readManifest(this.#kernel);
      this.#isManifestKnown = true;
      await rewrite.run();
      if (this.#state === 'starting') this.#state = 'on';
      this.#closedBytes = await this.#measureClosed();
      this.#baselineBytes = this.#sizeBytes;
      this.#isLastRewriteOk = true;
      this.#limit.succeeded();
      log.notice('Background AOF rewrite finished successfully');
      await this.#folder.removeHistory();
    } catch (error) {
      if (this.#state === 'starting') this.#kernel.effects.sink = undefined;
      if (!(error instanceof RewriteAborted)) {
        this.#isLastRewriteOk = false;
        this.#limit.failed();
        log.warning(`Background AOF rewrite terminated with error: ${systemErrorText(error)}`);
      }
      throw error;
    } finally {
      this.#lastRewriteSeconds = this.#secondsOf(rewrite);
      this.#rewrite = undefined;
      this.writer.isRewriting = false;
    }
  }

  /** Files that somebody has taken away are noticed, and a new base is written. */
  #watch(): void {
    const { monotonicMs } = this.#kernel;
    if (this.#isWatching || this.isRewriting || this.writer.trouble !== undefined) return;
    if (monotonicMs - this.#lastWatchMs < watchMs) return;
    this.#lastWatchMs = monotonicMs;
    this.#isWatching = true;
    const { manifest } = this.#folder;
    void this.#folder.missing().then((name) => {
      this.#isWatching = false;
      if (name === undefined || this.isRewriting || this.#state !== 'on' || manifest !== this.#folder.manifest) return;
      this.#kernel.log.warning(`${this.#folder.pathOf(name)} has been taken away: writing a new append-only file`);
      this.writer.fail('files', Object.assign(new Error(name), { code: 'ENOENT' }));
    });
  }

  #secondsOf(rewrite: AofRewrite): number {
    return Math.floor((this.#kernel.env.clock.monotonicMs() - rewrite.startedMs) / 1000);
  }
}
