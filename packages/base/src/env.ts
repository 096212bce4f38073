/**
 * Everything below `apps/` takes time, randomness, timers, network and disk from one injected Env. The real one is in
 * `apps/node`; a virtual one (virtual time, seeded randomness, network and disk in memory, with faults) is in
 * `virtual/`. One process can thus run a hundred nodes on virtual time and repeat a failure from its seed.
 */
import type { ByteBuffer } from './byte-buffer.ts';

export interface Env {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly transport: Transport;
  readonly disk: Disk;
}

export interface Clock {
  /** Milliseconds since the Unix epoch, an integer. May jump when somebody sets the machine's clock. */
  wallMs(): number;
  /** Milliseconds since some fixed moment, with a fraction; never goes back. For durations and timeouts. */
  monotonicMs(): number;
}

export interface Random {
  /** Uniform integer in [0, 2^32). */
  uint32(): number;
  /** Fills the target with uniform bytes; fit for ids, keys and secrets in the real Env. */
  fill(target: Uint8Array): void;
}

export interface Timer {
  cancel(): void;
}

export interface Timers {
  /** Calls back once, not before `delayMs` milliseconds have passed. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls back once, when all input that this turn of the event loop delivers has been handed over. */
  afterTurn(callback: () => void): void;
}

export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string; readonly mode?: number };

export interface Transport {
  /** Rejects with a SystemError (`EADDRINUSE`, `EACCES`, ...) when the endpoint cannot be had. Port 0 takes any. */
  listen(endpoint: Endpoint, options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener>;
  /** Returns at once; the outcome comes as `onOpen` or `onClose(error)` to the attached handler. */
  connect(endpoint: Endpoint, options?: ConnectOptions): Connection;
}

export interface ListenOptions {
  /** Length of the queue of connections that nobody has accepted yet. */
  readonly backlog?: number;
  readonly noDelay?: boolean;
  readonly keepAliveSeconds?: number;
}

export interface ConnectOptions {
  readonly timeoutMs?: number;
  /** Local address to bind before connecting. */
  readonly localHost?: string;
}

export interface Listener {
  /** With the port that was really taken. */
  readonly endpoint: Endpoint;
  /** Stops accepting; connections that exist stay. */
  close(): Promise<void>;
}

export interface Connection {
  /** `127.0.0.1:50312`, `[::1]:50312`, or `/path/of.sock:0`, as CLIENT LIST prints them. */
  readonly remote: string;
  readonly local: string;
  readonly kind: 'tcp' | 'unix';
  /** True when the peer is on this machine (loopback or Unix socket): what protected mode asks. */
  readonly isLoopback: boolean;
  /** Must be called in the turn in which the connection was handed over. */
  attach(handler: ConnectionHandler): void;
  /**
   * Sends `bytes[start, end)`, in order. Returns true when the caller may reuse the memory at once; false when the
   * transport goes on reading it until `onDrain` (or `onClose`).
   */
  write(bytes: Uint8Array, start: number, end: number): boolean;
  /** Bytes written that have not left this process; 0 after a write that returned true. */
  readonly queuedBytes: number;
  /** Stops `onData`, so that the peer's bytes wait in its own socket. */
  pauseReading(): void;
  resumeReading(): void;
  /** Closes after what was written has left. */
  end(): void;
  /** Closes at once; what was written may be lost. */
  destroy(): void;
}

export interface ConnectionHandler {
  /** Only for connections made with `connect`. */
  onOpen?(): void;
  /** `input[start, end)` is valid until the call returns. */
  onData(input: ByteBuffer, start: number, end: number): void;
  /** All that was written has left. */
  onDrain(): void;
  /** The peer has ended its side, and the turn that brought its last bytes is over. A handler without this ends the connection. */
  onEnd?(): void;
  /** Called once, whoever closed; nothing is called after it. */
  onClose(error: Error | undefined): void;
}

/**
 * Files. Paths are resolved by the implementation against its root directory. Failures are SystemErrors with Node's
 * codes (`ENOENT`, `ENOSPC`, `EIO`, ...).
 */
export interface Disk {
  open(path: string, mode: OpenMode): Promise<File>;
  /** For the write of one turn, which the event loop may not leave: opened once, written and synced inline. */
  openSync(path: string, mode: OpenMode): File;
  readFile(path: string): Promise<Uint8Array>;
  /** Temporary file, write, fsync, rename, fsync of the folder: the old content or the new, never a mixture. */
  writeFileAtomic(path: string, content: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** Names, without the folder, sorted. */
  list(folder: string): Promise<string[]>;
  makeFolder(path: string): Promise<void>;
  /** Makes renames and creations in the folder durable. */
  syncFolder(path: string): Promise<void>;
  /**
   * Takes the lock that this path stands for (a file of its own, which nobody else writes). Rejects with a SystemError
   * `EWOULDBLOCK` while somebody holds it who is alive; the lock of a process that has ended, however it ended, is free.
   */
  lock(path: string): Promise<Lock>;
}

/** One holder's lock. */
export interface Lock {
  /** Twice is once. */
  release(): Promise<void>;
}

/** `read`: must exist. `append`: created when absent. `create`: emptied when present. `exclusive`: must not exist. */
export type OpenMode = 'read' | 'append' | 'create' | 'exclusive';

export interface File {
  readonly path: string;
  sizeBytes(): Promise<number>;
  /** Bytes read, 0 at the end of the file. */
  read(target: Uint8Array, atOffset: number): Promise<number>;
  write(bytes: Uint8Array): Promise<void>;
  /** Writes all of `bytes[start, end)` before it returns, or throws. */
  writeSync(bytes: Uint8Array, start: number, end: number): void;
  sync(): Promise<void>;
  syncSync(): void;
  truncate(sizeBytes: number): Promise<void>;
  truncateSync(sizeBytes: number): void;
  close(): Promise<void>;
}
