import { shown } from './shown.ts';
import { type TestClient, TestServer, type TestServerOptions } from './test-server.ts';

/** What each client receives, by its number; who is not named receives nothing. */
export type Received = Readonly<Record<number, readonly unknown[]>>;

/** Clients of one server who act one after another. */
export class Party {
  readonly server: TestServer;
  readonly clients: readonly TestClient[];

  private constructor(server: TestServer, clients: readonly TestClient[]) {
    this.server = server;
    this.clients = clients;
  }

  static async start(size: number, options: TestServerOptions = {}): Promise<Party> {
    const server = await TestServer.start(options);
    const clients: TestClient[] = [];
    for (let i = 0; i < size; i++) clients.push(await server.connect());
    return new Party(server, clients);
  }

  /** `2: RPUSH a 1; GET b`: client 2 sends these requests at once. `after 100`: virtual milliseconds pass. */
  async take(turn: string): Promise<Received> {
    const colon = turn.indexOf(': ');
    if (colon < 0) await this.server.world.run(Number(turn.slice('after '.length)));
    else {
      const client = this.clients[Number(turn.slice(0, colon))];
      for (const request of turn.slice(colon + 2).split('; ')) client.send(request);
      await this.server.world.run(turnMs);
    }
    const received: Record<number, unknown[]> = {};
    for (const [i, client] of this.clients.entries()) {
      const replies = (await client.repliesWithin(0)).map(shown);
      if (replies.length > 0) received[i] = replies;
    }
    return received;
  }
}

/** Time for requests and replies to travel. */
export const turnMs = 10;
