import type { Random } from '@kvartz/base';
import type { Arena } from '../arena.ts';
import { Encoding } from '../entry.ts';
import { IntSets } from '../intset.ts';
import { Packs } from '../listpack.ts';
import { randomBelow } from '../random-below.ts';
import type { Span } from '../span.ts';
import type { SetBlocks } from './set-blocks.ts';
import { SetValue } from './set-value.ts';
import { SetWalk } from './set-walk.ts';

/** When no more than a fifth of a table would be left, that is moved out rather than the others one by one. As Redis does. */
const keptPart = 5;

/** Takes many random members out of a set; every selection of so many is equally likely. */
export class SetPop {
  readonly #blocks: SetBlocks;
  readonly #ints: IntSets;
  readonly #packs: Packs;
  readonly #walk: SetWalk;
  readonly #kept = new SetValue();

  constructor(arena: Arena, blocks: SetBlocks) {
    this.#blocks = blocks;
    this.#ints = new IntSets(arena);
    this.#packs = new Packs(arena);
    this.#walk = new SetWalk(arena, blocks.table);
  }

  /** Removes `count` members, fewer than there are, and hands each to `visit` before. Needs no memory. */
  run(value: SetValue, count: number, random: Random, visit: (member: Span) => void): void {
    if (value.encoding === Encoding.intset) this.#fromIntset(value, count, random, visit);
    else if (value.encoding === Encoding.listpack) this.#fromPack(value, count, random, visit);
    else if ((value.count - count) * keptPart > value.count || !this.#allButFew(value, count, random, visit)) {
      for (let i = 0; i < count; i++) {
        visit(this.#blocks.pick(value, random));
        this.#blocks.removePicked(value);
      }
    }
  }

  /** One pass, in which those that stay move together. Of `left` members the next is taken with probability wanted / left. */
  #fromIntset(value: SetValue, count: number, random: Random, visit: (member: Span) => void): void {
    const ints = this.#ints;
    let kept = 0;
    let wanted = count;
    for (let i = 0; i < value.count; i++) {
      if (randomBelow(random, value.count - i) < wanted) {
        ints.load(value.root, i);
        visit(ints.read());
        wanted--;
      } else ints.copyMember(value.root, i, kept++);
    }
    value.root = ints.truncate(value.root, kept);
    value.count = kept;
  }

  #fromPack(value: SetValue, count: number, random: Random, visit: (member: Span) => void): void {
    const packs = this.#packs;
    let at = packs.first(value.root);
    let wanted = count;
    for (let left = value.count; wanted > 0; left--) {
      if (randomBelow(random, left) < wanted) {
        visit(packs.read(value.root, at));
        value.root = packs.remove(value.root, at, 1);
        wanted--;
      } else at = packs.next(value.root, at);
    }
    value.count -= count;
  }

  /** False, and nothing has happened, when there is no memory for the table of those that stay. */
  #allButFew(value: SetValue, count: number, random: Random, visit: (member: Span) => void): boolean {
    const { table } = this.#blocks;
    const kept = this.#kept;
    kept.encoding = Encoding.hashtable;
    kept.root = table.create();
    kept.count = 0;
    if (kept.root === 0) return false;
    // Their records are in both tables for a while.
    for (const target = value.count - count; kept.count < target;) {
      const { buffer, start, end } = this.#blocks.pick(value, random);
      if (table.find(kept.root, buffer, start, end) !== 0) continue;
      if (!table.add(kept.root, this.#blocks.pickedRecord)) {
        this.#forgetKept(random);
        return false;
      }
      kept.count++;
    }
    for (this.#walk.begin(kept); this.#walk.next();) {
      const { buffer, start, end } = this.#walk.text();
      table.find(value.root, buffer, start, end);
      table.remove(value.root);
    }
    value.count = count;
    for (this.#walk.begin(value); this.#walk.next();) visit(this.#walk.text());
    this.#blocks.free(value);
    value.root = kept.root;
    value.count = kept.count;
    return true;
  }
  /** Frees the table that was begun, but not its records, which are still in the other one. */
  #forgetKept(random: Random): void {
    const { table } = this.#blocks;
    const kept = this.#kept;
    for (; kept.count > 0; kept.count--) {
      table.random(kept.root, random);
      table.remove(kept.root);
    }
    this.#blocks.free(kept);
  }
}
