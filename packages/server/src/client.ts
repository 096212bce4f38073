import type { ByteBuffer, Connection, ConnectionHandler } from '@kvartz/base';
import { type Args, RequestDecoder, type RequestLimits } from '@kvartz/resp';
import type { BlockedClient } from './blocking/blocked-client.ts';
import type { Kernel } from './kernel.ts';
import type { HeldBuffer } from './output.ts';
import type { ClientPushes } from './pubsub/client-pushes.ts';
import type { Subscriptions } from './pubsub/subscriptions.ts';
import type { UnackedReplies } from './replication/ack-hold.ts';
import type { AttachedReplica } from './replication/attached-replica.ts';
import type { ServerCommand } from './table.ts';
import type { ClientTracking } from './tracking/client-tracking.ts';

/**
 * What stands between a connection and the usual request, one bit each; see `gates.ts`. The bits of a client and those
 * of the kernel are or'ed, and a command names the bits that concern it, so that the usual request passes all gates
 * with one test.
 */
export const Gate = {
  /** The connection has not authenticated, and must. */
  auth: 1 << 0,
  /** Between MULTI and EXEC: requests are queued. */
  multi: 1 << 1,
  /** RESP2 connection with subscriptions: few commands are allowed. */
  subscribed: 1 << 2,
  /** The data set is being read from disk. */
  loading: 1 << 3,
  /** `maxmemory` is set: commands that may use memory ask whether there is any. */
  memory: 1 << 4,
  /** Cluster mode: commands with keys ask who owns the slot. */
  cluster: 1 << 5,
  /** CLIENT PAUSE ALL. */
  pauseAll: 1 << 6,
  /** CLIENT PAUSE WRITE: commands that change something wait. */
  pauseWrite: 1 << 7,
  /** Each command is timed on its own: a low slowlog threshold, MONITOR, HOTKEYS. */
  timed: 1 << 8,
  /** CLIENT REPLY OFF or SKIP. */
  silent: 1 << 9,
  /** ASKING came just before. */
  asking: 1 << 10,
  /** CLIENT NO-TOUCH ON: looking a key up is no use of it. */
  noTouch: 1 << 11,
  /** CLIENT TRACKING, not BCAST: keys that are read are remembered. */
  tracking: 1 << 12,
  /** The disk has failed, and commands that write are refused. */
  misconf: 1 << 13,
  /** A replica that its own clients may not change. */
  readonly: 1 << 14,
  /** A replica without its master, whose data are not to be served. */
  stale: 1 << 15,
  /** A master with fewer good replicas than `min-replicas-to-write`. */
  noReplicas: 1 << 16,
} as const;

/** Why no further request of a client is run for now, one bit each. */
export const Halt = {
  /** CLIENT PAUSE, or a reply that comes later. */
  suspended: 1 << 0,
  /** The connection ends when its replies have left. */
  closing: 1 << 1,
  closed: 1 << 2,
  /** The peer does not take its replies; its requests are not read until it does. */
  congested: 1 << 3,
  /** A command of the client waits for a key. */
  blocked: 1 << 4,
  /** Too many replies wait for the disk. */
  unsynced: 1 << 5,
  /** Too many replies wait for replicas. */
  unacked: 1 << 6,
} as const;

/** A request in the queue of MULTI. */
export interface QueuedCommand {
  readonly command: ServerCommand;
  readonly args: Args;
}

/** What MULTI began. */
export interface Transaction {
  readonly queue: QueuedCommand[];
  /** A request could not be queued: EXEC answers EXECABORT. */
  isAborted: boolean;
  /** Bytes of arguments in the queue. */
  argBytes: number;
  /** Some queued command writes. */
  hasWrite: boolean;
}

/** One key of one database that WATCH guards. */
export interface WatchedKey {
  readonly dbIndex: number;
  /** One character per byte. */
  readonly key: string;
}

/** CLIENT REPLY; `skip`: the next reply is not sent. */
export type ReplyMode = 'on' | 'off' | 'skip';

/** One connection of the command port: its protocol state, and nothing of the data. */
export class Client implements ConnectionHandler {
  readonly id: number;
  readonly kernel: Kernel;
  readonly connection: Connection;
  readonly decoder: RequestDecoder;

  /** Bits of Gate. */
  gates = 0;
  /** Index of the database that SELECT has chosen. */
  dbIndex = 0;
  protocol: 2 | 3 = 2;
  isAuthenticated = false;
  user = 'default';

  name = '';
  libName = '';
  libVersion = '';
  readonly createdMs: number;
  /** Monotonic milliseconds of the last request. */
  lastActiveMs: number;
  lastCommand = 'NULL';
  bytesIn = 0;
  bytesOut = 0;

  transaction: Transaction | undefined;
  watched: WatchedKey[] = [];
  /** A watched key has changed: EXEC answers null. */
  isWatchBroken = false;

  /** `writeOffset` after the last command whose reply was to wait for replicas. */
  notedOffset = 0;
  /** Replies that wait until replicas have what they acknowledge; undefined: there are none. */
  unacked: UnackedReplies | undefined;
  /** What it sends has been done elsewhere: a master's stream, or a file. */
  mustBeObeyed = false;
  /** Of a connection by which a replica follows us. */
  replica: AttachedReplica | undefined;
  /** Offset in the stream of effects after the last write of this client; 0: it has written nothing. */
  writeOffset = 0;
  /** The last batch of effects (`EffectJournal.batch`) that has something of this client. */
  effectBatch = 0;

  /** Of a client that has subscribed to something at some time. */
  subscriptions: Subscriptions | undefined;
  /** What it is sent at the end of the turn without having asked. */
  pushes: ClientPushes | undefined;

  /** While CLIENT TRACKING is on. */
  tracking: ClientTracking | undefined;

  replyMode: ReplyMode = 'on';
  isNoEvict = false;
  isNoTouch = false;
  /** READONLY was called: in a cluster, replicas may serve this connection's reads. */
  isReadonly = false;
  /** ASKING was called: the next command may use a slot that is being imported. */
  isAsking = false;

  /** Bits of Halt; 0: requests are run as they come. */
  halts = 0;
  /** The request that CLIENT PAUSE met, to be run first afterwards. */
  heldCommand: Args | undefined;
  /** What the client waits for, in a blocking command. */
  blocked: BlockedClient | undefined;
  /** It has sent much while it had to wait, and is not read for now. */
  isReadingPaused = false;
  /** What KeptRequests counts for it. */
  keptBytes = 0;
  /** The peer has ended its side, while requests wait until it takes their replies. */
  hasPeerEnded = false;
  /** Buffers that the socket still reads. */
  readonly heldBuffers: HeldBuffer[] = [];
  /** Monotonic milliseconds since when the output has been over the soft limit; 0: it is not. */
  softLimitSinceMs = 0;

  constructor(id: number, kernel: Kernel, connection: Connection, limits: RequestLimits, nowMs: number) {
    this.id = id;
    this.kernel = kernel;
    this.connection = connection;
    this.decoder = new RequestDecoder(limits);
    this.createdMs = nowMs;
    this.lastActiveMs = nowMs;
  }

  onData(input: ByteBuffer, start: number, end: number): void {
    this.kernel.receive(this, input, start, end);
  }

  onDrain(): void {
    this.kernel.drained(this);
  }

  onEnd(): void {
    this.kernel.peerEnded(this);
  }

  onClose(): void {
    this.kernel.closed(this);
  }

  /**
   * Sends replies. Returns false when the transport goes on reading the memory. A peer that does not take what it was
   * sent gets copies, so that it holds on to its own bytes only and not to a whole turn's buffer.
   */
  send(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.unacked === undefined) return this.sendNow(bytes, start, end);
    this.kernel.ackHold.hold(this, bytes, start, end);
    return true;
  }

  /** The same without waiting for replicas. */
  sendNow(bytes: Uint8Array, start: number, end: number): boolean {
    if ((this.halts & Halt.closed) !== 0) return true;
    this.bytesOut += end - start;
    const connection = this.connection;
    if (connection.queuedBytes > 0) {
      const copy = bytes.slice(start, end);
      connection.write(copy, 0, copy.length);
      this.kernel.outputGrew(this);
      return true;
    }
    if (connection.write(bytes, start, end)) return true;
    this.kernel.outputGrew(this);
    return false;
  }

  select(dbIndex: number): void {
    this.dbIndex = dbIndex;
  }

  setGate(gate: number, isOn: boolean): void {
    if (isOn) this.gates |= gate;
    else this.gates &= ~gate;
  }
}
