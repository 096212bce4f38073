import { type Disk, textOf, type Timers, utf8Bytes } from '@kvartz/base';
import { type ClusterConfig, formatNodesConf, NodesConfError, parseNodesConf } from '@kvartz/cluster';
import type { Log } from '../log.ts';

/** nodes.conf is there but cannot be used; the message says why and what to do. */
export class NodesConfFileError extends Error {
  override readonly name = 'NodesConfFileError';
  readonly code = 'ERR_NODES_CONF_FILE';
}

interface Wanted {
  readonly config: ClusterConfig;
  readonly ticket: number;
}

const retryMs = 1_000;

/**
 * nodes.conf on disk: read once, then written whole and atomically, one write at a time, always the newest configuration.
 * Whoever must wait for a state to be on disk keeps the ticket of `save` and waits until `savedTicket` has reached it.
 */
export class NodesConfStore {
  readonly path: string;
  readonly #disk: Disk;
  readonly #timers: Timers;
  readonly #log: Log;
  readonly #onProgress: () => void;
  #lastTicket = 0;
  #savedTicket = 0;
  #saved: ClusterConfig | undefined;
  #wanted: Wanted | undefined;
  #isWriting = false;
  #isClosed = false;
  #lastError: Error | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** `onProgress`: a write has succeeded or failed. */
  constructor(env: { disk: Disk; timers: Timers }, path: string, log: Log, onProgress: () => void) {
    this.#disk = env.disk;
    this.#timers = env.timers;
    this.path = path;
    this.#log = log;
    this.#onProgress = onProgress;
  }

  get savedTicket(): number {
    return this.#savedTicket;
  }

  /** What is on disk for sure. */
  get saved(): ClusterConfig | undefined {
    return this.#saved;
  }

  /** Why the last write failed; undefined after one that succeeded. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Undefined when the node has never run here. */
  async load(): Promise<ClusterConfig | undefined> {
    const { path } = this;
    let bytes: Uint8Array;
    try {
      bytes = await this.#disk.readFile(path);
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return undefined;
      const reason = (error as Error).message;
      throw new NodesConfFileError(`the cluster configuration ${path} cannot be read: ${reason}`, { cause: error });
    }
    // Redis makes an empty one to have something to lock.
    if (bytes.length === 0) return undefined;
    try {
      this.#saved = parseNodesConf(textOf(bytes));
    } catch (error) {
      if (!(error instanceof NodesConfError)) throw error;
      throw new NodesConfFileError(
        `the cluster configuration ${path} is corrupt: ${error.message}. ` +
          'Restore it from a copy; or move it away, and the node starts with a new identity that has to be met again',
        { cause: error },
      );
    }
    return this.#saved;
  }

  /** Asks for the configuration to be written; returns its ticket. */
  save(config: ClusterConfig): number {
    const ticket = ++this.#lastTicket;
    this.#wanted = { config, ticket };
    if (!this.#isWriting && !this.#isClosed) {
      this.#isWriting = true;
      this.#writing = this.#writeAll();
    }
    return ticket;
  }

  /** Ends with the write that is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#wanted !== undefined) {
      const { config, ticket } = this.#wanted;
      this.#wanted = undefined;
      try {
        await this.#disk.writeFileAtomic(this.path, utf8Bytes(formatNodesConf(config)));
        if (this.#lastError !== undefined) this.#log.notice(`Cluster configuration ${this.path} can be saved again`);
        this.#lastError = undefined;
        this.#saved = config;
        this.#savedTicket = ticket;
      } catch (error) {
        this.#failed(error as Error);
        this.#wanted ??= { config, ticket };
      }
      this.#onProgress();
      if (this.#lastError === undefined) continue;
      if (this.#isClosed) break;
      await new Promise<void>((resolve) => this.#timers.after(retryMs, resolve));
    }
    this.#isWriting = false;
  }

  #failed(error: Error): void {
    if (this.#lastError?.message !== error.message) {
      this.#log.warning(
        `Cluster configuration ${this.path} cannot be saved: ${error.message}. Until it can, this node says nothing ` +
          'to the others that depends on it, and they may take it for failed',
      );
    }
    this.#lastError = error;
  }
}
