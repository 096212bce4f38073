import type { ByteBuffer, Connection, ConnectionHandler } from '@kvartz/base';
import { type ReplicaAnnouncement, type ReplicaHost, ReplicaSession } from '@kvartz/replication';

/** What a link reports to the replica that made it. */
export interface MasterLinkOwner extends Omit<ReplicaHost, 'send' | 'stream' | 'failed'> {
  /** `input[start, end)` of the stream, valid until the call returns. */
  stream(input: ByteBuffer, start: number, end: number): void;
  /** The connection is over; called once. */
  closed(link: MasterLink, reason: string): void;
}

/** One connection of a replica to its master. */
export class MasterLink implements ConnectionHandler {
  readonly session: ReplicaSession;
  /** Monotonic milliseconds of the last bytes. */
  lastHeardMs: number;
  readonly #connection: Connection;
  readonly #owner: MasterLinkOwner;
  readonly #nowMs: () => number;
  #input: ByteBuffer | undefined;
  #isClosed = false;

  constructor(connection: Connection, owner: MasterLinkOwner, announcement: ReplicaAnnouncement, nowMs: () => number) {
    this.#connection = connection;
    this.#owner = owner;
    this.#nowMs = nowMs;
    this.lastHeardMs = nowMs();
    this.session = new ReplicaSession(
      {
        send: (bytes) => this.send(bytes),
        reached: () => owner.reached(),
        fullSync: (replId, offset) => owner.fullSync(replId, offset),
        snapshotBegins: (sizeBytes) => owner.snapshotBegins(sizeBytes),
        snapshot: (bytes, start, end) => owner.snapshot(bytes, start, end),
        snapshotEnds: () => owner.snapshotEnds(),
        continued: (newId) => owner.continued(newId),
        // What follows the handshake in the same chunk.
        stream: (_, start, end) => owner.stream(this.#input!, start, end),
        warned: (text) => owner.warned(text),
        failed: (text) => this.close(text),
      },
      announcement,
    );
    connection.attach(this);
  }

  send(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#connection.write(bytes, 0, bytes.length);
  }

  pause(): void {
    this.#connection.pauseReading();
  }

  resume(): void {
    this.#connection.resumeReading();
  }

  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.destroy();
    this.#owner.closed(this, reason);
  }

  /** Without a word to the owner. */
  drop(): void {
    this.#isClosed = true;
    this.#connection.destroy();
  }

  onOpen(): void {
    if (!this.#isClosed) this.session.opened();
  }

  onData(input: ByteBuffer, start: number, end: number): void {
    if (this.#isClosed) return;
    this.lastHeardMs = this.#nowMs();
    if (this.session.phase === 'stream') {
      this.#owner.stream(input, start, end);
      return;
    }
    this.#input = input;
    this.session.receive(input.u8, start, end);
    this.#input = undefined;
  }

  onDrain(): void {}

  onClose(error: Error | undefined): void {
    this.close(error?.message ?? 'the master closed the connection');
  }
}
