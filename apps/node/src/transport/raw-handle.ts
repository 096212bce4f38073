import { Socket } from 'node:net';

/**
 * The two places where Kvartz looks under `node:net`, both to spare work per request, both optional:
 *
 * - `readInto`: an accepted connection is read into one buffer that all connections share (`onread`, which
 *   `net.connect` offers and `net.Server` does not). Without it Node allocates and frees 64 KiB for every read.
 * - `writeDirect`: bytes go to the handle's `writeBuffer` without passing the Writable, which costs as much as a
 *   third of a GET at pipeline 1. When the kernel takes all of them at once, as it nearly always does, the call returns
 *   0 and there is nothing to wait for.
 *
 * Where the running Node has other insides, `undefined` is the answer and public interfaces are used instead.
 */
export interface RawHandle {
  /** 0 or a negative errno when all was decided at once; otherwise the request that will complete. */
  writeBuffer(request: null, bytes: Uint8Array): number | WriteRequest;
  readonly writeQueueSize: number;
}

export interface WriteRequest {
  oncomplete: (status: number) => void;
  /** Set when the write completed before `oncomplete` could be. */
  writeStatus: number | null;
  /** Keeps the memory alive until the write completes. */
  buffer: Uint8Array;
}

type SocketWithHandle = Socket & { _handle: RawHandle | null };

export function handleOf(socket: Socket): RawHandle | null {
  return (socket as SocketWithHandle)._handle;
}

/** A socket over the accepted one's handle that reads into `buffer` and hands the length to `onBytes`. */
export function readInto(accepted: Socket, buffer: Uint8Array, onBytes: (length: number) => void): Socket | undefined {
  const handle = handleOf(accepted);
  if (handle === null || typeof handle !== 'object') return undefined;
  (accepted as SocketWithHandle)._handle = null;
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer,
      callback: (length: number): boolean => {
        onBytes(length);
        return true;
      },
    },
  };
  const socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]);
  // The server counts its connections by the socket it made.
  socket.once('close', () => accepted.destroy());
  return socket;
}

/** Whether Node itself calls `writeBuffer(null, bytes)`, as it does since the request is made on demand. */
let takesNull: boolean | undefined;

/** Learns from the first write of the process how Node writes; until then the answer is no. */
export function canWriteDirect(handle: RawHandle): boolean {
  if (takesNull === undefined) probe(handle);
  return takesNull === true;
}

function probe(handle: RawHandle): void {
  const writable = handle as { writeBuffer: unknown };
  const original = handle.writeBuffer as (...args: unknown[]) => unknown;
  if (typeof original !== 'function') {
    takesNull = false;
    return;
  }
  writable.writeBuffer = function (this: RawHandle, request: unknown, bytes: Uint8Array) {
    delete (this as { writeBuffer?: unknown }).writeBuffer;
    takesNull = request === null;
    return original.call(this, request, bytes);
  };
}

/** Listeners made with these options hand over sockets that have read nothing yet. */
export const acceptOptions = { pauseOnConnect: true, allowHalfOpen: true } as const;
