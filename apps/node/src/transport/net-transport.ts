import { chmod, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import {
  ByteBuffer,
  type Connection,
  type ConnectOptions,
  type Endpoint,
  type Listener,
  type ListenOptions,
  type Transport,
} from '@kvartz/base';
import { NetConnection } from './net-connection.ts';
import { acceptOptions, readInto } from './raw-handle.ts';

/** TCP and Unix sockets of the machine. */
export class NetTransport implements Transport {
  /** All connections are read into this buffer, one after another; whoever keeps bytes copies them. */
  readonly #input = new ByteBuffer(inputBytes);

  async listen(
    endpoint: Endpoint,
    options: ListenOptions,
    onConnection: (connection: Connection) => void,
  ): Promise<Listener> {
    if (endpoint.kind === 'unix') await removeStaleSocket(endpoint.path);
    const server = createServer({
      ...acceptOptions,
      noDelay: options.noDelay ?? true,
      keepAlive: (options.keepAliveSeconds ?? 0) > 0,
      keepAliveInitialDelay: (options.keepAliveSeconds ?? 0) * 1000,
    });
    server.on('connection', (socket) => {
      const connection = this.#accept(endpoint, socket);
      onConnection(connection);
    });
    await started(server, endpoint, options.backlog ?? 511);
    // A connection that fails between accept and hand-over is that connection's trouble.
    server.on('error', () => {});
    if (endpoint.kind === 'unix' && endpoint.mode !== undefined) await chmod(endpoint.path, endpoint.mode);
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return {
      endpoint: endpoint.kind === 'tcp' ? { ...endpoint, port } : endpoint,
      // The callback of close() would come when the last connection has gone; the port is free at once.
      close: async () => void server.close(),
    };
  }

  connect(endpoint: Endpoint, options: ConnectOptions = {}): Connection {
    const onread = {
      buffer: this.#input.u8,
      callback: (length: number): boolean => {
        connection.received(this.#input, length);
        return true;
      },
    };
    const socket: Socket =
      endpoint.kind === 'unix'
        ? connect({ path: endpoint.path, onread })
        : connect({
            host: endpoint.host,
            port: endpoint.port,
            noDelay: true,
            onread,
            ...(options.localHost !== undefined && { localAddress: options.localHost }),
          });
    const connection = new NetConnection(endpoint.kind, socket, endpoint.kind === 'unix' ? endpoint.path : '');
    if (endpoint.kind === 'tcp') connection.remote = `${endpoint.host}:${endpoint.port}`;
    connection.bind(socket);
    if (options.timeoutMs !== undefined) {
      const timeoutMs = options.timeoutMs;
      const timer = setTimeout(() => {
        const error = new Error(`connecting to ${connection.remote} took longer than ${timeoutMs} ms`);
        socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
      }, timeoutMs);
      socket.once('connect', () => clearTimeout(timer));
      socket.once('close', () => clearTimeout(timer));
    }
    socket.once('connect', () => connection.opened());
    return connection;
  }

  #accept(endpoint: Endpoint, accepted: Socket): NetConnection {
    const path = endpoint.kind === 'unix' ? endpoint.path : '';
    // Made before the handle moves, while the accepted socket still knows its addresses.
    const connection = new NetConnection(endpoint.kind, accepted, path);
    const socket = readInto(accepted, this.#input.u8, (length) => connection.received(this.#input, length));
    if (socket === undefined) {
      connection.bind(accepted);
      accepted.on('data', (chunk: Uint8Array) => {
        connection.received(ByteBuffer.from(chunk), chunk.length);
      });
      accepted.resume();
    } else {
      connection.bind(socket);
      socket.resume();
    }
    return connection;
  }
}

/**
 * A read of this size takes a whole batch of a deep pipeline, or a request with a value of 64 KiB (which in two reads is
 * gathered first: 24 us for a SET and not 21), and stays in the level-2 cache.
 */
const inputBytes = 128 * 1024;

function started(server: Server, endpoint: Endpoint, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const onListening = (): void => {
      server.off('error', reject);
      resolve();
    };
    if (endpoint.kind === 'unix') server.listen({ path: endpoint.path, backlog }, onListening);
    else {
      // An IPv6 address means IPv6 only, as for redis-server: the IPv4 one is bound beside it.
      const { host, port } = endpoint;
      server.listen({ host, port, backlog, ipv6Only: host.includes(':') }, onListening);
    }
  });
}

/** A socket file that nobody listens on is left from a process that died. */
async function removeStaleSocket(path: string): Promise<void> {
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (!isAlive) await unlink(path).catch(() => {});
}
