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
  /** Waiters that have to hear when the key is gone. */
  #tied = 0;
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

  get isTied(): boolean {
    return this.#tied > 0;
  }

  join(waiter: BlockedClient, keyIndex: number): Place {
    const place = new Place(waiter, this, keyIndex);
    place.previous = this.#last;
    if (this.#last === undefined) this.first = place;
    else this.#last.next = place;
    this.#last = place;
    if (waiter.isTied) this.#tied++;
    return place;
  }

  leave(place: Place): void {
    const { next, previous, waiter } = place;
    if (waiter.isTied) this.#tied--;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    place.isLeft = true;
  }
}
