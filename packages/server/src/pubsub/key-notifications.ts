import { asciiBytes, ByteBuffer, copyBytes } from '@kvartz/base';
import { EventClass, type KeyEvent } from '@kvartz/commands';
import type { PubSub } from './pub-sub.ts';

/** What `A` stands for in `notify-keyspace-events`; `m` and `n` are asked for by name. */
const lettersOfA = 'g$lshzxetd';

/**
 * Keyspace notifications: what happens to keys, published to the clients of this node.
 *
 *   __keyspace@<db>__:<key>     the name of the event
 *   __keyevent@<db>__:<event>   the key
 *
 * Channels are made in one buffer that is used again; nothing is made a string before somebody listens.
 */
export class KeyNotifications {
  /** Somebody asked for K or E, and for some class. */
  isOn = false;
  readonly #pubSub: PubSub;
  #letters = '';
  #toKeyspace = false;
  #toKeyevent = false;
  #channel = new ByteBuffer(256);
  /** By name. */
  readonly #names = new Map<string, ByteBuffer>();

  constructor(pubSub: PubSub) {
    this.#pubSub = pubSub;
  }

  /** `letters`: as the directive shows them. */
  configure(letters: string): void {
    this.#letters = letters.replace('A', lettersOfA);
    this.#toKeyspace = letters.includes('K');
    this.#toKeyevent = letters.includes('E');
    this.isOn = (this.#toKeyspace || this.#toKeyevent) && /[^KE]/.test(letters);
  }

  tells(eventClass: KeyEvent['eventClass']): boolean {
    return this.isOn && eventClass !== EventClass.none && this.#letters.includes(eventClass);
  }

  tell(dbIndex: number, event: KeyEvent, key: ByteBuffer, start: number, end: number): void {
    const pubSub = this.#pubSub;
    if (!pubSub.hasListeners || !this.tells(event.eventClass)) return;
    const name = this.#nameOf(event);
    if (this.#toKeyspace) {
      const length = this.#makeChannel(`__keyspace@${dbIndex}__:`, key, start, end);
      pubSub.publish(this.#channel, 0, length, name, 0, name.sizeBytes);
    }
    if (this.#toKeyevent) {
      const length = this.#makeChannel(`__keyevent@${dbIndex}__:`, name, 0, name.sizeBytes);
      pubSub.publish(this.#channel, 0, length, key, start, end);
    }
  }

  #makeChannel(prefix: string, rest: ByteBuffer, start: number, end: number): number {
    const length = prefix.length + end - start;
    if (length > this.#channel.sizeBytes) this.#channel = new ByteBuffer(length * 2);
    const { u8 } = this.#channel;
    for (let i = 0; i < prefix.length; i++) u8[i] = prefix.charCodeAt(i);
    copyBytes(rest, start, end, this.#channel, prefix.length);
    return length;
  }

  #nameOf({ name }: KeyEvent): ByteBuffer {
    let bytes = this.#names.get(name);
    if (bytes === undefined) {
      bytes = ByteBuffer.from(asciiBytes(name));
      this.#names.set(name, bytes);
    }
    return bytes;
  }
}
