import type { ByteBuffer } from '@kvartz/base';
import type { BlockedClient } from './blocked-client.ts';

/** A blocked client's place in the queue of one key. A client that waits for several keys has several. */
export class Place {
  readonly waiter: BlockedClient;
  readonly queue: KeyQueue;
  /** The argument of the waiter's command that names the key. */
  readonly keyIndex: number;
  previous: Place | undefined;
  next: Place | undefined;
  isLeft = false;

  constructor(waiter: BlockedClient, queue: KeyQueue, keyIndex: number) {
    this.waiter = waiter;
    this.queue = queue;
    this.keyIndex = keyIndex;
  }
}

/**
 * Who waits for one key of one database, in the order of arrival. A linked list: clients leave from the middle, too, and
 * ten thousand may wait for one key.
 */
export class KeyQueue {
  readonly id: string;
  readonly dbIndex: number;
  readonly key: ByteBuffer;
  first: Place | undefined;
  #last: Place | undefined;
  /** It is in the list of keys to serve. */
  isReady = false;

  constructor(id: string, dbIndex: number, key: ByteBuffer) {
    this.id = id;
    this.dbIndex = dbIndex;
    this.key = key;
  }

  get isEmpty(): boolean {
    return this.first === undefined;
  }

  join(waiter: BlockedClient, keyIndex: number): Place {
    const place = new Place(waiter, this, keyIndex);
    place.previous = this.#last;
    if (this.#last === undefined) this.first = place;
    else this.#last.next = place;
    this.#last = place;
    return place;
  }

  leave(place: Place): void {
    const { next, previous } = place;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    place.isLeft = true;
  }
}
