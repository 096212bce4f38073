import { asciiBytes, latin1Bytes } from '@kvartz/base';
import type { Client } from '../client.ts';
import type { SubscriptionKind } from './subscriptions.ts';

/** Those who listen to one channel or pattern. */
export class Audience {
  readonly kind: SubscriptionKind;
  /** Of those who listen to a pattern. */
  readonly pattern: Uint8Array<ArrayBuffer> | undefined;
  /** Most channels, where there are very many, have one listener each, for whom there is no set. */
  only: Client | undefined;
  many: Set<Client> | undefined;

  /** `name`: one character per byte. */
  constructor(kind: SubscriptionKind, name: string) {
    this.kind = kind;
    this.pattern = kind === 'patterns' ? latin1Bytes(name) : undefined;
  }

  get size(): number {
    if (this.many !== undefined) return this.many.size;
    return this.only === undefined ? 0 : 1;
  }

  add(client: Client): void {
    if (this.many !== undefined) this.many.add(client);
    else if (this.only === undefined) this.only = client;
    else {
      this.many = new Set([this.only, client]);
      this.only = undefined;
    }
  }

  delete(client: Client): void {
    if (this.only === client) this.only = undefined;
    this.many?.delete(client);
  }

  /** As they are now. */
  clients(): Client[] {
    return this.only === undefined ? [...(this.many ?? [])] : [this.only];
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
