import { asciiBytes, latin1Bytes } from '@kvartz/base';
import type { Client } from '../client.ts';
import type { SubscriptionKind } from './subscriptions.ts';

/** Those who listen to one channel or pattern. */
export class Audience {
  readonly clients = new Set<Client>();
  readonly kind: SubscriptionKind;
  /** Of those who listen to a pattern. */
  readonly pattern: Uint8Array<ArrayBuffer> | undefined;

  /** `name`: one character per byte. */
  constructor(kind: SubscriptionKind, name: string) {
    this.kind = kind;
    this.pattern = kind === 'patterns' ? latin1Bytes(name) : undefined;
  }
}

/** What a message begins with, in RESP2 and RESP3. */
export const messageHeads = {
  channels: headsOf('3\r\n$7\r\nmessage\r\n'),
  patterns: headsOf('4\r\n$8\r\npmessage\r\n'),
  shardChannels: headsOf('3\r\n$8\r\nsmessage\r\n'),
} as const;

function headsOf(rest: string): readonly [Uint8Array, Uint8Array] {
  return [asciiBytes(`*${rest}`), asciiBytes(`>${rest}`)];
}
