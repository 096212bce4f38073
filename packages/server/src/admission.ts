import type { Connection } from '@kvartz/base';
import { requestLimits, type RequestLimits } from '@kvartz/resp';
import { type Client, Gate } from './client.ts';
import type { ServerConfig } from './config/index.ts';

/** Who may connect, and what an unauthenticated connection may send. */
export class Admission {
  /** Shared by all connections that may send anything, and by those that have yet to authenticate. */
  readonly openLimits: RequestLimits = requestLimits();
  readonly #guardedLimits: RequestLimits = requestLimits({ isUnauthenticated: true });
  readonly #config: ServerConfig;

  constructor(config: ServerConfig) {
    this.#config = config;
    this.refresh();
  }

  /** Takes up what CONFIG SET has changed. */
  refresh(): void {
    for (const limits of [this.openLimits, this.#guardedLimits]) {
      limits.bulkBytesMax = this.#config.protoMaxBulkLenBytes;
      limits.queryBytesMax = this.#config.clientQueryBufferLimitBytes;
    }
  }

  /** Why a connection is not wanted, as the whole error; undefined when it is. */
  refusal(connection: Connection, clientCount: number): string | undefined {
    const { maxclients, protectedMode, requirepass } = this.#config;
    if (clientCount >= maxclients) return 'ERR max number of clients reached';
    if (protectedMode && requirepass === '' && !connection.isLoopback) return protectedModeText;
    return undefined;
  }

  get needsPassword(): boolean {
    return this.#config.requirepass !== '';
  }

  authenticated(client: Client): void {
    client.isAuthenticated = true;
    client.gates &= ~Gate.auth;
    client.decoder.limits = this.openLimits;
  }

  /** Back to the state of a new connection. */
  deauthenticated(client: Client): void {
    if (!this.needsPassword) return this.authenticated(client);
    client.isAuthenticated = false;
    client.gates |= Gate.auth;
    client.decoder.limits = this.#guardedLimits;
  }
}

const protectedModeText =
  'DENIED Kvartz is running in protected mode because protected mode is enabled and no password is set for the ' +
  'default user. In this mode connections are only accepted from the loopback interface. To connect from elsewhere, ' +
  "set a password with requirepass, or, on a network that you trust, disable protected mode ('protected-mode no').";
