import { ByteBuffer, formatInteger } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { encodedBytes, packHeadBytes, type Packs } from '../listpack.ts';

/**
 * Small hashes whose fields may have times: listpacks of field, value, time (ms since the epoch; 0: none), as Redis has them. The
 * field that expires first comes first, those that do not expire come last.
 *
 * A place is the position of a field. A changing method returns the pack afterwards, or 0 when there is no memory, and then
 * nothing has changed.
 */
export class TriplePack {
  readonly #packs: Packs;
  readonly #digits = new ByteBuffer(24);

  /** `packs` is used between two calls, too. */
  constructor(packs: Packs) {
    this.#packs = packs;
  }

  /** 0: no such field. */
  find(root: BlockRef, field: ByteBuffer, start: number, end: number): number {
    return this.#packs.find(root, this.#packs.first(root), 3, field, start, end);
  }

  valueOf(root: BlockRef, place: number): number {
    return this.#packs.next(root, place);
  }

  /** Infinity: the field does not expire. */
  timeAt(root: BlockRef, place: number): number {
    return this.#packs.integerAt(root, this.#timeOf(root, place)) || Infinity;
  }

  /** The place of the next field; 0 behind the last. */
  next(root: BlockRef, place: number): number {
    return this.#packs.next(root, this.#timeOf(root, place));
  }

  /** Fields that expire before this moment, up to `max`. */
  countBefore(root: BlockRef, atMs: number, max = Infinity): number {
    let count = 0;
    let place = this.#packs.first(root);
    for (; place !== 0 && count < max && this.timeAt(root, place) < atMs; count++) place = this.next(root, place);
    return count;
  }

  /** Adds a field that is not there. */
  add(
    root: BlockRef,
    field: ByteBuffer,
    fs: number,
    fe: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    atMs: number,
  ): BlockRef {
    const packs = this.#packs;
    const triple = encodedBytes(field, fs, fe) + encodedBytes(value, vs, ve) + timeBytesMax;
    const roomy = packs.reserve(root, triple);
    if (roomy === 0) return 0;
    const place = packs.bytes(roomy) - 1;
    packs.append(roomy, field, fs, fe);
    packs.append(roomy, value, vs, ve);
    packs.append(roomy, this.#digits, 0, this.#format(atMs));
    if (atMs !== Infinity) this.#arrange(roomy, place, atMs);
    return roomy;
  }

  setValue(root: BlockRef, place: number, value: ByteBuffer, vs: number, ve: number): BlockRef {
    return this.#packs.replace(root, this.valueOf(root, place), value, vs, ve);
  }

  /** Infinity takes the time away, which never fails. The field moves to where it then belongs. */
  setTime(root: BlockRef, place: number, atMs: number): BlockRef {
    const changed = this.#packs.replace(root, this.#timeOf(root, place), this.#digits, 0, this.#format(atMs));
    if (changed !== 0) this.#arrange(changed, place, atMs);
    return changed;
  }

  remove(root: BlockRef, place: number): BlockRef {
    return this.#packs.remove(root, place, 3);
  }

  /** Makes pairs triples without times, in a new pack; the old one stays. */
  fromPairs(arena: Arena, pairs: BlockRef): BlockRef {
    const packs = this.#packs;
    const pairsEnd = packs.bytes(pairs) - 1;
    const fields = packs.count(pairs) / 2;
    const root = arena.alloc(pairsEnd + 1 + fields * noTime.length);
    if (root === 0) return 0;
    const source = bytesOf(arena, pairs).u8;
    const target = bytesOf(arena, root).u8;
    const from = byteOf(arena, pairs);
    const to = byteOf(arena, root);
    let end = packHeadBytes;
    for (let place = packs.first(pairs); place !== 0;) {
      const next = packs.next(pairs, packs.next(pairs, place));
      const pairEnd = next === 0 ? pairsEnd : next;
      for (let i = place; i < pairEnd; i++) target[to + end++] = source[from + i];
      for (const byte of noTime) target[to + end++] = byte;
      place = next;
    }
    packs.close(root, end, fields * 3);
    return root;
  }

  #timeOf(root: BlockRef, place: number): number {
    return this.#packs.next(root, this.#packs.next(root, place));
  }

  #format(atMs: number): number {
    return formatInteger(this.#digits.u8, 0, atMs === Infinity ? 0 : atMs);
  }

  /** Moves the triple at `place`, whose time has been written, behind all others that do not expire later. */
  #arrange(root: BlockRef, place: number, atMs: number): void {
    const packs = this.#packs;
    const packEnd = packs.bytes(root) - 1;
    const next = this.next(root, place);
    let to = packs.first(root);
    while (to !== 0 && (to === place || this.timeAt(root, to) <= atMs)) to = this.next(root, to);
    packs.move(root, place, next === 0 ? packEnd : next, to === 0 ? packEnd : to);
  }
}

/** An integer of 64 bits as an element of a listpack. */
const timeBytesMax = 10;
/** The integer 0 as an element of a listpack. */
const noTime = [0, 1] as const;
