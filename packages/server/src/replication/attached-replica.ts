import type { BacklogReader } from '@kvartz/replication';
import type { Client } from '../client.ts';

/** What INFO calls it: not asked for anything yet, waiting for a snapshot, being sent it, following the stream. */
export type AttachedState = 'handshake' | 'wait_bgsave' | 'send_bulk' | 'online';

/** A run of the stream that is written at once. */
const runBytesMax = 256 * 1024;

/**
 * The master's end of one replica:
 *
 *   PSYNC -> wait_bgsave -> send_bulk -> online         or, with +CONTINUE, online at once
 *
 * From the moment of its snapshot on it has a place in the backlog, which keeps what it has not been sent.
 */
export class AttachedReplica {
  readonly client: Client;
  state: AttachedState = 'handshake';
  /** From REPLCONF; 0 and '': not said. */
  listeningPort = 0;
  announcedIp = '';
  version = '';
  /** SYNC: it understands nothing but a snapshot of a known size. */
  isPlain = false;
  /** It can take a snapshot whose end is marked. */
  canEof = false;
  /** It knows that histories have two names. */
  canPsync2 = false;
  /** Offset that it says it has applied, and that it says is on its disk. */
  ackOffset = 0;
  fsyncedOffset = 0;
  /** Monotonic milliseconds of its last word. */
  ackMs = 0;
  reader: BacklogReader | undefined;
  /** The snapshot has been sent, and it has yet to say that it has loaded it. */
  isAwaited = false;
  /** Whether all that was written to its socket has left it. */
  #isDrained = true;

  constructor(client: Client) {
    this.client = client;
  }

  get isAttached(): boolean {
    return this.state !== 'handshake';
  }

  /** Where others reach it. */
  get address(): string {
    if (this.announcedIp !== '') return this.announcedIp;
    const { remote } = this.client.connection;
    return remote.slice(0, remote.lastIndexOf(':'));
  }

  /** Seconds since it was last heard. */
  lagSeconds(nowMs: number): number {
    return this.state === 'online' ? Math.floor((nowMs - this.ackMs) / 1000) : 0;
  }

  /** Bytes of the stream that it has not been sent, and of what it has not taken. */
  get waitingBytes(): number {
    return (this.reader?.behindBytes ?? 0) + this.client.connection.queuedBytes;
  }

  /** Writes as much of the stream as its socket takes. */
  pump(): void {
    const { client, reader } = this;
    if (this.state !== 'online' || reader === undefined || !this.#isDrained) return;
    for (let run = reader.next(runBytesMax); run !== undefined; run = reader.next(runBytesMax)) {
      client.bytesOut += run.end - run.start;
      if (client.connection.write(run.bytes, run.start, run.end)) {
        reader.release();
        continue;
      }
      this.#isDrained = false;
      return;
    }
  }

  drained(): void {
    this.#isDrained = true;
    this.reader?.release();
    this.pump();
  }

  close(): void {
    this.reader?.close();
    this.reader = undefined;
  }
}
