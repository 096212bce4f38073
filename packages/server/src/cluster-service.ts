import type { ByteBuffer } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import type { Client } from './client.ts';
import type { ServerCommand } from './table.ts';

/** What the kernel asks of cluster mode; `cluster/` implements it. */
export interface ClusterService {
  /** Opens the bus and takes up the identity of `nodes.conf`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Keys have been loaded: `nodes.conf` is to agree with them. */
  dataLoaded(): Promise<void>;
  /** CLUSTER INFO; empty before `start`. */
  infoText(): string;
  /**
   * Whether this node may run the command now: undefined, or the whole error (`MOVED 3999 127.0.0.1:7001`,
   * `CROSSSLOT ...`, `CLUSTERDOWN ...`).
   */
  admit(client: Client, command: ServerCommand, args: Args): string | undefined;
  /** A client published something: subscribers of other nodes are to hear it, too. The bytes are copied. */
  publish(
    channel: ByteBuffer,
    cs: number,
    ce: number,
    payload: ByteBuffer,
    ps: number,
    pe: number,
    isSharded: boolean,
  ): void;
  /** Whether a client that waits for this key may go on waiting here: undefined, or the whole error. */
  redirectBlocked(client: Client, command: ServerCommand, key: ByteBuffer): string | undefined;
}
