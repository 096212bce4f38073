import { ByteBuffer, latin1Of } from '@kvartz/base';
import type { ExpiryMode } from '@kvartz/engine';
import { type Args, ProtocolError, QueryBufferError, type RequestLimits } from '@kvartz/resp';
import { Client, Gate } from '../client.ts';
import type { Kernel } from '../kernel.ts';
import { noConnection } from '../no-connection.ts';
import { runCommand } from '../run-command.ts';
import type { ServerCommand } from '../table.ts';

/** A master may send what no client may. */
const limits: RequestLimits = {
  argsMax: 2 ** 31 - 1,
  bulkBytesMax: 2 ** 31 - 2 ** 21,
  inlineBytesMax: 2 ** 16,
  queryBytesMax: 2 ** 31 - 2 ** 21,
};

/** Who wants to know what became of the stream. */
export interface AppliedStream {
  /** These bytes of the stream have been applied. */
  applied(bytes: Uint8Array, start: number, end: number): void;
  /** REPLCONF GETACK: the master asks how far we are, once these bytes count. */
  ackWanted(): void;
  /** The stream cannot be read, or asks for what cannot be done. */
  broken(reason: string): void;
}

/**
 * Runs the command stream of a master. What it brings is done as it says: no gate stands before it, and what has expired by our
 * clock is there until the master says that it is not.
 *
 *   received:   ... SET a 1 | INCR b | MULTI | SET c 2 | EX
 *                                    ^ applied          ^ the end of what has come
 *
 * Bytes count as applied at the end of a command, or of a whole transaction, so that a stream which breaks goes on at a
 * point where nothing is half done.
 */
export class StreamApplier {
  /** Who the commands of the stream seem to come from. */
  client: Client;
  readonly #kernel: Kernel;
  readonly #host: AppliedStream;
  /** Bytes that have come and do not count yet. */
  #open = new ByteBuffer(0);
  #openBytes = 0;
  #isAckWanted = false;

  constructor(kernel: Kernel, host: AppliedStream) {
    this.#kernel = kernel;
    this.#host = host;
    this.client = masterClient(kernel, 0);
  }

  /** Forgets what has not been applied: the connection is gone, and another will bring it again. */
  reset(): void {
    this.#openBytes = 0;
    this.#open = new ByteBuffer(0);
    this.client = masterClient(this.#kernel, this.client.dbIndex);
  }

  feed(input: ByteBuffer, start: number, end: number): void {
    const kernel = this.#kernel;
    const { client } = this;
    const { decoder } = client;
    const cameBefore = this.#openBytes;
    /** Of all bytes that are open, with the new ones, so many count. */
    let countedBytes = 0;
    const totalBytes = cameBefore + end - start;
    kernel.beginReplies(client);
    setExpiryMode(kernel, 'ignore');
    try {
      decoder.feed(input, start, end);
      while (decoder.next()) {
        this.#apply(decoder.args);
        if (client.transaction === undefined) countedBytes = totalBytes - decoder.unusedBytes;
        if (kernel.output.isFull) kernel.flushOutput();
      }
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof QueryBufferError)) throw error;
      this.#host.broken(error.message);
      return;
    } finally {
      setExpiryMode(kernel, 'hide');
    }
    this.#count(input, start, end, countedBytes);
    if (!this.#isAckWanted) return;
    this.#isAckWanted = false;
    this.#host.ackWanted();
  }

  #count(input: ByteBuffer, start: number, end: number, countedBytes: number): void {
    const cameBefore = this.#openBytes;
    if (countedBytes === 0) {
      this.#keep(input, start, end);
      return;
    }
    const oldBytes = Math.min(cameBefore, countedBytes);
    if (oldBytes > 0) this.#host.applied(this.#open.u8, 0, oldBytes);
    const newBytes = countedBytes - oldBytes;
    if (newBytes > 0) this.#host.applied(input.u8, start, start + newBytes);
    // All that was open belonged to the first command that has ended.
    this.#openBytes = 0;
    this.#keep(input, start + newBytes, end);
  }

  #keep(input: ByteBuffer, start: number, end: number): void {
    const needed = this.#openBytes + end - start;
    if (needed > this.#open.sizeBytes) {
      const grown = new ByteBuffer(Math.max(needed, this.#open.sizeBytes * 2, 4096));
      grown.u8.set(this.#open.u8.subarray(0, this.#openBytes));
      this.#open = grown;
    }
    this.#open.u8.set(input.u8.subarray(start, end), this.#openBytes);
    this.#openBytes = needed;
  }

  #apply(args: Args): void {
    const kernel = this.#kernel;
    const command = this.#find(args);
    if (command === undefined || !command.isArityRight(args.count)) {
      // As Redis does: what is not known cannot be done, and everything else still can.
      const name = latin1Of(args.buffer.u8, args.start[0], Math.min(args.end[0], args.start[0] + 64));
      kernel.log.warning(`The master's stream has a command that is not known here: ${name}`);
      return;
    }
    if (command.name === 'replconf') {
      this.#isAckWanted ||=
        args.count > 1 && latin1Of(args.buffer.u8, args.start[1], args.end[1]).toLowerCase() === 'getack';
      return;
    }
    const { transaction } = this.client;
    if (transaction !== undefined && (this.client.gates & Gate.multi) !== 0 && command.name !== 'exec') {
      transaction.queue.push({ command, args: args.clone() });
      return;
    }
    runCommand(kernel, this.client, command, args);
    if (kernel.blocking.isReady) kernel.blocking.serve(this.client);
  }

  #find(args: Args): ServerCommand | undefined {
    const { table } = this.#kernel;
    const command = table.find(args.buffer, args.start[0], args.end[0]);
    if (command?.subcommands === undefined || args.count < 2) return command;
    return command.subcommands.get(latin1Of(args.buffer.u8, args.start[1], args.end[1]).toLowerCase());
  }
}

function setExpiryMode({ databases }: Kernel, mode: ExpiryMode): void {
  for (const database of databases) database.expiryMode = mode;
}

function masterClient(kernel: Kernel, dbIndex: number): Client {
  const client = new Client(0, kernel, noConnection, limits, kernel.monotonicMs);
  client.isAuthenticated = true;
  client.mustBeObeyed = true;
  client.dbIndex = dbIndex;
  return client;
}
