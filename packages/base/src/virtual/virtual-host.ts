import type { Connection, Endpoint } from '../env.ts';
import type { ProcessLife } from './process-life.ts';
import { SystemError } from './system-error.ts';
import type { VirtualConnection } from './virtual-connection.ts';

export interface VirtualListener {
  readonly endpoint: Endpoint;
  readonly life: ProcessLife;
  readonly onConnection: (connection: Connection) => void;
}

const ephemeralPortMin = 32_768;
const portMax = 65_535;

/** A machine: its name is its address. Several processes may run on it. */
export class VirtualHost {
  readonly name: string;
  /** Without power: it answers nothing, not even with a refusal. */
  isDown = false;
  readonly connections = new Set<VirtualConnection>();
  readonly #listeners = new Set<VirtualListener>();
  #nextPort = ephemeralPortMin;

  constructor(name: string) {
    this.name = name;
  }

  /** Takes the endpoint, port 0 as the next free one. Throws EADDRINUSE and EADDRNOTAVAIL. */
  listen(endpoint: Endpoint, life: ProcessLife, onConnection: (connection: Connection) => void): VirtualListener {
    const taken = endpoint.kind === 'tcp' && endpoint.port === 0 ? { ...endpoint, port: this.takePort() } : endpoint;
    if (taken.kind === 'tcp' && !isWildcard(taken.host) && !isLoopback(taken.host) && taken.host !== this.name) {
      throw new SystemError('EADDRNOTAVAIL', 'listen', subjectOf(taken));
    }
    for (const other of this.#listeners) {
      if (isConflict(other.endpoint, taken)) throw new SystemError('EADDRINUSE', 'listen', subjectOf(taken));
    }
    const listener = { endpoint: taken, life, onConnection };
    this.#listeners.add(listener);
    return listener;
  }

  unlisten(listener: VirtualListener): void {
    this.#listeners.delete(listener);
  }

  unlistenAll(life: ProcessLife): void {
    for (const listener of this.#listeners) if (listener.life === life) this.#listeners.delete(listener);
  }

  /** Who answers at this endpoint, given as the caller wrote it. */
  listenerAt(endpoint: Endpoint): VirtualListener | undefined {
    for (const listener of this.#listeners) {
      const { endpoint: own } = listener;
      if (own.kind === 'unix' || endpoint.kind === 'unix') {
        if (own.kind === 'unix' && endpoint.kind === 'unix' && own.path === endpoint.path) return listener;
      } else if (own.port === endpoint.port && (isWildcard(own.host) || isSameInterface(own.host, endpoint.host))) {
        return listener;
      }
    }
    return undefined;
  }

  /** A port that nobody has had lately. */
  takePort(): number {
    const port = this.#nextPort;
    this.#nextPort = port === portMax ? ephemeralPortMin : port + 1;
    return port;
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function isWildcard(host: string): boolean {
  return host === '' || host === '*' || host === '0.0.0.0' || host === '::';
}

function isSameInterface(a: string, b: string): boolean {
  return a === b || (isLoopback(a) && isLoopback(b));
}

function isConflict(a: Endpoint, b: Endpoint): boolean {
  if (a.kind === 'unix' || b.kind === 'unix') return a.kind === 'unix' && b.kind === 'unix' && a.path === b.path;
  if (a.port !== b.port) return false;
  return isWildcard(a.host) || isWildcard(b.host) || isSameInterface(a.host, b.host);
}

export function subjectOf(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? endpoint.path : addressText(endpoint.host, endpoint.port);
}

/** `10.0.0.1:6379`, `[::1]:6379`. */
export function addressText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
