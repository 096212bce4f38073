import { type ByteBuffer, latin1Bytes, latin1Of } from '@kvartz/base';
import { matchGlob } from '@kvartz/commands';
import { type Client, Gate } from '../client.ts';
import { MessageEncoder } from './messages.ts';
import type { Pushes } from './pushes.ts';
import { SubscriptionKind, Subscriptions } from './subscriptions.ts';

/** A pattern that somebody has subscribed to, as bytes for the matching. */
interface Pattern {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly clients: Set<Client>;
}

/**
 * Who listens to what on this node. Names of channels and patterns are strings of one character per byte; messages are
 * encoded once for each protocol and copied into what waits for each subscriber.
 */
export class PubSub {
  readonly #pushes: Pushes;
  readonly #encoder = new MessageEncoder();
  readonly #channels = new Map<string, Set<Client>>();
  readonly #shardChannels = new Map<string, Set<Client>>();
  readonly #patterns = new Map<string, Pattern>();

  constructor(pushes: Pushes) {
    this.#pushes = pushes;
  }

  get hasListeners(): boolean {
    return this.#channels.size > 0 || this.#patterns.size > 0;
  }

  get channelCount(): number {
    return this.#channels.size;
  }

  get shardChannelCount(): number {
    return this.#shardChannels.size;
  }

  /** Different patterns, whoever subscribed to them. */
  get patternCount(): number {
    return this.#patterns.size;
  }

  channelNames(isSharded: boolean): IterableIterator<string> {
    return (isSharded ? this.#shardChannels : this.#channels).keys();
  }

  subscriberCount(name: string, isSharded: boolean): number {
    return (isSharded ? this.#shardChannels : this.#channels).get(name)?.size ?? 0;
  }

  /** False when the client had subscribed already. */
  subscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    const own = (client.subscriptions ??= new Subscriptions())[kind];
    if (own.has(name)) return false;
    own.add(name);
    this.#clientsOf(kind, name).add(client);
    this.refreshGate(client);
    return true;
  }

  /** False when the client had not subscribed. */
  unsubscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    if (client.subscriptions?.[kind].delete(name) !== true) return false;
    const registry = kind === SubscriptionKind.pattern ? this.#patterns : this.#registryOf(kind);
    const entry = registry.get(name);
    const clients = entry instanceof Set ? entry : entry?.clients;
    clients?.delete(client);
    if (clients?.size === 0) registry.delete(name);
    this.refreshGate(client);
    return true;
  }

  /** A client that is gone, or begins anew (RESET). */
  forget(client: Client): void {
    const { subscriptions } = client;
    if (subscriptions === undefined) return;
    for (const kind of Object.values(SubscriptionKind)) {
      for (const name of subscriptions[kind]) this.unsubscribe(client, kind, name);
    }
    client.subscriptions = undefined;
    this.refreshGate(client);
  }

  /** Ends all subscriptions to shard channels for which `isLost` says so, and tells the subscribers: slots that moved away. */
  dropShardChannels(isLost: (name: string) => boolean): void {
    for (const [name, clients] of this.#shardChannels) {
      if (!isLost(name)) continue;
      for (const client of clients) {
        this.unsubscribe(client, SubscriptionKind.shardChannel, name);
        this.#encoder.begin();
        const writer = this.#encoder.encodeEnd(
          client.protocol,
          'sunsubscribe',
          latin1Bytes(name),
          client.subscriptions?.shardChannels.size ?? 0,
        );
        this.#pushes.append(client, writer.buffer.u8, 0, writer.position);
      }
    }
  }

  /** Sends the message to all who listen on this node. Returns how many times it was sent. */
  publish(channel: ByteBuffer, cs: number, ce: number, payload: ByteBuffer, ps: number, pe: number): number {
    if (!this.hasListeners) return 0;
    let receivers = 0;
    const clients = this.#channels.get(latin1Of(channel.u8, cs, ce));
    if (clients !== undefined) {
      receivers = clients.size;
      this.#send(clients, 'message', undefined, channel, cs, ce, payload, ps, pe);
    }
    for (const { bytes, clients: matching } of this.#patterns.values()) {
      if (!matchGlob(bytes, 0, bytes.length, channel.u8, cs, ce)) continue;
      receivers += matching.size;
      this.#send(matching, 'pmessage', bytes, channel, cs, ce, payload, ps, pe);
    }
    return receivers;
  }

  /** The same for a shard channel, to which no pattern subscribes. */
  publishSharded(channel: ByteBuffer, cs: number, ce: number, payload: ByteBuffer, ps: number, pe: number): number {
    const clients = this.#shardChannels.get(latin1Of(channel.u8, cs, ce));
    if (clients === undefined) return 0;
    this.#send(clients, 'smessage', undefined, channel, cs, ce, payload, ps, pe);
    return clients.size;
  }

  #send(
    clients: ReadonlySet<Client>,
    kind: string,
    pattern: Uint8Array | undefined,
    channel: ByteBuffer,
    cs: number,
    ce: number,
    payload: ByteBuffer,
    ps: number,
    pe: number,
  ): void {
    const encoder = this.#encoder;
    const pushes = this.#pushes;
    encoder.begin();
    for (const client of clients) {
      const writer = encoder.encode(client.protocol, kind, pattern, channel, cs, ce, payload, ps, pe);
      pushes.append(client, writer.buffer.u8, 0, writer.position);
    }
  }

  #clientsOf(kind: SubscriptionKind, name: string): Set<Client> {
    if (kind === SubscriptionKind.pattern) {
      let pattern = this.#patterns.get(name);
      if (pattern === undefined) {
        pattern = { bytes: latin1Bytes(name), clients: new Set() };
        this.#patterns.set(name, pattern);
      }
      return pattern.clients;
    }
    const registry = this.#registryOf(kind);
    let clients = registry.get(name);
    if (clients === undefined) {
      clients = new Set();
      registry.set(name, clients);
    }
    return clients;
  }

  #registryOf(kind: 'channels' | 'shardChannels'): Map<string, Set<Client>> {
    return kind === SubscriptionKind.channel ? this.#channels : this.#shardChannels;
  }

  /** A RESP2 client that has subscribed may send few other commands: what it reads are messages. HELLO changes that. */
  refreshGate(client: Client): void {
    const isSubscribed = client.subscriptions !== undefined && !client.subscriptions.isEmpty;
    client.setGate(Gate.subscribed, isSubscribed && client.protocol === 2);
  }
}
