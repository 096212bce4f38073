import type { Random } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { Encoding } from '../entry.ts';
import { randomBelow } from '../random-below.ts';
import type { Span } from '../span.ts';
import type { SetBlocks } from './set-blocks.ts';
import type { SetValue } from './set-value.ts';
import { SetWalk } from './set-walk.ts';

/** Of a table: up to a third of the members are drawn one by one, more are selected by going through all. As Redis does. */
const drawnPart = 3;
/** More than this are not drawn, since what was drawn before must be remembered: 8 MiB. */
const drawnMax = 2 ** 20;
/** Room that is kept between samples. */
const seenKept = 2 ** 12;

/**
 * Different random members of a set; every selection of so many is equally likely, in no particular order.
 *
 *   for (sample.begin(value, count, random); sample.next(); ) use(sample.text());
 *
 * Selecting: of n members that are left k are still wanted, so the next one is taken with probability k / n (Knuth, algorithm
 * S). Drawing: members are picked, and picked again when they had been picked before.
 */
export class SetSample {
  readonly #blocks: SetBlocks;
  readonly #walk: SetWalk;
  #random: Random | undefined;
  #value: SetValue | undefined;
  #isDrawing = false;
  #left = 0;
  #wanted = 0;
  /** Records that have been drawn: a hash table with linear probing, 0 is empty. */
  #seen = new Uint32Array(0);
  #member: Span;

  constructor(arena: Arena, blocks: SetBlocks) {
    this.#blocks = blocks;
    this.#walk = new SetWalk(arena, blocks.table);
    this.#member = blocks.picked;
  }

  begin(value: SetValue, count: number, random: Random): void {
    this.#value = value;
    this.#random = random;
    this.#left = value.count;
    this.#wanted = Math.min(count, value.count);
    this.#isDrawing = value.encoding === Encoding.hashtable && count * drawnPart <= value.count && count <= drawnMax;
    if (this.#isDrawing) this.#clearSeen(count);
    else this.#walk.begin(value);
  }

  next(): boolean {
    if (this.#wanted === 0) {
      this.#value = undefined;
      this.#random = undefined;
      return false;
    }
    this.#wanted--;
    if (this.#isDrawing) this.#draw();
    else this.#select();
    return true;
  }

  /** The member, valid until the next call of `next`. */
  text(): Span {
    return this.#member;
  }

  #select(): void {
    const random = this.#random!;
    do this.#walk.next();
    while (randomBelow(random, this.#left--) > this.#wanted);
    this.#member = this.#walk.text();
  }

  #draw(): void {
    do this.#member = this.#blocks.pick(this.#value!, this.#random!);
    while (!this.#remember(this.#blocks.pickedRecord));
  }

  #clearSeen(count: number): void {
    const needed = 2 ** Math.ceil(Math.log2(count * 2 + 2));
    if (this.#seen.length < needed || this.#seen.length > seenKept) this.#seen = new Uint32Array(needed);
    else this.#seen.fill(0);
  }

  /** False when the record has been drawn before. */
  #remember(record: BlockRef): boolean {
    const seen = this.#seen;
    const mask = seen.length - 1;
    // References are multiples of the blocks' size: the product spreads them.
    let at = (Math.imul(record, 0x9e3779b1) >>> 7) & mask;
    for (; seen[at] !== 0; at = (at + 1) & mask) if (seen[at] === record) return false;
    seen[at] = record;
    return true;
  }
}
