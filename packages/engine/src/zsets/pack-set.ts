import { type ByteBuffer, parseDouble } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { packHeadBytes, Packs } from '../listpack.ts';
import { elementBytes, packEnd, previousElement } from '../listpack-element.ts';
import type { LexRange } from './lex-range.ts';
import type { MemberRun } from './member-run.ts';
import { compareBytes } from '../compare-bytes.ts';
import { scoreText, writeScore } from './score-text.ts';

/**
 * Small sorted sets: a listpack of pairs `member, score`, by score and then member, with the bytes that Redis has. A place is
 * the position of a member; 0 is none. Changing methods return the pack afterwards, or 0 when there is no memory: then nothing
 * but perhaps the block is another one, which `pack` says.
 */
export class PackSet {
  readonly packs: Packs;
  /** After `run`: where it ended; 0: at the end of the set. */
  place = 0;
  readonly #arena: Arena;
  /** After a method that returned 0: where the unchanged set is now. */
  pack: BlockRef = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.packs = new Packs(arena);
  }

  /** Notes where members from `place` on are, up to the first that is no string of less than 64 bytes. Returns their number. */
  run(run: MemberRun, pack: BlockRef, place: number, count: number, isReverse: boolean): number {
    const bytes = bytesOf(this.#arena, pack);
    const { u8 } = bytes;
    const base = byteOf(this.#arena, pack);
    const { starts, ends } = run;
    const most = Math.min(count, starts.length);
    let p = base + place;
    let i = 0;
    while (i < most && (u8[p] & 0xc0) === 0x80) {
      const end = p + 1 + (u8[p] & 0x3f);
      starts[i] = p + 1;
      ends[i++] = end;
      if (isReverse) p = p === base + packHeadBytes ? 0 : previousElement(bytes, previousElement(bytes, p));
      else {
        // Behind a string is its size, in one byte.
        p = end + 1 + elementBytes(bytes, end + 1);
        if (u8[p] === packEnd) p = 0;
      }
      if (p === 0) break;
    }
    run.buffer = bytes;
    this.place = p === 0 ? 0 : p - base;
    return i;
  }

  find(pack: BlockRef, member: ByteBuffer, start: number, end: number): number {
    return this.packs.find(pack, this.packs.first(pack), 2, member, start, end);
  }

  /** The score of the member at `place`. */
  scoreOf(pack: BlockRef, place: number): number {
    return this.#scoreAt(pack, this.packs.next(pack, place));
  }

  /** Members before `place`. */
  rankOf(pack: BlockRef, place: number): number {
    const bytes = bytesOf(this.#arena, pack);
    const base = byteOf(this.#arena, pack);
    let rank = 0;
    for (let p = base + packHeadBytes; p < base + place; rank++) {
      p += elementBytes(bytes, p);
      p += elementBytes(bytes, p);
    }
    return rank;
  }

  /** Members with a lower score; with `orEqual`, with a score not higher. */
  rankOfScore(pack: BlockRef, score: number, orEqual: boolean): number {
    const bytes = bytesOf(this.#arena, pack);
    const base = byteOf(this.#arena, pack);
    let rank = 0;
    for (let p = base + packHeadBytes; bytes.u8[p] !== packEnd; rank++) {
      p += elementBytes(bytes, p);
      const s = this.#scoreAt(pack, p - base);
      if (orEqual ? s > score : s >= score) break;
      p += elementBytes(bytes, p);
    }
    return rank;
  }

  /** Finds the ranks of the members between two bounds, in order of bytes: the first run of them, or from behind the last. */
  locateLex(pack: BlockRef, range: LexRange, isReverse: boolean): void {
    const { packs } = this;
    if (isReverse) {
      let rank = packs.count(pack) >> 1;
      let at = packs.previous(pack, packs.last(pack));
      for (; rank > 0 && !range.isBelowMax(packs.read(pack, at)); rank--) at = this.#before(pack, at);
      range.to = rank;
      for (; rank > 0 && range.isAboveMin(packs.read(pack, at)); rank--) at = this.#before(pack, at);
      range.from = rank;
      return;
    }
    let rank = 0;
    let at = packs.first(pack);
    for (; at !== 0 && !range.isAboveMin(packs.read(pack, at)); rank++) at = this.#after(pack, at);
    range.from = rank;
    for (; at !== 0 && range.isBelowMax(packs.read(pack, at)); rank++) at = this.#after(pack, at);
    range.to = rank;
  }

  add(pack: BlockRef, member: ByteBuffer, start: number, end: number, score: number): BlockRef {
    return this.#insert(pack, this.#placeFor(pack, member, start, end, score), member, start, end, score);
  }

  /** Puts a pair behind all others. */
  append(pack: BlockRef, member: ByteBuffer, start: number, end: number, score: number): BlockRef {
    return this.#insert(pack, 0, member, start, end, score);
  }

  /** Gives the member at `place` another score, and with it perhaps another place. The bytes are the member's. */
  update(pack: BlockRef, place: number, member: ByteBuffer, start: number, end: number, score: number): BlockRef {
    const { packs } = this;
    const scorePlace = packs.next(pack, place);
    const next = packs.next(pack, scorePlace);
    const to = this.#placeFor(pack, member, start, end, score);
    if (to === place || to === next) {
      this.pack = pack;
      return packs.replace(pack, scorePlace, scoreText, 0, writeScore(score));
    }
    // In its new place first: that may fail, removing it from the old one may not.
    const before = packs.bytes(pack);
    const changed = this.#insert(pack, to, member, start, end, score);
    if (changed === 0) return 0;
    const isMoved = to !== 0 && to < place;
    return packs.remove(changed, isMoved ? place + packs.bytes(changed) - before : place, 2);
  }

  /** Removes `count` members from `place` on. */
  remove(pack: BlockRef, place: number, count: number): BlockRef {
    return this.packs.remove(pack, place, count * 2);
  }

  #insert(pack: BlockRef, place: number, member: ByteBuffer, start: number, end: number, score: number): BlockRef {
    const { packs } = this;
    this.pack = pack;
    const half = packs.insert(pack, place, member, start, end);
    if (half === 0) return 0;
    const textEnd = writeScore(score);
    const whole = packs.insert(half, place === 0 ? 0 : packs.next(half, place), scoreText, 0, textEnd);
    if (whole === 0) this.pack = packs.remove(half, place === 0 ? packs.last(half) : place, 1);
    return whole;
  }

  /** The first member that comes behind this one with this score, or is it; 0: none does. */
  #placeFor(pack: BlockRef, member: ByteBuffer, start: number, end: number, score: number): number {
    const { packs } = this;
    let at = packs.first(pack);
    while (at !== 0) {
      const scorePlace = packs.next(pack, at);
      const s = this.#scoreAt(pack, scorePlace);
      if (s > score) break;
      if (s === score) {
        const m = packs.read(pack, at);
        if (compareBytes(m.buffer, m.start, m.end, member, start, end) >= 0) break;
      }
      at = packs.next(pack, scorePlace);
    }
    return at;
  }

  #after(pack: BlockRef, place: number): number {
    return this.packs.next(pack, this.packs.next(pack, place));
  }

  /** The member before `place`; 0 before the first. */
  #before(pack: BlockRef, place: number): number {
    const scorePlace = this.packs.previous(pack, place);
    return scorePlace === 0 ? 0 : this.packs.previous(pack, scorePlace);
  }

  #scoreAt(pack: BlockRef, at: number): number {
    const score = this.packs.integerAt(pack, at);
    if (Number.isFinite(score)) return score;
    const text = this.packs.read(pack, at);
    return parseDouble(text.buffer.u8, text.start, text.end);
  }
}
