import { Socket } from 'node:net';

/**
 * The places where Kvartz looks under `node:net`, all to spare work per request, all optional:
 *
 * - `readInto`: an accepted connection is read into one buffer that all connections share (`onread`, which
 *   `net.connect` offers and `net.Server` does not). Without it Node allocates and frees 64 KiB for every read.
 * - `interceptReads`: bytes that have been read go straight to the connection. Node's own path asks the stream for its
 *   timer, its state and its buffer first: 0.3 of the 11 us of a GET at pipeline 1.
 * - `canWriteDirect`: bytes go to the handle's `writeBuffer` without passing the Writable. When the kernel takes all of them
 *   at once, as it nearly always does, the call returns 0 and there is nothing to wait for.
 *
 * Where the running Node has other insides, `undefined` is the answer and public interfaces are used instead.
 */
export interface RawHandle {
  /** Called after each read; how many bytes came stands in the state that all streams share. */
  onread: (this: RawHandle, buffer: ArrayBuffer | undefined) => unknown;
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
  interceptReads(socket, onBytes);
  // The server counts its connections by the socket it made.
  socket.once('close', () => accepted.destroy());
  return socket;
}

interface StreamBinding {
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
}

/** What Node's own stream code reads after each call of a handle; undefined where this Node does not give it. */
const streamBinding = findStreamBinding();

function findStreamBinding(): StreamBinding | undefined {
  try {
    const binding = (process as unknown as { binding(name: string): Partial<StreamBinding> }).binding('stream_wrap');
    const { streamBaseState, kReadBytesOrError } = binding;
    if (!(streamBaseState instanceof Int32Array) || typeof kReadBytesOrError !== 'number') return undefined;
    return { streamBaseState, kReadBytesOrError };
  } catch {
    return undefined;
  }
}

/** Hands reads of a socket made by `readInto` to `onBytes` directly; the end and errors go Node's way. */
function interceptReads(socket: Socket, onBytes: (length: number) => void): void {
  const handle = handleOf(socket);
  if (streamBinding === undefined || handle === null || typeof handle.onread !== 'function') return;
  const { streamBaseState, kReadBytesOrError } = streamBinding;
  const onread = handle.onread;
  handle.onread = function (this: RawHandle, buffer) {
    const length = streamBaseState[kReadBytesOrError];
    if (length <= 0) return onread.call(this, buffer);
    onBytes(length);
    return undefined;
  };
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
