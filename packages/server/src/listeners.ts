import type { Endpoint, Listener } from '@kvartz/base';
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

  /** Opens all or none. */
  async open(): Promise<void> {
    const { config, env } = this.#kernel;
    const options = { backlog: config.tcpBacklog, noDelay: true, keepAliveSeconds: config.tcpKeepaliveSeconds };
    try {
      for (const endpoint of this.#endpoints()) {
        this.#open.push(await env.transport.listen(endpoint, options, (connection) => this.#kernel.accept(connection)));
      }
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

  #endpoints(): Endpoint[] {
    const { config } = this.#kernel;
    const endpoints: Endpoint[] = [];
    if (config.port > 0 || this.#kernel.isAnyPort)
      for (const host of config.bind) endpoints.push({ kind: 'tcp', host, port: config.port });
    if (config.unixsocket !== '') {
      endpoints.push({
        kind: 'unix',
        path: config.unixsocket,
        ...(config.unixsocketperm > 0 && { mode: config.unixsocketperm }),
      });
    }
    return endpoints;
  }
}
