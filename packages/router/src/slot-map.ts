import { assert } from '@kvartz/base';
import { SLOT_COUNT } from './key-slot.ts';
import type { SlotRange, SlotRanges } from './slot-ranges.ts';

/** Index of "nobody" in `#nodes`. */
const nobody = 0;

/**
 * Which node owns which slot: an immutable value. A change returns a new map that shares what it can; whoever holds the
 * old one goes on reading it undisturbed, and publishing the new one is one assignment.
 *
 *   owners: Uint16Array(16384)   slot -> index in nodes; 0: nobody
 *   nodes:  [undefined, a, b]    may hold nodes without slots, whose index the next newcomer takes
 *   counts: [unassigned, of a, of b]
 *
 * Nodes are compared with ===: strings (ids, `host:port`) or objects of which the caller keeps one each. A change of one
 * slot copies 32 KiB (about 1.5 us); many slots at once cost one copy with `withOwner`.
 */
export class SlotMap<N> {
  readonly #owners: Uint16Array;
  readonly #nodes: readonly (N | undefined)[];
  readonly #counts: readonly number[];
  /** Made when first asked for: of the maps that a chain of changes makes, few are asked. */
  #indexes: ReadonlyMap<N, number> | undefined;
  #ranges: SlotRanges[] | undefined;

  private constructor(owners: Uint16Array, nodes: readonly (N | undefined)[], counts: readonly number[]) {
    this.#owners = owners;
    this.#nodes = nodes;
    this.#counts = counts;
  }

  /** A map in which nobody owns anything. */
  static empty<N>(): SlotMap<N> {
    return new SlotMap<N>(new Uint16Array(SLOT_COUNT), [undefined], [SLOT_COUNT]);
  }

  ownerOf(slot: number): N | undefined {
    return this.#nodes[this.#owners[slot]];
  }

  /** Nodes that own at least one slot, in no particular order. */
  get owners(): N[] {
    return this.#nodes.filter((_node, index) => index !== nobody && this.#counts[index] > 0) as N[];
  }

  /** Number of slots that somebody owns. */
  get assignedCount(): number {
    return SLOT_COUNT - this.#counts[nobody];
  }

  slotCountOf(node: N): number {
    const index = this.#indexOf(node);
    return index < 0 ? 0 : this.#counts[index];
  }

  /** The slots of a node; of nobody when `undefined`. */
  rangesOf(node: N | undefined): SlotRanges {
    this.#ranges ??= this.#allRanges();
    const index = node === undefined ? nobody : this.#indexOf(node);
    return this.#ranges[index] ?? [];
  }

  /** Of all nodes in one pass: who asks for one is about to ask for the next. */
  #allRanges(): SlotRanges[] {
    const all = this.#nodes.map((): SlotRange[] => []);
    const owners = this.#owners;
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const index = owners[slot];
      const first = slot;
      while (slot + 1 < SLOT_COUNT && owners[slot + 1] === index) slot++;
      all[index].push({ first, last: slot });
    }
    return all;
  }

  /** Every run of slots with one owner, ascending, without those of nobody. */
  *entries(): Generator<SlotRange & { readonly owner: N }> {
    const owners = this.#owners;
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const index = owners[slot];
      const first = slot;
      while (slot + 1 < SLOT_COUNT && owners[slot + 1] === index) slot++;
      if (index !== nobody) yield { first, last: slot, owner: this.#nodes[index] as N };
    }
  }

  /** The map in which `node` owns `slot` (`undefined`: nobody does). Returns this very map when nothing changes. */
  withSlotOwner(slot: number, node: N | undefined): SlotMap<N> {
    return this.withOwner([{ first: slot, last: slot }], node);
  }

  /** The same for many slots at the price of one copy. */
  withOwner(ranges: readonly SlotRange[], node: N | undefined): SlotMap<N> {
    if (ranges.every((range) => this.#isOwner(range, node))) return this;
    const nodes = [...this.#nodes];
    const counts = [...this.#counts];
    const index = node === undefined ? nobody : takeIndex(nodes, counts, node);
    const owners = this.#owners.slice();
    for (const { first, last } of ranges) {
      for (let slot = first; slot <= last; slot++) {
        counts[owners[slot]]--;
        counts[index]++;
        owners[slot] = index;
      }
    }
    return new SlotMap(owners, nodes, counts);
  }

  /** The map without this node; its slots are nobody's. */
  withoutNode(node: N): SlotMap<N> {
    return this.withOwner(this.rangesOf(node), undefined);
  }

  /** Whether each slot has the same owner in both maps. */
  equals(other: SlotMap<N>): boolean {
    if (this.#owners === other.#owners) return true;
    for (let slot = 0; slot < SLOT_COUNT; slot++) if (this.ownerOf(slot) !== other.ownerOf(slot)) return false;
    return true;
  }

  #indexOf(node: N): number {
    this.#indexes ??= new Map(this.#nodes.slice(1).map((one, i) => [one as N, i + 1]));
    return this.#indexes.get(node) ?? -1;
  }

  #isOwner({ first, last }: SlotRange, node: N | undefined): boolean {
    const isRange = Number.isInteger(first) && Number.isInteger(last) && first >= 0 && last < SLOT_COUNT;
    assert(isRange, `slots ${first} to ${last}, of 0 to ${SLOT_COUNT - 1}`);
    for (let slot = first; slot <= last; slot++) if (this.ownerOf(slot) !== node) return false;
    return true;
  }
}

/** The index of the node, or one that nobody uses (any more). */
function takeIndex<N>(nodes: (N | undefined)[], counts: number[], node: N): number {
  const known = nodes.indexOf(node, 1);
  if (known > 0) return known;
  const free = counts.indexOf(0, 1);
  const index = free > 0 ? free : nodes.length;
  nodes[index] = node;
  counts[index] = 0;
  return index;
}
