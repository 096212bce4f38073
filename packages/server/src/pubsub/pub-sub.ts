import { ByteBuffer, copyBytes, equalBytes, latin1Bytes, latin1Of } from '@kvartz/base';
import { matchGlob } from '@kvartz/commands';
import { type Client, Gate } from '../client.ts';
import { Audience, messageHeads } from './audience.ts';
import type { Pushes } from './pushes.ts';
import { SubscriptionKind, Subscriptions } from './subscriptions.ts';

/**
 * Who listens to what on this node. Names of channels and patterns are strings of one character per byte; messages are
 * encoded once for each protocol and copied into what waits for each subscriber.
 */
export class PubSub {
  readonly #pushes: Pushes;
  readonly #channels = new Map<string, Audience>();
  readonly #shardChannels = new Map<string, Audience>();
  readonly #patterns = new Map<string, Audience>();
  /** The channel that was published to last, which is often the next one, too: no string is made for it. */
  readonly #lastName = new ByteBuffer(lastNameBytesMax);
  #lastNameBytes = -1;
  #last: Audience | undefined;

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
    return (isSharded ? this.#shardChannels : this.#channels).get(name)?.clients.size ?? 0;
  }

  /** False when the client had subscribed already. */
  subscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    const own = (client.subscriptions ??= new Subscriptions())[kind];
    if (own.has(name)) return false;
    own.add(name);
    this.#audienceOf(kind, name).clients.add(client);
    this.refreshGate(client);
    return true;
  }

  /** False when the client had not subscribed. */
  unsubscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    if (client.subscriptions?.[kind].delete(name) !== true) return false;
    const registry = this.#registryOf(kind);
    const audience = registry.get(name);
    audience?.clients.delete(client);
    if (audience?.clients.size === 0) {
      registry.delete(name);
      this.#lastNameBytes = -1;
    }
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
    for (const [name, { clients }] of this.#shardChannels) {
      if (!isLost(name)) continue;
      for (const client of clients) {
        this.unsubscribe(client, SubscriptionKind.shardChannel, name);
        const log = this.#pushes.logOf(client.protocol);
        const writer = log.begin();
        writer.push(3);
        writer.bulkText('sunsubscribe');
        writer.bulkBytes(latin1Bytes(name));
        writer.integer(client.subscriptions?.shardChannels.size ?? 0);
        this.#pushes.add(client, log);
      }
    }
  }

  /** Sends the message to all who listen on this node. Returns how many times it was sent. */
  publish(channel: ByteBuffer, cs: number, ce: number, payload: ByteBuffer, ps: number, pe: number): number {
    if (!this.hasListeners) return 0;
    let receivers = 0;
    const audience = this.#find(channel, cs, ce);
    if (audience !== undefined) receivers = this.#send(audience, channel, cs, ce, payload, ps, pe);
    if (this.#patterns.size === 0) return receivers;
    for (const one of this.#patterns.values()) {
      const { pattern } = one;
      if (pattern === undefined || !matchGlob(pattern, 0, pattern.length, channel.u8, cs, ce)) continue;
      receivers += this.#send(one, channel, cs, ce, payload, ps, pe);
    }
    return receivers;
  }

  /** The same for a shard channel, to which no pattern subscribes. */
  publishSharded(channel: ByteBuffer, cs: number, ce: number, payload: ByteBuffer, ps: number, pe: number): number {
    const audience = this.#shardChannels.get(latin1Of(channel.u8, cs, ce));
    return audience === undefined ? 0 : this.#send(audience, channel, cs, ce, payload, ps, pe);
  }

  #find(channel: ByteBuffer, start: number, end: number): Audience | undefined {
    const last = this.#lastName;
    if (this.#lastNameBytes >= 0 && equalBytes(channel, start, end, last, 0, this.#lastNameBytes)) return this.#last;
    const audience = this.#channels.get(latin1Of(channel.u8, start, end));
    if (audience !== undefined && end - start <= lastNameBytesMax) {
      copyBytes(channel, start, end, last, 0);
      this.#lastNameBytes = end - start;
      this.#last = audience;
    }
    return audience;
  }

  /** Returns how many get it. */
  #send(
    audience: Audience,
    channel: ByteBuffer,
    cs: number,
    ce: number,
    payload: ByteBuffer,
    ps: number,
    pe: number,
  ): number {
    const pushes = this.#pushes;
    const { clients, pattern } = audience;
    const heads = messageHeads[audience.kind];
    let isInResp2 = false;
    let isInResp3 = false;
    for (const client of clients) {
      const { protocol } = client;
      const log = pushes.logOf(protocol);
      if (!(protocol === 2 ? isInResp2 : isInResp3)) {
        const writer = log.begin();
        const head = heads[protocol - 2];
        writer.raw(head, 0, head.length);
        if (pattern !== undefined) writer.bulkBytes(pattern);
        writer.bulk(channel, cs, ce);
        writer.bulk(payload, ps, pe);
        if (protocol === 2) isInResp2 = true;
        else isInResp3 = true;
      }
      pushes.add(client, log);
    }
    pushes.messageDone();
    return clients.size;
  }

  #audienceOf(kind: SubscriptionKind, name: string): Audience {
    const registry = this.#registryOf(kind);
    let audience = registry.get(name);
    if (audience === undefined) {
      audience = new Audience(kind, name);
      registry.set(name, audience);
    }
    return audience;
  }

  #registryOf(kind: SubscriptionKind): Map<string, Audience> {
    if (kind === SubscriptionKind.pattern) return this.#patterns;
    return kind === SubscriptionKind.channel ? this.#channels : this.#shardChannels;
  }

  /** A RESP2 client that has subscribed may send few other commands: what it reads are messages. HELLO changes that. */
  refreshGate(client: Client): void {
    const isSubscribed = client.subscriptions !== undefined && !client.subscriptions.isEmpty;
    client.setGate(Gate.subscribed, isSubscribed && client.protocol === 2);
  }
}

const lastNameBytesMax = 64;
