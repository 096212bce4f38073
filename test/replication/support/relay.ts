import { type AddressInfo, createServer, connect, type Server, type Socket } from 'node:net';

/** A TCP relay between a replica and its master, whose connections break when the test says so. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Bytes that the master may still send before the connection breaks. */
  #leftBytes = Infinity;
  /** Connections that were accepted. */
  connections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(targetPort: number): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on('connection', (near) => relay.#join(near, targetPort));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The connection breaks after so many more bytes from the master, wherever that is. */
  cutAfter(bytes: number): void {
    this.#leftBytes = bytes;
  }

  /** Breaks what there is now. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket, targetPort: number): void {
    this.connections++;
    const far = connect(targetPort, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    near.on('data', (bytes) => void far.write(bytes));
    far.on('data', (bytes: Buffer) => this.#pass(bytes, near, far));
    near.on('drain', () => far.resume());
  }

  #pass(bytes: Buffer, near: Socket, far: Socket): void {
    const part = bytes.subarray(0, this.#leftBytes);
    this.#leftBytes -= part.length;
    if (!near.write(part)) far.pause();
    if (part.length === bytes.length) return;
    this.#leftBytes = Infinity;
    near.end();
    far.destroy();
  }
}
