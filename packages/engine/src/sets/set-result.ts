import type { ByteBuffer } from '@kvartz/base';
import { type EntryRef, ValueType } from '../entry.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import type { SetBlocks } from './set-blocks.ts';
import { Addition, SetValue } from './set-value.ts';
import type { SetFilter } from './set-filter.ts';
import type { MemberBatch } from './member-batch.ts';
import type { SetWalk } from './set-walk.ts';

/**
 * A set that belongs to no key yet: grown member by member, so that its encoding is the smallest that fits, then stored or
 * freed.
 */
export class SetResult {
  readonly #host: CollectionHost;
  readonly #blocks: SetBlocks;
  readonly #value = new SetValue();

  constructor(host: CollectionHost, blocks: SetBlocks) {
    this.#host = host;
    this.#blocks = blocks;
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

  /** Adds all members of a batch, none of which may be there already. False: no memory; what has been added is still there. */
  addBatch(batch: MemberBatch): boolean {
    const value = this.#value;
    const blocks = this.#blocks;
    const { count } = batch;
    if (count === 0) return true;
    let i = 0;
    if (value.root === 0) {
      if (blocks.createOfElements(value, batch)) return true;
      const { buffer, start, end } = batch.text(0);
      // A member that is no integer tells that so many can only be a table.
      if (count > this.#host.limits.setMaxListpackEntries && !blocks.isInteger(buffer, start, end)) {
        if (!blocks.createTable(value, batch.expected)) return false;
      } else {
        if (!blocks.create(value, buffer, start, end)) return false;
        i = 1;
      }
    }
    for (; i < count; i++) if (blocks.addNew(value, batch, i) === Addition.noMemory) return false;
    return true;
  }

  /** Leaves those members in a batch that are not here. */
  keepOthers(filter: SetFilter): void {
    if (this.#value.root !== 0) filter.keep(this.#value, false);
  }

  /** Begins to go through the members. */
  begin(batch: MemberBatch): void {
    batch.begin(this.#value);
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
