import { ByteBuffer, latin1Bytes } from '@kvartz/base';
import { matchGlob } from '@kvartz/commands';
import { ByteKeyMap } from '../byte-key-map.ts';
import { type Client, Gate } from '../client.ts';
import { Audience, messageHeads } from './audience.ts';
import type { PushLog } from './push-log.ts';
import type { Pushes } from './pushes.ts';
import { SubscriptionKind, Subscriptions } from './subscriptions.ts';

/**
 * Who listens to what on this node. Names of channels and patterns are strings of one character per byte; a message is
 * written once for each protocol that one of its receivers speaks.
 */
export class PubSub {
  readonly #pushes: Pushes;
  readonly #channels: ByteKeyMap<Audience>;
  readonly #shardChannels: ByteKeyMap<Audience>;
  readonly #patterns = new Map<string, Audience>();

  /** `hashKey`: two secret random integers of 32 bits. */
  constructor(pushes: Pushes, hashKey: readonly [number, number]) {
    this.#pushes = pushes;
    this.#channels = new ByteKeyMap(hashKey);
    this.#shardChannels = new ByteKeyMap(hashKey);
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

  channelNames(isSharded: boolean): Iterable<string> {
    return (isSharded ? this.#shardChannels : this.#channels).keys();
  }

  subscriberCount(name: string, isSharded: boolean): number {
    return this.#audienceOf(isSharded ? SubscriptionKind.shardChannel : SubscriptionKind.channel, name)?.size ?? 0;
  }

  /** False when the client had subscribed already. */
  subscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    const own = (client.subscriptions ??= new Subscriptions())[kind];
    if (own.has(name)) return false;
    own.add(name);
    let audience = this.#audienceOf(kind, name);
    if (audience === undefined) {
      audience = new Audience(kind, name);
      if (kind === SubscriptionKind.pattern) this.#patterns.set(name, audience);
      else {
        const bytes = bytesOf(name);
        this.#channelsOf(kind).set(bytes, 0, bytes.sizeBytes, audience);
      }
    }
    audience.add(client);
    this.refreshGate(client);
    return true;
  }

  /** False when the client had not subscribed. */
  unsubscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    if (client.subscriptions?.[kind].delete(name) !== true) return false;
    const audience = this.#audienceOf(kind, name);
    audience?.delete(client);
    if (audience?.size === 0) {
      if (kind === SubscriptionKind.pattern) this.#patterns.delete(name);
      else {
        const bytes = bytesOf(name);
        this.#channelsOf(kind).delete(bytes, 0, bytes.sizeBytes);
      }
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
    for (const name of [...this.#shardChannels.keys()].filter(isLost)) {
      for (const client of this.#audienceOf(SubscriptionKind.shardChannel, name)!.clients()) {
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
    const audience = this.#channels.get(channel, cs, ce);
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
    const audience = this.#shardChannels.get(channel, cs, ce);
    return audience === undefined ? 0 : this.#send(audience, channel, cs, ce, payload, ps, pe);
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
    const { many, only } = audience;
    if (only !== undefined) {
      const log = this.#write(audience, only.protocol, channel, cs, ce, payload, ps, pe);
      pushes.add(only, log);
      pushes.messageDone();
      return 1;
    }
    if (many === undefined) return 0;
    let resp2: PushLog | undefined;
    let resp3: PushLog | undefined;
    for (const client of many) {
      const log =
        client.protocol === 2
          ? (resp2 ??= this.#write(audience, 2, channel, cs, ce, payload, ps, pe))
          : (resp3 ??= this.#write(audience, 3, channel, cs, ce, payload, ps, pe));
      pushes.add(client, log);
    }
    pushes.messageDone();
    return many.size;
  }

  #write(
    { kind, pattern }: Audience,
    protocol: 2 | 3,
    channel: ByteBuffer,
    cs: number,
    ce: number,
    payload: ByteBuffer,
    ps: number,
    pe: number,
  ): PushLog {
    const log = this.#pushes.logOf(protocol);
    const writer = log.begin();
    const head = messageHeads[kind][protocol - 2];
    writer.raw(head, 0, head.length);
    if (pattern !== undefined) writer.bulkBytes(pattern);
    writer.bulk(channel, cs, ce);
    writer.bulk(payload, ps, pe);
    return log;
  }

  #audienceOf(kind: SubscriptionKind, name: string): Audience | undefined {
    if (kind === SubscriptionKind.pattern) return this.#patterns.get(name);
    const bytes = bytesOf(name);
    return this.#channelsOf(kind).get(bytes, 0, bytes.sizeBytes);
  }

  #channelsOf(kind: 'channels' | 'shardChannels'): ByteKeyMap<Audience> {
    return kind === SubscriptionKind.channel ? this.#channels : this.#shardChannels;
  }

  /** A RESP2 client that has subscribed may send few other commands: what it reads are messages. HELLO changes that. */
  refreshGate(client: Client): void {
    const isSubscribed = client.subscriptions !== undefined && !client.subscriptions.isEmpty;
    client.setGate(Gate.subscribed, isSubscribed && client.protocol === 2);
  }
}

function bytesOf(name: string): ByteBuffer {
  return ByteBuffer.from(latin1Bytes(name));
}
