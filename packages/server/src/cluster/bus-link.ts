import type { ByteBuffer, Connection, ConnectionHandler, Random } from '@kvartz/base';
import { BusSession, FrameError, type LinkId, type Message, RefusedError } from '@kvartz/cluster';

/** What a link reports to the bus. */
export interface BusLinkOwner {
  readonly random: Random;
  readonly secret: Uint8Array | undefined;
  linkOpened(link: BusLink): void;
  linkMessage(link: BusLink, message: Message): void;
  /** Called once. The reason is for people; `isPeersFault`: what it sent was no frame of this bus. */
  linkClosed(link: BusLink, reason: string, isPeersFault: boolean): void;
}

/** One connection of the bus: a session over a connection. */
export class BusLink implements ConnectionHandler {
  readonly id: LinkId;
  readonly connection: Connection;
  /** Monotonic. */
  readonly createdMs: number;
  bytesIn = 0;
  bytesOut = 0;
  readonly #owner: BusLinkOwner;
  readonly #session: BusSession;
  #isClosed = false;

  constructor(id: LinkId, connection: Connection, owner: BusLinkOwner, createdMs: number) {
    this.id = id;
    this.connection = connection;
    this.createdMs = createdMs;
    this.#owner = owner;
    this.#session = new BusSession({
      isInitiator: id > 0,
      secret: owner.secret,
      random: owner.random,
      send: (bytes) => {
        this.bytesOut += bytes.length;
        this.connection.write(bytes, 0, bytes.length);
      },
      onOpen: () => owner.linkOpened(this),
      onMessage: (message) => {
        // What a chunk holds after a message that made us close the link is not read.
        if (!this.#isClosed) owner.linkMessage(this, message);
      },
    });
    connection.attach(this);
  }

  get isOpen(): boolean {
    return this.#session.isOpen && !this.#isClosed;
  }

  send(message: Message): void {
    if (this.isOpen) this.#session.sendMessage(message);
  }

  /** From our side, without a word to the owner. */
  destroy(): void {
    this.#isClosed = true;
    this.connection.destroy();
  }

  onOpen(): void {
    this.#session.start();
  }

  onData(input: ByteBuffer, start: number, end: number): void {
    if (this.#isClosed) return;
    this.bytesIn += end - start;
    try {
      this.#session.feed(input.u8, start, end);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#fail(error);
    }
  }

  #fail(error: FrameError): void {
    if (!(error instanceof RefusedError)) this.#session.refuse(error.message);
    this.connection.end();
    this.#close(error.message, true);
  }

  onDrain(): void {}

  onClose(error: Error | undefined): void {
    this.#close(error?.message ?? 'closed by the peer', false);
  }

  #close(reason: string, isPeersFault: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#owner.linkClosed(this, reason, isPeersFault);
  }
}

/** `127.0.0.1` of `127.0.0.1:7000`, `::1` of `[::1]:7000`; IPv4 in IPv6 clothes is IPv4. */
export function hostOf(address: string): string {
  const host = address.slice(0, Math.max(0, address.lastIndexOf(':')));
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice('::ffff:'.length) : bare;
}
