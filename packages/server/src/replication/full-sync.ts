import { latin1Bytes, type Timer } from '@kvartz/base';
import { markBytes } from '@kvartz/replication';
import type { Kernel } from '../kernel.ts';
import { snapshotRequest } from '../persistence/snapshots.ts';
import type { PieceSource } from '../persistence/snapshot-source.ts';
import { randomHex } from '../random-hex.ts';
import type { AttachedReplica } from './attached-replica.ts';
import type { Replication } from './replication.ts';

/** No more of a snapshot is made while the slowest of its replicas has so much yet to take. */
const queuedBytesMax = 4 * 1024 * 1024;
const newline = new Uint8Array([0x0a]);

/**
 * Snapshots for replicas that need everything. Those that come within `repl-diskless-sync-delay` of each other share one: it is
 * made once and written to all of them at the pace of the slowest.
 */
export class FullSync {
  readonly #kernel: Kernel;
  readonly #replication: Replication;
  readonly #waiting = new Set<AttachedReplica>();
  #receivers = new Set<AttachedReplica>();
  #source: PieceSource | undefined;
  #delay: Timer | undefined;
  #onDrain: (() => void) | undefined;
  /** The snapshot that is being sent has a marked end. */
  #isMarked = false;

  constructor(kernel: Kernel, replication: Replication) {
    this.#kernel = kernel;
    this.#replication = replication;
  }

  request(replica: AttachedReplica): void {
    const { config, env, log } = this.#kernel;
    this.#waiting.add(replica);
    if (this.#source !== undefined) {
      log.notice('Current snapshot for replicas has begun already: the replica waits for the next one');
      return;
    }
    const delayMs = config.replication.isDisklessSync ? config.replication.disklessSyncDelaySeconds * 1000 : 0;
    const isEnough =
      config.replication.disklessSyncMaxReplicas > 0 &&
      this.#waiting.size >= config.replication.disklessSyncMaxReplicas;
    if (delayMs === 0 || isEnough) this.#beginSoon();
    else {
      log.notice(`Delay next snapshot for replicas by ${delayMs / 1000} seconds`);
      this.#delay ??= env.timers.after(delayMs, () => this.#begin());
    }
  }

  forget(replica: AttachedReplica): void {
    this.#waiting.delete(replica);
    if (!this.#receivers.delete(replica)) return;
    if (this.#receivers.size === 0) this.#source?.abort();
    this.#wake();
  }

  /** A replica has taken what it was sent. */
  drained(replica: AttachedReplica): void {
    if (this.#receivers.has(replica)) this.#wake();
  }

  /** So that those who wait do not think that we are gone. */
  keepAlive(): void {
    for (const { client } of this.#waiting) client.connection.write(newline, 0, 1);
  }

  stop(): void {
    this.#delay?.cancel();
    this.#source?.abort();
  }

  #beginSoon(): void {
    this.#delay?.cancel();
    // The reply to PSYNC of whoever asked goes out after the turn's commands are done.
    this.#delay = this.#kernel.env.timers.after(0, () => this.#begin());
  }

  #begin(): void {
    this.#delay = undefined;
    const kernel = this.#kernel;
    if (this.#waiting.size === 0 || this.#source !== undefined) return;
    // Everything that was done so far is in the snapshot, and its effects before the offset.
    kernel.flushOutput();
    this.#receivers = new Set(this.#waiting);
    this.#waiting.clear();
    this.#isMarked = kernel.config.replication.isDisklessSync && [...this.#receivers].every(({ canEof }) => canEof);
    const { backlog, ids } = this.#replication;
    const offset = backlog.endOffset;
    this.#replication.selectAnew();
    const head = latin1Bytes(`+FULLRESYNC ${ids.replId} ${offset}\r\n`);
    for (const replica of this.#receivers) {
      replica.state = 'send_bulk';
      replica.reader = backlog.read(offset);
      if (!replica.isPlain) replica.client.connection.write(head, 0, head.length);
    }
    kernel.log.notice(
      `Starting snapshot for ${this.#receivers.size} replicas at offset ${offset}, ${this.#isMarked ? 'streamed' : 'of a known size'}`,
    );
    this.#source = kernel.persistence.source.begin(snapshotRequest(kernel, 'background'));
    void this.#run(this.#source);
  }

  async #run(source: PieceSource): Promise<void> {
    try {
      if (this.#isMarked) await this.#stream(source);
      else await this.#whole(source);
      this.#finished();
    } catch (error) {
      this.#kernel.log.warning(
        `Snapshot for replicas failed: ${error instanceof Error ? error.message : String(error)}`,
      );
      for (const { client } of this.#receivers) this.#kernel.kill(client);
    }
    this.#receivers.clear();
    this.#source = undefined;
    if (this.#waiting.size > 0) this.#beginSoon();
  }

  async #stream(source: PieceSource): Promise<void> {
    const mark = latin1Bytes(randomHex(this.#kernel.env.random, markBytes));
    this.#sendAll(latin1Bytes('$EOF:'));
    this.#sendAll(mark);
    this.#sendAll(latin1Bytes('\r\n'));
    for (let piece = await source.next(); piece !== undefined; piece = await source.next()) {
      this.#sendAll(piece);
      await this.#room();
      if (this.#receivers.size === 0) return;
    }
    this.#sendAll(mark);
  }

  /** Through a file, so that its size is known when it begins. */
  async #whole(source: PieceSource): Promise<void> {
    const { disk } = this.#kernel.env;
    const path = `temp-sync-${this.#kernel.processFacts.pid}.rdb`;
    const written = await disk.open(path, 'create');
    let sizeBytes = 0;
    for (let piece = await source.next(); piece !== undefined; piece = await source.next()) {
      await written.write(piece);
      sizeBytes += piece.length;
    }
    await written.close();
    const file = await disk.open(path, 'read');
    try {
      this.#sendAll(latin1Bytes(`$${sizeBytes}\r\n`));
      for (let at = 0; at < sizeBytes && this.#receivers.size > 0;) {
        const piece = new Uint8Array(Math.min(256 * 1024, sizeBytes - at));
        const gotBytes = await file.read(piece, at);
        if (gotBytes === 0) throw new Error(`${path} became shorter while it was sent`);
        this.#sendAll(piece.subarray(0, gotBytes));
        at += gotBytes;
        await this.#room();
      }
    } finally {
      await file.close();
      await disk.remove(path);
    }
  }

  /** The pieces are nobody else's, so that sockets may go on reading them. */
  #sendAll(bytes: Uint8Array): void {
    for (const { client } of this.#receivers) {
      client.bytesOut += bytes.length;
      client.connection.write(bytes, 0, bytes.length);
    }
  }

  /** Resolves when no receiver has much left to take. */
  async #room(): Promise<void> {
    const isFull = (): boolean => {
      for (const { client } of this.#receivers) if (client.connection.queuedBytes > queuedBytesMax) return true;
      return false;
    };
    while (isFull()) await new Promise<void>((resolve) => void (this.#onDrain = resolve));
  }

  #wake(): void {
    const wake = this.#onDrain;
    this.#onDrain = undefined;
    wake?.();
  }

  /** They go on with the stream: at once, or, when it is the mark that told them of the end, after their first word. */
  #finished(): void {
    for (const replica of this.#receivers) {
      if (this.#isMarked) replica.isAwaited = true;
      else this.#replication.online(replica);
    }
  }
}
