import type { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../../arena.ts';
import { compareBytes } from '../../compare-bytes.ts';
import type { Span } from '../../span.ts';

/** References of a new list. */
const refsMin = 2;

/**
 * Lists of records with names, in the order of the names' bytes (which is Redis's order): [ records u32 | reference ... ].
 * A group has some consumers, a stream has some groups: a sorted list finds one in as few comparisons as there are bits in
 * their number, and ten of them take 48 bytes.
 */
export class NamedList {
  readonly #arena: Arena;
  readonly #nameAt: number;
  /** Where the name that was searched for last is or belongs. */
  #index = 0;

  /** Of records whose name begins at byte `nameAt`, its length being their first word. */
  constructor(arena: Arena, nameAt: number) {
    this.#arena = arena;
    this.#nameAt = nameAt;
  }

  /** `list` may be 0 here and below: it is empty. */
  count(list: BlockRef): number {
    if (list === 0) return 0;
    return this.#arena.segments[list >>> this.#arena.refShift].u32[(list & this.#arena.refMask) << 1];
  }

  at(list: BlockRef, i: number): BlockRef {
    return this.#arena.segments[list >>> this.#arena.refShift].u32[((list & this.#arena.refMask) << 1) + 1 + i];
  }

  /** The record of a name; 0: there is none. */
  find(list: BlockRef, name: ByteBuffer, start: number, end: number): BlockRef {
    const arena = this.#arena;
    let low = 0;
    let high = this.count(list);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const record = this.at(list, middle);
      const { bytes, u32 } = arena.segments[record >>> arena.refShift];
      const at = (record & arena.refMask) << 3;
      const nameStart = at + this.#nameAt;
      const order = compareBytes(bytes, nameStart, nameStart + u32[at >>> 2], name, start, end);
      if (order === 0) {
        this.#index = middle;
        return record;
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    this.#index = low;
    return 0;
  }

  /** Adds a record whose name is not in the list. Returns the list, which may have moved; 0: no memory, as it was. */
  add(list: BlockRef, record: BlockRef): BlockRef {
    const arena = this.#arena;
    const count = this.count(list);
    let target = list;
    this.#findRecord(list, record);
    if (list === 0 || 8 + count * 4 > arena.blockBytes(list)) {
      target = arena.alloc(4 + 4 * Math.max(refsMin, count + 1 + (count >> 1)));
      if (target === 0) return 0;
      const { u32 } = arena.segments[target >>> arena.refShift];
      const at = (target & arena.refMask) << 1;
      u32[at] = count;
      for (let i = 0; i < count; i++) u32[at + 1 + i] = this.at(list, i);
      if (list !== 0) arena.free(list);
    }
    const { u32 } = arena.segments[target >>> arena.refShift];
    const at = (target & arena.refMask) << 1;
    const place = at + 1 + this.#index;
    u32.copyWithin(place + 1, place, at + 1 + count);
    u32[place] = record;
    u32[at]++;
    return target;
  }

  /** Takes a record out. Returns the list: 0 when it was the last, and the list is freed. */
  remove(list: BlockRef, record: BlockRef): BlockRef {
    const arena = this.#arena;
    const { u32 } = arena.segments[list >>> arena.refShift];
    const at = (list & arena.refMask) << 1;
    if (u32[at] === 1) {
      arena.free(list);
      return 0;
    }
    this.#findRecord(list, record);
    const place = at + 1 + this.#index;
    u32.copyWithin(place, place + 1, at + 1 + u32[at]);
    u32[at]--;
    return list;
  }

  #findRecord(list: BlockRef, record: BlockRef): void {
    const { bytes, u32 } = this.#arena.segments[record >>> this.#arena.refShift];
    const at = (record & this.#arena.refMask) << 3;
    this.find(list, bytes, at + this.#nameAt, at + this.#nameAt + u32[at >>> 2]);
  }

  /** Points `span` at a record's name. */
  readName(record: BlockRef, span: Span): Span {
    const { bytes, u32 } = this.#arena.segments[record >>> this.#arena.refShift];
    const at = (record & this.#arena.refMask) << 3;
    span.buffer = bytes;
    span.start = at + this.#nameAt;
    span.end = span.start + u32[at >>> 2];
    return span;
  }
}
