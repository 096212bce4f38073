import type { Client } from '../client.ts';

/** What one client has subscribed to. Names have one character per byte; sets keep the order of subscription. */
export class Subscriptions {
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  readonly shardChannels = new Set<string>();

  /** What SUBSCRIBE and PSUBSCRIBE answer; shard channels count by themselves. */
  get count(): number {
    return this.channels.size + this.patterns.size;
  }

  get isEmpty(): boolean {
    return this.count === 0 && this.shardChannels.size === 0;
  }
}

export const SubscriptionKind = { channel: 'channels', pattern: 'patterns', shardChannel: 'shardChannels' } as const;
export type SubscriptionKind = (typeof SubscriptionKind)[keyof typeof SubscriptionKind];

/** Counts as a subscriber, to output limits and CLIENT LIST, in either protocol. */
export function isSubscriber({ subscriptions }: Client): boolean {
  return subscriptions !== undefined && !subscriptions.isEmpty;
}
