import { ByteBuffer, type Timer } from '@kvartz/base';
import { encodeRequest } from '@kvartz/resp';
import { Gate } from '../client.ts';
import type { Kernel } from '../kernel.ts';
import { compatibleVersion } from '../version.ts';
import { FileSnapshot } from './file-snapshot.ts';
import { MasterLink, type MasterLinkOwner } from './master-link.ts';
import { type ReceivedSnapshot, SwappedSnapshot } from './received-snapshot.ts';
import type { Replication } from './replication.ts';
import { type AppliedStream, StreamApplier } from './stream-applier.ts';

/** What ROLE calls it. */
export type FollowState = 'connect' | 'connecting' | 'sync' | 'connected';

export interface FollowOptions {
  /** The database that the stream has selected where it is continued. */
  readonly streamDb?: number;
  /** The master is to step down in favour of this node. */
  readonly isFailover?: boolean;
}

const retryMs = 1000;

/** A replica: keeps up a connection to its master, takes its data set, and applies its stream. */
export class ReplicaRole implements MasterLinkOwner, AppliedStream {
  readonly host: string;
  readonly port: number;
  state: FollowState = 'connect';
  /** Of the snapshot that comes; undefined: not announced. */
  syncBytesTotal: number | undefined;
  syncBytesRead = 0;
  /** Monotonic milliseconds since when there has been no connection. */
  downSinceMs: number;
  readonly #kernel: Kernel;
  readonly #replication: Replication;
  readonly #applier: StreamApplier;
  #link: MasterLink | undefined;
  #retry: Timer | undefined;
  #snapshot: ReceivedSnapshot | undefined;
  #target: { readonly replId: string; readonly offset: number } | undefined;
  /** The stream that came while the snapshot was being loaded. */
  #early: ByteBuffer[] = [];
  /** The snapshot is being loaded: the stream waits, and nothing may be served. */
  #isLoading = false;
  #isStopped = false;
  #isFailover: boolean;

  constructor(kernel: Kernel, replication: Replication, host: string, port: number, options: FollowOptions) {
    this.#kernel = kernel;
    this.#replication = replication;
    this.host = host;
    this.port = port;
    this.#isFailover = options.isFailover ?? false;
    this.#applier = new StreamApplier(kernel, this);
    this.#applier.client.dbIndex = options.streamDb ?? 0;
    this.downSinceMs = kernel.monotonicMs;
  }

  /** Monotonic milliseconds when the master was last heard; undefined: there is no connection. */
  get lastHeardMs(): number | undefined {
    return this.state === 'connected' ? this.#link?.lastHeardMs : undefined;
  }

  /** The database that the stream has selected. */
  get streamDb(): number {
    return this.#applier.client.dbIndex;
  }

  get isReceiving(): boolean {
    return this.#snapshot !== undefined;
  }

  connect(): void {
    if (this.#isStopped) return;
    const { config, env, listeners, log } = this.#kernel;
    this.#retry = undefined;
    log.notice(`Connecting to MASTER ${this.host}:${this.port}`);
    this.state = 'connecting';
    const { position } = this.#replication;
    const [listeningPort, ipAddress] = [
      config.replication.announcePort || listeners.port,
      config.replication.announceIp,
    ];
    const connection = env.transport.connect(
      { kind: 'tcp', host: this.host, port: this.port },
      { timeoutMs: config.replication.timeoutSeconds * 1000 },
    );
    this.#link = new MasterLink(
      connection,
      this,
      {
        listeningPort,
        ...(ipAddress !== '' && { ipAddress }),
        ...(config.replication.masterUser !== '' && { user: config.replication.masterUser }),
        ...(config.replication.masterAuth !== '' && { password: config.replication.masterAuth }),
        version: compatibleVersion,
        ...(position !== undefined && { position }),
        isFailover: this.#isFailover,
      },
      () => this.#kernel.env.clock.monotonicMs(),
    );
  }

  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
    this.#link?.drop();
    this.#link = undefined;
    this.#snapshot?.abort();
    this.#snapshot = undefined;
  }

  /** Once a second. */
  tick(): void {
    const { config, env } = this.#kernel;
    const link = this.#link;
    if (link === undefined) return;
    if (this.state === 'connected') this.ackWanted();
    else if (this.#isLoading) link.send(newline);
    const silentMs = env.clock.monotonicMs() - link.lastHeardMs;
    if (silentMs > config.replication.timeoutSeconds * 1000 && !this.#isLoading) {
      link.close(
        this.state === 'connected'
          ? 'MASTER timeout: no data nor PING received...'
          : 'Timeout connecting to the MASTER...',
      );
    }
  }

  reached(): void {
    this.#kernel.log.notice('Master replied to PING, replication can continue...');
  }

  fullSync(replId: string, offset: number): void {
    this.#kernel.log.notice(`Full resync from master: ${replId}:${offset}`);
    this.#target = { replId, offset };
    this.state = 'sync';
    this.#isFailover = false;
  }

  snapshotBegins(sizeBytes: number | undefined): void {
    const kernel = this.#kernel;
    const { config, databases, log } = kernel;
    this.syncBytesTotal = sizeBytes;
    this.syncBytesRead = 0;
    const mode = config.replication.disklessLoad;
    const isDiskless =
      mode === 'swapdb' || (mode === 'on-empty-db' && databases.every(({ keyCount }) => keyCount === 0));
    log.notice(
      `MASTER <-> REPLICA sync: receiving ${sizeBytes === undefined ? 'streamed RDB from master with EOF' : `${sizeBytes} bytes from master`} ${isDiskless ? 'to parser' : 'to disk'}`,
    );
    if (isDiskless) this.#snapshot = new SwappedSnapshot(kernel);
    else {
      const path = `temp-repl-${kernel.processFacts.pid}-${Math.floor(kernel.nowMs / 1000)}.rdb`;
      const link = this.#link!;
      const failed = (error: unknown): void => link.close(`the snapshot cannot be written to disk: ${textOf(error)}`);
      this.#snapshot = new FileSnapshot(kernel, path, () => link.resume(), failed);
    }
  }

  snapshot(bytes: Uint8Array, start: number, end: number): void {
    this.syncBytesRead += end - start;
    const link = this.#link!;
    try {
      if (this.#snapshot!.take(bytes, start, end)) link.pause();
    } catch (error) {
      link.close(`the snapshot cannot be taken: ${textOf(error)}`);
    }
  }

  snapshotEnds(): void {
    const snapshot = this.#snapshot;
    // What could not be taken has closed the link.
    if (snapshot === undefined) return;
    this.#isLoading = true;
    this.#kernel.setGate(Gate.loading, true);
    this.#kernel.log.notice('MASTER <-> REPLICA sync: Loading DB in memory');
    // Whoever follows us has to begin anew as well.
    this.#replication.dropReplicas('full resynchronization with the master');
    void this.#load(snapshot);
  }

  async #load(snapshot: ReceivedSnapshot): Promise<void> {
    const { appendOnlyFile } = this.#kernel.persistence;
    // What its files hold belongs to the old data set.
    await appendOnlyFile.suspend();
    await snapshot.finish().then(
      () => this.#loaded(),
      (error: unknown) => this.#notLoaded(error),
    );
    if (!this.#isStopped) appendOnlyFile.beginAgain();
  }

  #loaded(): void {
    const kernel = this.#kernel;
    this.#isLoading = false;
    this.#snapshot = undefined;
    kernel.setGate(Gate.loading, false);
    if (this.#isStopped) return;
    const { offset, replId } = this.#target!;
    this.#replication.adopt(replId, offset);
    this.#applier.reset();
    this.#applier.client.dbIndex = 0;
    this.#replication.refreshGates();
    if (this.#link === undefined) {
      // It broke meanwhile: the stream is asked for from where the snapshot ends.
      this.#connectLater();
      return;
    }
    this.#inStep('MASTER <-> REPLICA sync: Finished with success');
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) this.stream(bytes, 0, bytes.sizeBytes);
  }

  #notLoaded(error: unknown): void {
    this.#isLoading = false;
    this.#kernel.setGate(Gate.loading, false);
    this.#kernel.log.warning(`MASTER <-> REPLICA sync: failed, ${textOf(error)}`);
    // What is there now belongs to no history.
    this.#replication.forgetHistory();
    this.#snapshot = undefined;
    if (this.#link === undefined) this.#connectLater();
    else this.#link.close('the snapshot could not be loaded');
  }

  continued(newId: string | undefined): void {
    const { log } = this.#kernel;
    this.#isFailover = false;
    this.#applier.reset();
    if (newId !== undefined) this.#replication.renameHistory(newId);
    this.#inStep('MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.');
    log.notice('Successful partial resynchronization with master.');
  }

  #inStep(text: string): void {
    const kernel = this.#kernel;
    this.state = 'connected';
    kernel.log.notice(text);
    this.#replication.refreshGates();
    this.ackWanted();
  }

  stream(input: ByteBuffer, start: number, end: number): void {
    if (this.#isLoading) {
      this.#early.push(ByteBuffer.from(input.u8.subarray(start, end)));
      return;
    }
    this.#kernel.refreshTime();
    this.#applier.feed(input, start, end);
    this.#kernel.scheduleFlush();
  }

  applied(bytes: Uint8Array, start: number, end: number): void {
    this.#replication.append(bytes, start, end);
  }

  ackWanted(): void {
    const offset = this.#replication.offset;
    this.#link?.send(encodeRequest(['REPLCONF', 'ACK', offset, ...this.#replication.fsyncedWords]));
  }

  broken(reason: string): void {
    this.#link?.close(`the stream of the master cannot be read: ${reason}`);
  }

  warned(text: string): void {
    this.#kernel.log.notice(text);
  }

  closed(link: MasterLink, reason: string): void {
    if (link !== this.#link) return;
    const kernel = this.#kernel;
    this.#link = undefined;
    kernel.log.notice(`Connection with master lost: ${reason}`);
    if (this.state === 'connected') this.downSinceMs = kernel.monotonicMs;
    this.state = 'connect';
    this.#early = [];
    this.#applier.reset();
    this.#replication.refreshGates();
    if (this.#isLoading) return;
    this.#snapshot?.abort();
    this.#snapshot = undefined;
    this.#connectLater();
  }

  #connectLater(): void {
    this.#retry = this.#kernel.env.timers.after(retryMs, () => this.connect());
  }
}

const newline = new Uint8Array([0x0a]);

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
