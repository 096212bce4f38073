import type { Connection, Endpoint, Listener } from '@kvartz/base';
import { listenOnAll } from './bind.ts';
import type { Kernel } from './kernel.ts';

/** The addresses on which clients are accepted. */
export class Listeners {
  readonly #kernel: Kernel;
  #open: Listener[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The TCP port that was taken; 0 when none is. With `port 0` in a test, the one the system chose. */
  get port(): number {
    for (const { endpoint } of this.#open) if (endpoint.kind === 'tcp') return endpoint.port;
    return 0;
  }

  /** `tcp`, `unix`: what is open, each once. */
  get kinds(): readonly Endpoint['kind'][] {
    return [...new Set(this.#open.map(({ endpoint }) => endpoint.kind))];
  }

  /** Opens all or none. */
  async open(): Promise<void> {
    const { config, env, isAnyPort } = this.#kernel;
    const options = { backlog: config.tcpBacklog, noDelay: true, keepAliveSeconds: config.tcpKeepaliveSeconds };
    const accept = (connection: Connection): void => void this.#kernel.accept(connection);
    if (config.port > 0 || isAnyPort) {
      this.#open = await listenOnAll(env.transport, config.bind, config.port, options, accept);
    }
    if (config.unixsocket === '') return;
    const mode = config.unixsocketperm;
    const endpoint = { kind: 'unix', path: config.unixsocket, ...(mode > 0 && { mode }) } as const;
    try {
      this.#open.push(await env.transport.listen(endpoint, options, accept));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    await Promise.all(open.map((listener) => listener.close()));
  }
}
