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

  /** `tcp`, `unix`: what is open, each once. */
  get kinds(): readonly Endpoint['kind'][] {
    return [...new Set(this.#open.map(({ endpoint }) => endpoint.kind))];
  }

  /** Opens all or none. */
  async open(): Promise<void> {
    const { config, env } = this.#kernel;
    const options = { backlog: config.tcpBacklog, noDelay: true, keepAliveSeconds: config.tcpKeepaliveSeconds };
    try {
      for (const { endpoint, isOptional } of this.#endpoints()) {
        try {
          this.#open.push(
            await env.transport.listen(endpoint, options, (connection) => this.#kernel.accept(connection)),
          );
        } catch (error) {
          if (!isOptional || !unavailable.has((error as { code?: string }).code ?? '')) throw error;
        }
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

  #endpoints(): { endpoint: Endpoint; isOptional: boolean }[] {
    const { config } = this.#kernel;
    const endpoints: { endpoint: Endpoint; isOptional: boolean }[] = [];
    if (config.port > 0 || this.#kernel.isAnyPort) {
      for (const address of config.bind) {
        const isOptional = address.startsWith('-');
        const host = anyAddress.get(isOptional ? address.slice(1) : address) ?? address.slice(isOptional ? 1 : 0);
        endpoints.push({ endpoint: { kind: 'tcp', host, port: config.port }, isOptional });
      }
    }
    if (config.unixsocket !== '') {
      const mode = config.unixsocketperm;
      endpoints.push({
        endpoint: { kind: 'unix', path: config.unixsocket, ...(mode > 0 && { mode }) },
        isOptional: false,
      });
    }
    return endpoints;
  }
}

/** What `bind` calls all addresses of a family. */
const anyAddress: ReadonlyMap<string, string> = new Map([
  ['*', '0.0.0.0'],
  ['::*', '::'],
]);

/** An address with a dash before it may be missing on this machine. */
const unavailable = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENOPROTOOPT', 'EINVAL']);
