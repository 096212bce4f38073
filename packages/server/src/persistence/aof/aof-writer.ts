import { latin1Bytes } from '@kvartz/base';
import type { EffectSink } from '../../effects.ts';
import type { Kernel } from '../../kernel.ts';
import { systemErrorText } from '../system-error-text.ts';
import type { Increment } from './increment.ts';
import { PendingEffects } from './pending-effects.ts';
import { SyncPace } from './sync-pace.ts';

/** `everysec`: a write waits so long at most for a sync that is under way, since the one would stop the other. */
const postponedMsMax = 2000;
const everysecMs = 1000;
/** So much may be pending; then `everysec` writes beside the sync, and `always` lets clients wait that write. */
const pendingBytesMax = 64 * 1024 * 1024;
/** A write that failed is tried again so often, ... */
const retryMs = 1000;
/** ... and the log told so often. */
const errorLogMs = 30_000;

/** So many turns, and so many bytes of effects, may be gathered for one sync. */
const gatheredTurnsMax = 8;
const gatheredBytesMax = 1024 * 1024;

/**
 * What has gone wrong. `write`: what could not be written waits here, and is tried again. `sync`: after a sync that failed nobody
 * knows what the disk has of the file, and Linux tells of it only once; the file is not relied on any more. `files`: files of the
 * append-only file are gone.
 */
export interface AofTrouble {
  readonly kind: 'write' | 'sync' | 'files';
  readonly text: string;
}

/**
 * Writes the effects of each turn to the increment file, as `appendfsync` says:
 *
 *   always    written and synced before replies leave: inline, or in the background while `OutputHold` keeps replies
 *             back; what comes meanwhile is pending, and written and synced as one when that is over
 *   everysec  written each turn, synced in the background each second; pending while that sync is under way, up to 2 s
 *   no        written each turn
 *
 * Offsets count bytes of effects since the start of the server:  durable <= written <= appended.
 * Invariant: only whole turns are written, and in order. No reply leaves before the effects that it acknowledges are
 * durable (`always`).
 */
export class AofWriter implements EffectSink {
  appendedOffset = 0;
  writtenOffset = 0;
  durableOffset = 0;
  /** Writes that did not wait for a sync any longer. */
  delayedSyncCount = 0;
  trouble: AofTrouble | undefined;
  /** Undefined: none can be written to, and effects wait. */
  increment: Increment | undefined;
  readonly pace = new SyncPace();
  readonly #kernel: Kernel;
  readonly #pending = new PendingEffects();
  /** Effects belong into a file that is not there yet. */
  #isPaused = false;
  /** What `gathers` has seen since the last write. */
  #gatheredBytes = 0;
  #gatheredTurns = 0;
  #syncing: Promise<void> | undefined;
  /** The last batch of effects (`EffectJournal.batch`) that is durable. */
  #durableBatch = 0;
  #lastSyncMs = -Infinity;
  #postponedSinceMs = 0;
  #lastRetryMs = 0;
  #lastErrorLogMs = -Infinity;
  #timestampSeconds = 0;
  /** A rewrite is under way. */
  isRewriting = false;
  /** False while the first base is being written, and when the file goes out of use. */
  isPromising = true;
  readonly #onTrouble: () => void;

  /** `onTrouble`: it has come, or has gone. */
  constructor(kernel: Kernel, onTrouble: () => void) {
    this.#kernel = kernel;
    this.#onTrouble = onTrouble;
  }

  get pendingBytes(): number {
    return this.#pending.sizeBytes;
  }

  get isSyncing(): boolean {
    return this.#syncing !== undefined;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    this.#annotate();
    this.appendedOffset += end - start;
    const policy = this.#policy();
    const mayWrite = this.#mayWrite(policy);
    if (!mayWrite || this.#pending.sizeBytes > 0) {
      this.#pending.add(bytes, start, end);
      if (mayWrite) this.#writePending();
    } else if (!this.#write(bytes, start, end)) this.#pending.add(bytes, start, end);
    if (policy === 'always') this.#commit();
  }

  /**
   * At the end of a turn: true, when another turn is to be waited for before the one sync, since the last one brought more. A look at
   * the sockets takes microseconds, a sync hundreds: SET of 50 connections came to 28 a sync without.
   */
  gathers(): boolean {
    const bytes = this.#kernel.effects.pendingBytes;
    const hasMore = bytes > this.#gatheredBytes && bytes < gatheredBytesMax && this.#gatheredTurns < gatheredTurnsMax;
    if (!hasMore || this.#policy() !== 'always' || !this.#mayWrite('always') || !this.pace.isInline) {
      this.#gatheredBytes = 0;
      this.#gatheredTurns = 0;
      return false;
    }
    this.#gatheredBytes = bytes;
    this.#gatheredTurns++;
    return true;
  }

  /** Calls of the cron: syncs each second, and what waits or has failed. */
  tick(): void {
    const { monotonicMs } = this.#kernel;
    const { increment, trouble } = this;
    if (trouble?.kind === 'write' && monotonicMs - this.#lastRetryMs >= retryMs) this.#retry();
    if (increment === undefined || this.#isPaused || this.trouble !== undefined) return;
    const policy = this.#policy();
    if (this.#pending.sizeBytes > 0 && this.#mayWrite(policy)) this.#writePending();
    if (policy === 'no' || this.isSyncing || this.durableOffset === this.writtenOffset) return;
    if (monotonicMs - this.#lastSyncMs >= everysecMs) this.#startSync();
  }

  /** `appendfsync` has changed: what was acknowledged before is not asked about again. */
  policyChanged(): void {
    this.#durableBatch = this.#kernel.effects.batch++;
  }

  /** Writes all that waits, for a new file follows; false: it cannot be written. */
  pause(): boolean {
    if (this.#pending.sizeBytes > 0 && this.trouble === undefined) this.#writePending();
    if (this.trouble !== undefined) return false;
    this.#isPaused = true;
    return true;
  }

  /** Goes on after `pause`, in this file. */
  resume(increment: Increment): void {
    this.increment = increment;
    this.#isPaused = false;
    this.#timestampSeconds = 0;
    this.#goOn();
  }

  /** From here on all goes to this file; what waits is not needed any more, since a new base will have it. */
  beginAfresh(increment: Increment): void {
    this.increment = increment;
    this.#isPaused = false;
    this.#timestampSeconds = 0;
    this.#pending.clear();
    this.writtenOffset = this.appendedOffset;
  }

  /** The base that `beginAfresh` spoke of is there: trouble is over, and promises are made again. */
  beganAfresh(): void {
    this.isPromising = true;
    this.policyChanged();
    this.recovered();
    this.#goOn();
  }

  /** No sync is under way. */
  async idle(): Promise<void> {
    while (this.#syncing !== undefined) await this.#syncing;
  }

  /** All that is written is durable when this resolves; rejects where that failed. */
  async sync(): Promise<void> {
    await this.idle();
    if (this.increment === undefined) return;
    if (this.durableOffset === this.writtenOffset && this.trouble === undefined) return;
    if (this.trouble === undefined) await this.#startSync();
    if (this.trouble !== undefined) throw new Error(this.trouble.text);
  }

  /** The server ends: writes and syncs what there is. */
  async finish(): Promise<void> {
    this.#kernel.effects.deliver();
    await this.idle();
    if (this.trouble?.kind === 'write') this.#retry();
    if (this.#pending.sizeBytes > 0 && this.#mayWrite('no')) this.#writePending();
    await this.sync().catch(() => {}); // it is in the log
    if (this.#kernel.outputHold.isOn) this.#kernel.outputHold.release();
  }

  fail(kind: AofTrouble['kind'], error: unknown): void {
    const kernel = this.#kernel;
    const text = systemErrorText(error);
    const isNew = this.trouble?.kind !== kind;
    // A write may succeed again; what a sync has lost stays lost.
    if (isNew && (this.trouble === undefined || kind !== 'write')) this.trouble = { kind, text };
    this.#lastRetryMs = kernel.monotonicMs;
    if (isNew || kernel.monotonicMs - this.#lastErrorLogMs >= errorLogMs) {
      this.#lastErrorLogMs = kernel.monotonicMs;
      const doing = kind === 'write' ? 'writing to' : kind === 'sync' ? 'syncing' : 'looking for';
      kernel.log.warning(`Error ${doing} the AOF file: ${text}`);
    }
    if (isNew && this.#policy() === 'always') this.#disown();
    if (kernel.outputHold.isOn) kernel.outputHold.release();
    if (isNew) this.#onTrouble();
  }

  /** The file, or a new one in its place, takes writes again. */
  recovered(): void {
    if (this.trouble === undefined) return;
    this.trouble = undefined;
    this.#kernel.log.warning('AOF write error looks solved. The server can write again.');
    this.#onTrouble();
  }

  /** There is no file any more that could be in trouble. */
  forgiven(): void {
    this.trouble = undefined;
    this.isPromising = true;
    this.#pending.clear();
    this.writtenOffset = this.appendedOffset;
    this.durableOffset = this.appendedOffset;
    this.#onTrouble();
  }

  #policy(): 'always' | 'everysec' | 'no' {
    const { config } = this.#kernel;
    if (!this.isPromising) return 'no';
    return this.isRewriting && config.noAppendfsyncOnRewrite ? 'no' : config.appendfsync;
  }

  #mayWrite(policy: 'always' | 'everysec' | 'no'): boolean {
    if (this.increment === undefined || this.#isPaused || this.trouble !== undefined) return false;
    if (this.#syncing === undefined || policy === 'no') return true;
    return policy === 'everysec' && (this.#pending.sizeBytes > pendingBytesMax || this.#isPostponedTooLong());
  }

  #isPostponedTooLong(): boolean {
    const { log, monotonicMs } = this.#kernel;
    if (this.#postponedSinceMs === 0) this.#postponedSinceMs = monotonicMs;
    if (monotonicMs - this.#postponedSinceMs < postponedMsMax) return false;
    this.#postponedSinceMs = 0;
    this.delayedSyncCount++;
    log.notice(
      'Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to ' +
        'complete, this may slow down the server.',
    );
    return true;
  }

  #writePending(): void {
    const pending = this.#pending;
    if (this.#write(pending.bytes, 0, pending.sizeBytes)) pending.clear();
  }

  /** False: nothing was written, and there is trouble. */
  #write(bytes: Uint8Array, start: number, end: number): boolean {
    const { env, latency, nowMs } = this.#kernel;
    const startMs = latency.thresholdMs > 0 ? env.clock.monotonicMs() : 0;
    try {
      this.increment!.write(bytes, start, end);
    } catch (error) {
      this.fail('write', error);
      return false;
    }
    this.writtenOffset = this.appendedOffset;
    this.#postponedSinceMs = 0;
    if (latency.thresholdMs > 0) {
      const ms = env.clock.monotonicMs() - startMs;
      const beside = this.isSyncing ? 'pending-fsync' : this.isRewriting ? 'active-child' : 'alone';
      latency.sample(`aof-write-${beside}`, ms, nowMs);
      latency.sample('aof-write', ms, nowMs);
    }
    return true;
  }

  /** `always`: what has come is made durable, or has to wait until that is possible. */
  #commit(): void {
    if (this.trouble !== undefined) return;
    const { outputHold } = this.#kernel;
    if (this.#syncing !== undefined || this.#isPaused || this.increment === undefined) {
      outputHold.begin(false);
      if (this.#pending.sizeBytes > pendingBytesMax) outputHold.press();
      return;
    }
    if (!this.pace.isInline) {
      void this.#startSync();
      return outputHold.begin(true);
    }
    this.#syncInline();
  }

  #syncInline(): void {
    const { clock } = this.#kernel.env;
    const startMs = clock.monotonicMs();
    try {
      this.increment!.syncSync();
    } catch (error) {
      return this.fail('sync', error);
    }
    this.#noteSync(clock.monotonicMs() - startMs, true);
    this.durableOffset = this.writtenOffset;
    this.#durableBatch = this.#kernel.effects.batch++;
  }

  /** Resolves when it is over, however it ended. */
  #startSync(): Promise<void> {
    this.#lastSyncMs = this.#kernel.env.clock.monotonicMs();
    this.#syncing = this.#sync(this.increment!);
    return this.#syncing;
  }

  async #sync(increment: Increment): Promise<void> {
    const { effects, env, outputHold } = this.#kernel;
    const offset = this.writtenOffset;
    const batch = effects.batch++;
    const startMs = env.clock.monotonicMs();
    let failure: { readonly error: unknown } | undefined;
    try {
      await increment.sync();
    } catch (error) {
      failure = { error };
    }
    // What the turn has done so far comes behind what was synced, and waits with the rest.
    effects.deliver();
    if (failure === undefined) {
      const ms = env.clock.monotonicMs() - startMs;
      this.#noteSync(ms, false);
      this.durableOffset = Math.max(this.durableOffset, offset);
      this.#durableBatch = Math.max(this.#durableBatch, batch);
      const lingerMs = this.pace.lingerMsAfter(ms);
      if (lingerMs > 0 && outputHold.isOn && this.#pending.sizeBytes > 0) {
        outputHold.release();
        outputHold.begin(false);
        await new Promise<void>((resolve) => void env.timers.after(lingerMs, resolve));
        effects.deliver();
      }
    }
    this.#syncing = undefined;
    // One that another file has replaced is not needed.
    if (failure !== undefined && increment === this.increment) this.fail('sync', failure.error);
    this.#goOn();
  }

  #noteSync(ms: number, wasInline: boolean): void {
    const { latency, nowMs } = this.#kernel;
    if (this.#policy() === 'always') {
      this.pace.note(ms, wasInline);
      latency.sample('aof-fsync-always', ms, nowMs);
    }
  }

  /** What waited may go on. */
  #goOn(): void {
    const kernel = this.#kernel;
    const policy = this.#policy();
    if (kernel.outputHold.isOn) kernel.outputHold.release();
    if (this.#pending.sizeBytes > 0 && this.#mayWrite(policy)) this.#writePending();
    if (policy === 'always' && this.durableOffset < this.appendedOffset) this.#commit();
    kernel.flushOutput();
  }

  #retry(): void {
    this.#lastRetryMs = this.#kernel.monotonicMs;
    this.#writePending();
    if (this.#pending.sizeBytes > 0) return;
    this.recovered();
    if (this.#policy() === 'always') this.#commit();
  }

  /**
   * What these clients did cannot be made durable now, though it has happened. Neither success nor failure would be a true answer,
   * so they lose their connections, as they do where a server ends.
   */
  #disown(): void {
    for (const client of this.#kernel.clients.values()) {
      if (client.effectBatch > this.#durableBatch) this.#kernel.kill(client);
    }
  }

  /** `#TS:<seconds>`, for tools that cut a file at a time. */
  #annotate(): void {
    const { config, nowMs } = this.#kernel;
    if (!config.aofTimestampEnabled) return;
    const seconds = Math.floor(nowMs / 1000);
    if (seconds <= this.#timestampSeconds) return;
    this.#timestampSeconds = seconds;
    const line = latin1Bytes(`#TS:${seconds}\r\n`);
    this.appendedOffset += line.length;
    this.#pending.add(line, 0, line.length);
  }
}
