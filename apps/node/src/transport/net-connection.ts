import { isIPv6, type Socket } from 'node:net';
import type { ByteBuffer, Connection, ConnectionHandler } from '@kvartz/base';
import { canWriteDirect, handleOf, type WriteRequest } from './raw-handle.ts';

/** One TCP or Unix connection. */
export class NetConnection implements Connection {
  readonly kind: 'tcp' | 'unix';
  remote = '';
  local = '';
  isLoopback = true;
  #socket: Socket;
  #handler: ConnectionHandler | undefined;
  #isClosed = false;
  #isEnding = false;
  #error: Error | undefined;
  /** Writes that the kernel did not take at once. */
  #pendingWrites = 0;

  constructor(kind: 'tcp' | 'unix', socket: Socket, unixPath: string) {
    this.kind = kind;
    this.#socket = socket;
    if (kind === 'unix') this.remote = this.local = `${unixPath}:0`;
    else if (socket.remoteAddress !== undefined) this.noteAddresses();
  }

  /** Reads the addresses while the socket still has them. */
  noteAddresses(): void {
    const socket = this.#socket;
    if (this.kind === 'unix') return;
    this.remote = addressText(socket.remoteAddress, socket.remotePort);
    this.local = addressText(socket.localAddress, socket.localPort);
    this.isLoopback = isLoopbackAddress(socket.remoteAddress ?? '');
  }

  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  /** Events of the socket, other than bytes, become calls of the handler. */
  bind(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', (error) => (this.#error ??= error));
    socket.on('close', () => this.#closed());
    // Replies of the requests before the end leave in this turn's flush, which was scheduled before this.
    socket.on('end', () => setImmediate(() => this.#peerEnded()));
  }

  opened(): void {
    this.noteAddresses();
    this.#handler?.onOpen?.();
  }

  received(input: ByteBuffer, length: number): void {
    if (!this.#isClosed && !this.#isEnding) this.#handler?.onData(input, 0, length);
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isClosed || this.#isEnding) return true;
    const socket = this.#socket;
    const handle = handleOf(socket);
    const view = bytes.subarray(start, end);
    if (handle !== null && !socket.connecting && socket.writableLength === 0 && canWriteDirect(handle)) {
      const outcome = handle.writeBuffer(null, view);
      if (typeof outcome === 'number') {
        if (outcome !== 0) this.#failed(outcome);
        return true;
      }
      return this.#isDone(outcome, view);
    }
    this.#pendingWrites++;
    socket.write(view, () => this.#written());
    return socket.writableLength === 0;
  }

  /** Whether a write that was not decided at once has been in the meantime; otherwise waits for it. */
  #isDone(request: WriteRequest, view: Uint8Array): boolean {
    const status = request.writeStatus;
    if (typeof status === 'number') {
      request.writeStatus = null;
      if (status < 0) this.#failed(status);
      return true;
    }
    this.#pendingWrites++;
    request.buffer = view;
    request.oncomplete = (outcome) => {
      if (outcome < 0) this.#failed(outcome);
      this.#written();
    };
    return false;
  }

  #failed(errno: number): void {
    this.#error ??= Object.assign(new Error(`write to ${this.remote} failed (errno ${errno})`), { errno });
    this.#socket.destroy();
  }

  #written(): void {
    this.#pendingWrites--;
    if (this.#pendingWrites === 0 && !this.#isClosed) this.#handler?.onDrain();
  }

  #peerEnded(): void {
    if (this.#isClosed || this.#isEnding) return;
    if (this.#handler?.onEnd === undefined) this.end();
    else this.#handler.onEnd();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handler?.onClose(this.#error);
  }

  get queuedBytes(): number {
    const queuedByNode = this.#socket.writableLength;
    return this.#pendingWrites === 0 ? queuedByNode : queuedByNode + (handleOf(this.#socket)?.writeQueueSize ?? 0);
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    if (!this.#isClosed) this.#socket.resume();
  }

  end(): void {
    if (this.#isEnding || this.#isClosed) return;
    this.#isEnding = true;
    this.#socket.end();
    // What the peer still sends is not wanted; without reading it the close would never be seen.
    this.#socket.resume();
    if (this.#pendingWrites === 0 && this.#socket.writableLength === 0) this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function addressText(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return '?:0';
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return isIPv6(plain) ? `[${plain}]:${port}` : `${plain}:${port}`;
}

function isLoopbackAddress(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || plain.startsWith('127.');
}
