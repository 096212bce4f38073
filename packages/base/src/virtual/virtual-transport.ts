import type { Connection, ConnectOptions, Endpoint, Listener, ListenOptions, Transport } from '../env.ts';
import type { ProcessLife } from './process-life.ts';
import type { VirtualHost } from './virtual-host.ts';
import type { VirtualNetwork } from './virtual-network.ts';

/** One process's access to the virtual network. */
export class VirtualTransport implements Transport {
  readonly #network: VirtualNetwork;
  readonly #host: VirtualHost;
  readonly #life: ProcessLife;

  constructor(network: VirtualNetwork, host: VirtualHost, life: ProcessLife) {
    this.#network = network;
    this.#host = host;
    this.#life = life;
  }

  async listen(
    endpoint: Endpoint,
    _options: ListenOptions,
    onConnection: (connection: Connection) => void,
  ): Promise<Listener> {
    const listener = this.#host.listen(endpoint, this.#life, onConnection);
    return {
      endpoint: listener.endpoint,
      close: async () => this.#host.unlisten(listener),
    };
  }

  connect(endpoint: Endpoint, options: ConnectOptions = {}): Connection {
    return this.#network.connect(this.#life, this.#host, endpoint, options);
  }
}
