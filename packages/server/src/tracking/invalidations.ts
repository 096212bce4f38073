import type { ByteBuffer } from '@kvartz/base';
import type { ReplyWriter } from '@kvartz/resp';
import type { Client } from '../client.ts';
import type { Pushes } from '../pubsub/pushes.ts';
import { isSubscriber } from '../pubsub/subscriptions.ts';

/** Where a RESP2 client that others redirect to hears of their keys, whatever it has subscribed to. */
const channel = '__redis__:invalidate';

/**
 * Messages about keys that have changed, to clients that track them or to those they redirect to: pushes of RESP3, or
 * messages as of a channel to a RESP2 client that has subscribed to something. Others are told nothing.
 */
export class Invalidations {
  readonly #pushes: Pushes;
  readonly #clients: ReadonlyMap<number, Client>;
  /** Of the message that is being written. */
  #writer: ReplyWriter;

  constructor(pushes: Pushes, clients: ReadonlyMap<number, Client>) {
    this.#pushes = pushes;
    this.#clients = clients;
    this.#writer = pushes.logOf(2).writer;
  }

  tellKey(client: Client, key: ByteBuffer, start: number, end: number): void {
    const receiver = this.#begin(client);
    if (receiver === undefined) return;
    this.#writer.array(1);
    this.#writer.bulk(key, start, end);
    this.#send(receiver);
  }

  tellKeys(client: Client, keys: readonly Uint8Array[]): void {
    const receiver = this.#begin(client);
    if (receiver === undefined) return;
    this.#writer.array(keys.length);
    for (const key of keys) this.#writer.bulkBytes(key);
    this.#send(receiver);
  }

  /** All keys are gone. */
  tellAll(client: Client): void {
    const receiver = this.#begin(client);
    if (receiver === undefined) return;
    this.#writer.null();
    this.#send(receiver);
  }

  /** Writes the head of a message, and returns who gets it; undefined: nobody can. */
  #begin(client: Client): Client | undefined {
    const { redirectId } = client.tracking!.options;
    const receiver = redirectId === 0 ? client : this.#clients.get(redirectId);
    if (receiver === undefined) {
      this.#tellBroken(client, redirectId);
      return undefined;
    }
    if (receiver.protocol === 3) {
      const writer = this.#startMessage(3);
      writer.push(2);
      writer.bulkText('invalidate');
    } else if (redirectId !== 0 && isSubscriber(receiver)) {
      const writer = this.#startMessage(2);
      writer.push(3);
      writer.bulkText('message');
      writer.bulkText(channel);
    } else return undefined;
    return receiver;
  }

  #tellBroken(client: Client, redirectId: number): void {
    client.tracking!.isRedirectBroken = true;
    if (client.protocol === 2) return;
    const writer = this.#startMessage(3);
    writer.push(2);
    writer.bulkText('tracking-redir-broken');
    writer.integer(redirectId);
    this.#send(client);
  }

  #startMessage(protocol: 2 | 3): ReplyWriter {
    this.#writer = this.#pushes.logOf(protocol).begin();
    return this.#writer;
  }

  #send(receiver: Client): void {
    this.#pushes.add(receiver, this.#pushes.logOf(receiver.protocol));
    this.#pushes.messageDone();
  }
}
