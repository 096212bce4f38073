import { ByteBuffer } from '../byte-buffer.ts';
import type { Connection, ConnectOptions, Endpoint } from '../env.ts';
import type { Prng } from '../prng.ts';
import { BytePipe } from './byte-pipe.ts';
import { defaultLinkOptions, Link, type LinkOptions } from './link.ts';
import type { ProcessLife } from './process-life.ts';
import type { Scheduler } from './scheduler.ts';
import { VirtualConnection } from './virtual-connection.ts';
import { addressText, isLoopback, VirtualHost, type VirtualListener } from './virtual-host.ts';

/** A first SYN that nobody answers is sent again after this time, and then after twice as long each time. */
const synRetryMs = 1000;
/** What Linux bears before it gives up: six more SYNs. */
const connectTimeoutMs = 127_000;
const inputBytes = 64 * 1024;
const localLatencyMs = [0.02, 0.1] as const;
/** After a cut, the next retransmission is at most this far away. */
const retransmitMsMax = 400;

export interface NetworkOptions extends Partial<LinkOptions> {
  /** How long bytes may meet a cut link before their connection fails with ETIMEDOUT. Linux: about 15 minutes. */
  readonly tcpTimeoutMs?: number;
}

/**
 * Machines and the links between them. Each pair of hosts has two links, one for each direction, which can be slow, lossy
 * or cut, apart from each other. Cutting a link loses nothing by itself: TCP keeps what was sent and delivers it after the
 * link has healed, unless a timeout was faster.
 */
export class VirtualNetwork {
  readonly #scheduler: Scheduler;
  readonly #random: Prng;
  readonly #tcpTimeoutMs: number;
  #linkOptions: LinkOptions;
  readonly #hosts = new Map<string, VirtualHost>();
  readonly #links = new Map<string, Link>();
  /** All connections are read into this buffer, as they are in the real transport. */
  readonly #input = new ByteBuffer(inputBytes);

  constructor(scheduler: Scheduler, random: Prng, { tcpTimeoutMs = 900_000, ...link }: NetworkOptions = {}) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#tcpTimeoutMs = tcpTimeoutMs;
    this.#linkOptions = { ...defaultLinkOptions, ...link };
  }

  /** The host of this name, which need not be seen before. */
  host(name: string): VirtualHost {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = new VirtualHost(name);
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** Changes all links that exist or come, but not the hosts' links to themselves. */
  setLinks(options: Partial<LinkOptions>): void {
    this.#linkOptions = { ...this.#linkOptions, ...options };
    for (const [key, link] of this.#links) {
      const [from, to] = key.split('\n');
      if (from !== to) link.options = { ...link.options, ...options };
    }
  }

  /** Changes one direction. */
  setLink(from: string, to: string, options: Partial<LinkOptions>): void {
    const link = this.#link(from, to);
    link.options = { ...link.options, ...options };
  }

  /** Cuts both directions between every host of one side and every host of the other (default: all others). */
  partition(side: readonly string[], others?: readonly string[]): void {
    const otherSide = others ?? this.#namesWithout(side);
    this.cut(side, otherSide);
    this.cut(otherSide, side);
  }

  /** Cuts one direction only. */
  cut(from: readonly string[], to: readonly string[]): void {
    for (const a of from) for (const b of to) if (a !== b) this.#link(a, b).isBlocked = true;
  }

  /** Heals both directions between these sides; everything without arguments. */
  heal(side?: readonly string[], others?: readonly string[]): void {
    if (side === undefined) {
      for (const link of this.#links.values()) this.#unblock(link);
      return;
    }
    for (const a of side) {
      for (const b of others ?? this.#namesWithout(side)) {
        this.#unblock(this.#link(a, b));
        this.#unblock(this.#link(b, a));
      }
    }
  }

  /** Breaks every connection between the two hosts; both ends see ECONNRESET. */
  resetConnections(a: string, b: string): void {
    for (const connection of this.host(a).connections) {
      const { peer } = connection;
      if (peer?.host.name !== b) continue;
      connection.closeWith('ECONNRESET');
      peer.closeWith('ECONNRESET');
    }
  }

  /** A host has power again: what waits for it finds a machine that knows nothing of it. */
  retryStalled(host: VirtualHost): void {
    for (const [key, link] of this.#links) if (key.endsWith(`\n${host.name}`)) this.#retry(link);
  }

  /** For VirtualTransport. */
  connect(life: ProcessLife, from: VirtualHost, endpoint: Endpoint, options: ConnectOptions): Connection {
    const isLocal = endpoint.kind === 'unix' || isLoopback(endpoint.host);
    const toName = isLocal ? from.name : endpoint.host;
    const port = from.takePort();
    const client = new VirtualConnection(this.#scheduler, life, from, this.#input, {
      kind: endpoint.kind,
      local: endpoint.kind === 'unix' ? `${endpoint.path}:0` : addressText(isLocal ? endpoint.host : from.name, port),
      remote: endpoint.kind === 'unix' ? `${endpoint.path}:0` : addressText(endpoint.host, endpoint.port),
      isLoopback: isLocal || toName === from.name,
    });
    const link = this.#link(from.name, toName);
    client.sendInto(this.#pipe(link, client));
    if (this.#hosts.has(toName)) {
      this.#knock({ client, life, link, endpoint, to: this.host(toName), back: this.#link(toName, from.name) }, 0);
      life.at(this.#scheduler.nowMs + (options.timeoutMs ?? connectTimeoutMs), () => {
        if (!client.isOpen) client.closeWith('ETIMEDOUT');
      });
    } else life.at(this.#scheduler.nowMs + link.drawDelayMs(), () => client.closeWith('EHOSTUNREACH'));
    return client;
  }

  /** Sends a SYN, and another one later when it meets a cut link or a machine without power. */
  #knock(attempt: Attempt, count: number): void {
    const { client, life, link, back, to, endpoint } = attempt;
    this.#scheduler.at(this.#scheduler.nowMs + link.drawDelayMs(), () => {
      if (client.isGone) return;
      if (link.isBlocked || to.isDown) {
        life.at(this.#scheduler.nowMs + synRetryMs * 2 ** count, () => {
          if (!client.isGone) this.#knock(attempt, count + 1);
        });
        return;
      }
      const listener = to.listenerAt(endpoint);
      if (listener !== undefined) this.#accept(attempt, listener);
      else if (!back.isBlocked) {
        life.at(this.#scheduler.nowMs + back.drawDelayMs(), () => client.closeWith('ECONNREFUSED'));
      }
    });
  }

  /** The machine accepts, even while the process is paused; the client hears of it through the pipe. */
  #accept({ client, back, to }: Attempt, listener: VirtualListener): void {
    const server = new VirtualConnection(this.#scheduler, listener.life, to, this.#input, {
      kind: client.kind,
      local: client.remote,
      remote: client.local,
      isLoopback: client.isLoopback,
    });
    const toClient = this.#pipe(back, server);
    server.sendInto(toClient);
    toClient.leadTo(client);
    client.join(server, toClient);
    server.join(client, client.out);
    client.out.leadTo(server);
    server.open();
    toClient.sendOpen();
    listener.life.at(this.#scheduler.nowMs, () => listener.onConnection(server));
  }

  #pipe(link: Link, from: VirtualConnection): BytePipe {
    return new BytePipe(link, this.#scheduler, this.#random, from, this.#tcpTimeoutMs);
  }

  #link(from: string, to: string): Link {
    const key = `${from}\n${to}`;
    let link = this.#links.get(key);
    if (link === undefined) {
      const options = from === to ? { ...defaultLinkOptions, latencyMs: localLatencyMs } : this.#linkOptions;
      link = new Link(options, this.#random);
      this.#links.set(key, link);
    }
    return link;
  }

  #unblock(link: Link): void {
    if (!link.isBlocked) return;
    link.isBlocked = false;
    this.#retry(link);
  }

  /** What has waited comes with TCP's next retransmission. */
  #retry(link: Link): void {
    for (const pipe of link.stalled) {
      this.#scheduler.at(this.#scheduler.nowMs + link.drawDelayMs() + this.#random.ratio() * retransmitMsMax, () =>
        pipe.retry(),
      );
    }
  }

  #namesWithout(names: readonly string[]): string[] {
    return [...this.#hosts.keys()].filter((name) => !names.includes(name));
  }
}

/** A client that wants to be connected. */
interface Attempt {
  readonly client: VirtualConnection;
  readonly life: ProcessLife;
  readonly link: Link;
  readonly back: Link;
  readonly to: VirtualHost;
  readonly endpoint: Endpoint;
}
