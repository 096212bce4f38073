import type { RdbStreamId } from '../rdb/stream-parser.ts';

/** What a file says of the pending entries of a group, before it says whose they are. Grows with what has come. */
export class PendingTable {
  /** Entries whose consumer has not come. */
  unowned = 0;
  #count = 0;
  /** Four words each. */
  #ids = new Uint32Array(64);
  #delivered = new Float64Array(16);
  #deliveries = new Float64Array(16);
  #isOwned = new Uint8Array(16);

  clear(): void {
    this.#count = 0;
    this.unowned = 0;
  }

  /** False: the ID does not come behind the one before. */
  add(id: RdbStreamId, deliveredMs: number, deliveries: number): boolean {
    const i = this.#count;
    if (i > 0 && this.#compare(i - 1, id) >= 0) return false;
    if (i === this.#delivered.length) this.#grow();
    this.#ids.set(id, i * 4);
    this.#delivered[i] = deliveredMs;
    this.#deliveries[i] = deliveries;
    this.#isOwned[i] = 0;
    this.#count++;
    this.unowned++;
    return true;
  }

  /** The place of an entry that nobody has yet, and now has; -1: there is none. */
  own(id: RdbStreamId): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(middle, id) < 0) low = middle + 1;
      else high = middle;
    }
    if (low === this.#count || this.#compare(low, id) !== 0 || this.#isOwned[low] === 1) return -1;
    this.#isOwned[low] = 1;
    this.unowned--;
    return low;
  }

  deliveredMs(i: number): number {
    return this.#delivered[i];
  }

  deliveries(i: number): number {
    return this.#deliveries[i];
  }

  #compare(i: number, id: RdbStreamId): number {
    for (let word = 0; word < 4; word++) {
      const own = this.#ids[i * 4 + word];
      if (own !== id[word]) return own < id[word] ? -1 : 1;
    }
    return 0;
  }

  #grow(): void {
    const room = this.#count * 2;
    const ids = new Uint32Array(room * 4);
    const delivered = new Float64Array(room);
    const deliveries = new Float64Array(room);
    const isOwned = new Uint8Array(room);
    ids.set(this.#ids);
    delivered.set(this.#delivered);
    deliveries.set(this.#deliveries);
    isOwned.set(this.#isOwned);
    this.#ids = ids;
    this.#delivered = delivered;
    this.#deliveries = deliveries;
    this.#isOwned = isOwned;
  }
}
