import { type VirtualEnv, VirtualWorld } from '@kvartz/base/virtual';
import type { Connection, Env } from '@kvartz/base';
import { encodeRequest, ReplyDecoder, type ReplyValue } from '@kvartz/resp';
import {
  createClusterService,
  Kernel,
  loadConfig,
  noProcessFacts,
  optionsOf,
  type DirectiveValue,
  type Log,
} from '../../src/index.ts';

export interface TestServerOptions {
  readonly directives?: Readonly<Record<string, DirectiveValue>>;
  /** Content of /srv/kvartz.conf, with which the server is started. */
  readonly file?: string;
  /** Where other servers are already. */
  readonly world?: VirtualWorld;
  readonly host?: string;
}

const usualHost = '10.0.0.1';
const confPath = '/srv/kvartz.conf';

/** One whole node on virtual time, with clients in the same process. */
export class TestServer {
  readonly world: VirtualWorld;
  readonly env: Env;
  readonly kernel: Kernel;
  readonly logLines: string[];
  readonly shutdowns: { count: number };
  readonly host: string;

  private constructor(world: VirtualWorld, env: Env, kernel: Kernel, logLines: string[], shutdowns: { count: number }) {
    this.host = (env as VirtualEnv).host;
    this.world = world;
    this.env = env;
    this.kernel = kernel;
    this.logLines = logLines;
    this.shutdowns = shutdowns;
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const { file, world = new VirtualWorld({ seed: 1 }), host = usualHost } = options;
    if (file !== undefined) {
      const { disk } = world.env(host, { rootFolder: '/srv' });
      await world.complete(disk.writeFileAtomic(confPath, new TextEncoder().encode(file)));
    }
    const { done, server } = TestServer.begin({ ...options, world });
    await world.complete(done);
    return server;
  }

  /** Before it has loaded its data; `done`: it has. */
  static begin(options: TestServerOptions & { readonly world: VirtualWorld }): {
    server: TestServer;
    done: Promise<void>;
  } {
    const { directives = {}, file, world, host = usualHost } = options;
    const env = world.env(host, { rootFolder: '/srv' });
    const path = confPath;
    const { config, renamedCommands } = loadConfig({
      file: file === undefined ? undefined : { path, text: file },
      options: optionsOf({ bind: '0.0.0.0', 'protected-mode': false, 'enable-debug-command': true, ...directives }),
    });
    const logLines: string[] = [];
    const write = (text: string): void => void logLines.push(text);
    const log: Log = { debug: write, verbose: write, notice: write, warning: write };
    const shutdowns = { count: 0 };
    const kernel = new Kernel({
      env,
      config,
      log,
      process: noProcessFacts,
      renamedCommands,
      onShutdown: () => void shutdowns.count++,
      segmentBytes: 16 * 1024 * 1024,
      isChecked: true,
    });
    if (config.clusterEnabled) kernel.cluster = createClusterService(kernel);
    return { server: new TestServer(world, env, kernel, logLines, shutdowns), done: kernel.start() };
  }

  /** A connection from a host of its own, or from the server's (`local`). */
  async connect(from: 'remote' | 'local' = 'remote'): Promise<TestClient> {
    const env = from === 'local' ? this.env : this.world.env(`10.0.1.${this.#nextHost++}`);
    const host = from === 'local' ? '127.0.0.1' : this.host;
    const connection = env.transport.connect({ kind: 'tcp', host, port: this.kernel.config.port });
    const client = new TestClient(this.world, connection);
    await this.world.runUntil(() => client.isOpen, { limitMs: 10_000 });
    return client;
  }

  #nextHost = 1;
}

export class TestClient {
  isOpen = false;
  isClosed = false;
  readonly connection: Connection;
  readonly #world: VirtualWorld;
  readonly #decoder = new ReplyDecoder({ aggregates: 'native' });
  readonly #replies: ReplyValue[] = [];

  constructor(world: VirtualWorld, connection: Connection) {
    this.#world = world;
    this.connection = connection;
    connection.attach({
      onOpen: () => void (this.isOpen = true),
      onData: (input, start, end) => {
        this.#decoder.feed(input.u8.slice(start, end));
        while (this.#decoder.next()) this.#replies.push(this.#decoder.value);
      },
      onDrain: () => {},
      onClose: () => void (this.isClosed = true),
    });
  }

  /** Sends one request, words between blanks or parts as they are, and answers its reply; errors are values. */
  async ask(...parts: readonly (string | Uint8Array)[]): Promise<ReplyValue> {
    this.send(...parts);
    return this.next();
  }

  send(...parts: readonly (string | Uint8Array)[]): void {
    const words = parts.length === 1 && typeof parts[0] === 'string' ? parts[0].split(' ') : parts;
    const bytes = encodeRequest(words);
    this.connection.write(bytes, 0, bytes.length);
  }

  /** The next reply. */
  async next(limitMs = 10_000): Promise<ReplyValue> {
    await this.#world.runUntil(() => this.#replies.length > 0 || this.isClosed, { limitMs });
    if (this.#replies.length === 0) throw new Error('the connection was closed');
    return this.#replies.shift() as ReplyValue;
  }

  /** Replies that have come within so much virtual time. */
  async repliesWithin(ms: number): Promise<ReplyValue[]> {
    await this.#world.run(ms);
    return this.#replies.splice(0);
  }
}
