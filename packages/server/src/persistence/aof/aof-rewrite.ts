import type { Kernel } from '../../kernel.ts';
import { writePieces } from '../piece-writing.ts';
import { slowSource } from '../slow-source.ts';
import type { PieceSource } from '../snapshot-source.ts';
import { snapshotRequest } from '../snapshots.ts';
import type { AofFolder } from './aof-folder.ts';
import type { AofWriter } from './aof-writer.ts';
import { CommandPieces } from './command-pieces.ts';
import { Increment } from './increment.ts';

/** It was called off. */
export class RewriteAborted extends Error {
  override readonly name = 'RewriteAborted';
}

/**
 * What a rewrite is for. `shrink`: the append-only file is in use and shall become short; whatever happens, it stays whole. `begin`: there is
 * none yet, or what there is cannot be relied on any more. `base`: only a base is wanted, since `appendonly` is off.
 */
export type RewriteAim = 'shrink' | 'begin' | 'base';

/**
 * Writes the data set as it is at one moment as a new base, while effects from that moment on go to a new increment. What a loss of
 * power leaves at any moment is a manifest whose files together are the data set:
 *
 *   shrink   1. the old increment is written and synced up to the moment    base 1, incr 1
 *            2. the manifest names the new increment, which then is written  base 1, incr 1, incr 2
 *            3. the new base is written, synced and renamed                  base 1, incr 1, incr 2
 *            4. the manifest names it                                        base 2, incr 2
 *   begin    the manifest names new base and new increment together, when both are on the disk
 *
 * Between 1 and 2 effects wait in memory (and with `always` replies, too), so that the new increment has nothing before
 * the old one is durable as a whole.
 */
export class AofRewrite {
  readonly aim: RewriteAim;
  readonly startedMs: number;
  readonly #kernel: Kernel;
  readonly #folder: AofFolder;
  readonly #writer: AofWriter;
  readonly #temporary: string;
  #source: PieceSource | undefined;
  #format: 'rdb' | 'aof' = 'rdb';
  #isAborted = false;

  constructor(kernel: Kernel, folder: AofFolder, writer: AofWriter, aim: RewriteAim) {
    this.aim = aim;
    this.startedMs = kernel.env.clock.monotonicMs();
    this.#kernel = kernel;
    this.#folder = folder;
    this.#writer = writer;
    this.#temporary = `temp-rewriteaof-${kernel.processFacts.pid}.aof`;
  }

  /** `run` then rejects with a RewriteAborted, unless it is over. */
  abort(): void {
    this.#isAborted = true;
    this.#source?.abort();
  }

  /** Answers the bytes of the new base. Rejects with what went wrong; what was there before is then still in use. */
  async run(): Promise<number> {
    try {
      await this.#folder.make();
      return await (this.aim === 'shrink' ? this.#shrink() : this.#begin());
    } catch (error) {
      throw this.#isAborted ? new RewriteAborted('the rewrite was called off', { cause: error }) : error;
    } finally {
      this.#source?.abort();
      await this.#folder.remove(this.#temporary);
    }
  }

  async #shrink(): Promise<number> {
    const folder = this.#folder;
    const writer = this.#writer;
    const { file, manifest } = folder.manifest.withNewIncrement(folder.baseName);
    const increment = new Increment(file.name, await folder.create(file.name), 0);
    const old = writer.increment!;
    try {
      this.#checkAborted();
      this.#kernel.effects.beginStream();
      if (!writer.pause()) throw new Error(writer.trouble?.text);
      this.#take();
      try {
        await writer.sync();
        await folder.persist(manifest);
      } catch (error) {
        writer.resume(old);
        throw error;
      }
    } catch (error) {
      await increment.close();
      // Where the disk has not said for sure which manifest is in force, both may be, and the file stays.
      if (folder.manifest.incrementSeq < file.seq) await folder.remove(file.name);
      throw error;
    }
    writer.resume(increment);
    await old.close();
    return this.#finish(1);
  }

  async #begin(): Promise<number> {
    const folder = this.#folder;
    const writer = this.#writer;
    if (this.aim === 'base') {
      this.#take();
      return this.#finish(0);
    }
    const { file, manifest } = folder.manifest.withNewIncrement(folder.baseName);
    const increment = new Increment(file.name, await folder.create(file.name), 0);
    const old = writer.increment;
    try {
      this.#checkAborted();
      const { effects } = this.#kernel;
      effects.sink = writer;
      effects.beginStream();
      writer.beginAfresh(increment);
      this.#take();
      await writer.idle();
      await old?.close();
      const base = await this.#writeBase();
      await increment.sync();
      await this.#nameBase(manifest, 1);
      writer.beganAfresh();
      return base;
    } catch (error) {
      writer.increment = undefined;
      await increment.close();
      if (folder.manifest.incrementSeq < file.seq) await folder.remove(file.name);
      throw error;
    }
  }

  async #finish(keptIncrements: number): Promise<number> {
    const baseBytes = await this.#writeBase();
    await this.#nameBase(this.#folder.manifest, keptIncrements);
    return baseBytes;
  }

  /** The moment. */
  #take(): void {
    const { config, env, persistence } = this.#kernel;
    // Libraries of functions have no commands here.
    this.#format = config.aofUseRdbPreamble || persistence.functionLibraries.length > 0 ? 'rdb' : 'aof';
    const source = persistence.source.begin(snapshotRequest(this.#kernel, 'background', true));
    const delayUs = config.rdbKeySaveDelayUs;
    this.#source = delayUs > 0 ? slowSource(source, env.timers, delayUs) : source;
  }

  #checkAborted(): void {
    if (this.#isAborted) throw new RewriteAborted('the rewrite was called off');
  }

  /** Into the temporary file; answers its bytes. */
  async #writeBase(): Promise<number> {
    const { config } = this.#kernel;
    const source = this.#source!;
    const file = await this.#folder.create(this.#temporary);
    try {
      const pieces = this.#format === 'rdb' ? source : new CommandPieces(source);
      await writePieces(file, pieces, config.aofRewriteIncrementalFsync);
      this.#checkAborted();
      return await file.sizeBytes();
    } finally {
      await file.close();
    }
  }

  async #nameBase(before: AofFolder['manifest'], keptIncrements: number): Promise<void> {
    const folder = this.#folder;
    const { file, manifest } = before.withNewBase(folder.baseName, this.#format);
    try {
      await folder.rename(this.#temporary, file.name);
      this.#checkAborted();
      await folder.persist(manifest.withIncrementsAsHistory(keptIncrements));
    } catch (error) {
      if (folder.manifest.baseSeq < file.seq) await folder.remove(file.name);
      throw error;
    }
  }
}
