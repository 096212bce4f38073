import type { ByteBuffer } from '@kvartz/base';
import { type EntryRef, ValueType } from '../entry.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import type { SetBlocks } from './set-blocks.ts';
import { Addition, SetValue } from './set-value.ts';
import { SetWalk } from './set-walk.ts';

/**
 * A set that belongs to no key yet: grown member by member, so that its encoding is the smallest that fits, then stored or
 * freed.
 */
export class SetResult {
  readonly #host: CollectionHost;
  readonly #blocks: SetBlocks;
  readonly #value = new SetValue();
  readonly #walk: SetWalk;

  constructor(host: CollectionHost, blocks: SetBlocks) {
    this.#host = host;
    this.#blocks = blocks;
    this.#walk = new SetWalk(host.arena, blocks.table);
  }

  get count(): number {
    return this.#value.count;
  }

  /** Adds the member at which the walk stands, unless it is there already. False: no memory; what has been added is still there. */
  add(walk: SetWalk): boolean {
    const value = this.#value;
    const { buffer, start, end } = walk.text();
    if (value.root === 0) return this.#blocks.create(value, buffer, start, end);
    return this.#blocks.add(value, buffer, start, end) !== Addition.noMemory;
  }

  has(walk: SetWalk): boolean {
    return this.#value.root !== 0 && this.#blocks.hasWalked(this.#value, walk);
  }

  /** A walk over the members, begun. */
  walk(): SetWalk {
    this.#walk.begin(this.#value);
    return this.#walk;
  }

  /** Makes it the value of a key, in place of what that held; it must have a member. 0: no memory, and nothing has changed. */
  store(key: ByteBuffer, ks: number, ke: number): EntryRef {
    const { encoding, root, count } = this.#value;
    const e = this.#host.setCollection(key, ks, ke, ValueType.set, encoding, root, count);
    if (e !== 0) this.#forget();
    return e;
  }

  free(): void {
    if (this.#value.root !== 0) this.#blocks.free(this.#value);
    this.#forget();
  }

  #forget(): void {
    this.#value.root = 0;
    this.#value.count = 0;
  }
}
