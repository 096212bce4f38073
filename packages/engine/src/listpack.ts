import { ByteBuffer, copyBytes } from '@kvartz/base';
import type { Arena, BlockRef } from './arena.ts';
import { byteOf, bytesOf } from './entry.ts';
import {
  elementBytes,
  ElementForm,
  integerElement,
  packEnd,
  previousElement,
  readElement,
} from './listpack-element.ts';
import type { Segment } from './segment.ts';
import { Span } from './span.ts';

/** Total bytes u32, number of elements u16. */
export const packHeadBytes = 6;
/** Head and end. */
export const emptyPackBytes = packHeadBytes + 1;
/** As a number of elements: so many or more, nobody has counted them. */
const uncounted = 0xffff;

/**
 * Listpacks: small collections in one block, with the bytes that Redis has in memory, in DUMP and in RDB files.
 *
 *   [ total bytes u32 | elements u16 ] [ element ] [ element ] ... [ 0xFF ]         element: see listpack-element.ts
 *
 * A position is the offset of an element from the start of its pack; 0 is none. Positions behind a change move. A changing
 * method returns the pack's reference afterwards, which may be another one (the old block is then free), or 0 when there is
 * no memory, and then nothing has changed. Values may lie anywhere but in the pack that is being changed.
 */
export class Packs {
  /** What `read` has read last. */
  readonly value: Span;
  readonly #arena: Arena;
  readonly #digits = new ByteBuffer(32);
  readonly #form = new ElementForm(new ByteBuffer(16));
  /** Elements that are on their way to another place. */
  #moved = new ByteBuffer(0);

  constructor(arena: Arena) {
    this.#arena = arena;
    this.value = new Span(this.#digits);
  }

  /** A new empty pack; 0 when there is no memory. */
  create(): BlockRef {
    const ref = this.#arena.alloc(emptyPackBytes);
    if (ref === 0) return 0;
    const segment = this.#segmentOf(ref);
    const base = byteOf(this.#arena, ref);
    segment.dv.setUint32(base, emptyPackBytes, true);
    segment.dv.setUint16(base + 4, 0, true);
    segment.u8[base + packHeadBytes] = packEnd;
    return ref;
  }

  /**
   * A new pack of some elements of another one, which lie at `places[0, count)`, in this order. 0: no memory, or an element takes more
   * than `valueBytesMax` with what stands before and behind its bytes.
   */
  createOf(from: BlockRef, places: Uint32Array, count: number, valueBytesMax: number): BlockRef {
    const arena = this.#arena;
    const source = this.#segmentOf(from).bytes;
    const base = byteOf(arena, from);
    let packBytes = emptyPackBytes;
    for (let i = 0; i < count; i++) {
      const size = elementBytes(source, base + (places[i] | 0));
      if (size > valueBytesMax) return 0;
      packBytes += size;
    }
    const ref = arena.alloc(packBytes);
    if (ref === 0) return 0;
    const target = bytesOf(arena, ref);
    const targetBase = byteOf(arena, ref);
    let at = targetBase + packHeadBytes;
    for (let i = 0; i < count;) {
      // Neighbours go together.
      const start = base + (places[i] | 0);
      let end = start;
      for (; i < count && base + (places[i] | 0) === end; i++) end += elementBytes(source, end);
      copyBytes(source, start, end, target, at);
      at += end - start;
    }
    this.close(ref, at - targetBase, count);
    return ref;
  }

  /** Bytes of the pack, head and end included. */
  bytes(ref: BlockRef): number {
    return this.#segmentOf(ref).u32[(ref & this.#arena.refMask) << 1];
  }

  count(ref: BlockRef): number {
    const segment = this.#segmentOf(ref);
    const base = byteOf(this.#arena, ref);
    const known = segment.dv.getUint16(base + 4, true);
    if (known !== uncounted) return known;
    let count = 0;
    for (let p = base + packHeadBytes; segment.u8[p] !== packEnd; p += elementBytes(segment.bytes, p)) count++;
    if (count < uncounted) segment.dv.setUint16(base + 4, count, true);
    return count;
  }

  /** All elements, in the form that they have in the pack, in `value`. */
  elements(ref: BlockRef): Span {
    const { value } = this;
    const base = byteOf(this.#arena, ref);
    value.buffer = bytesOf(this.#arena, ref);
    value.start = base + packHeadBytes;
    value.end = base + this.bytes(ref) - 1;
    return value;
  }

  first(ref: BlockRef): number {
    return this.bytes(ref) === emptyPackBytes ? 0 : packHeadBytes;
  }

  last(ref: BlockRef): number {
    const bytes = this.bytes(ref);
    return bytes === emptyPackBytes ? 0 : this.#before(ref, bytes - 1);
  }

  /** The position behind the element at `at`; 0 when that is the last. */
  next(ref: BlockRef, at: number): number {
    const { bytes } = this.#segmentOf(ref);
    const p = byteOf(this.#arena, ref) + at;
    const size = elementBytes(bytes, p);
    return bytes.u8[p + size] === packEnd ? 0 : at + size;
  }

  previous(ref: BlockRef, at: number): number {
    return at === packHeadBytes ? 0 : this.#before(ref, at);
  }

  /** The position of an element by its index; negative ones count from the end. 0 when there is no such element. */
  seek(ref: BlockRef, index: number): number {
    const { bytes } = this.#segmentOf(ref);
    const base = byteOf(this.#arena, ref);
    const count = bytes.dv.getUint16(base + 4, true);
    if (count !== uncounted) {
      if (index >= count || index < -count) return 0;
      if (index < 0) index += count;
      if (index > count >>> 1) index -= count;
    }
    if (index < 0) {
      let p = base + bytes.dv.getUint32(base, true) - 1;
      for (; index < 0; index++) {
        if (p === base + packHeadBytes) return 0;
        p = previousElement(bytes, p);
      }
      return p - base;
    }
    let p = base + packHeadBytes;
    for (; index > 0 && bytes.u8[p] !== packEnd; index--) p += elementBytes(bytes, p);
    return bytes.u8[p] === packEnd ? 0 : p - base;
  }

  /** The element as bytes, in `value`: a string where it stands, an integer as digits. Valid until the next call. */
  read(ref: BlockRef, at: number): Span {
    return readElement(bytesOf(this.#arena, ref), byteOf(this.#arena, ref) + at, this.value, this.#digits);
  }

  /** NaN when the element is no integer; Infinity or -Infinity past +-(2^53 - 1): then `read` knows the digits. */
  integerAt(ref: BlockRef, at: number): number {
    return integerElement(bytesOf(this.#arena, ref), byteOf(this.#arena, ref) + at);
  }

  equals(ref: BlockRef, at: number, buffer: ByteBuffer, start: number, end: number): boolean {
    const form = this.#form;
    form.set(buffer, start, end);
    return form.isAt(bytesOf(this.#arena, ref), byteOf(this.#arena, ref) + at, buffer, start);
  }

  /** The first equal element among that at `from`, `step` elements further, and so on; 0 when there is none. */
  find(ref: BlockRef, from: number, step: number, buffer: ByteBuffer, start: number, end: number): number {
    if (from === 0) return 0;
    const form = this.#form;
    form.set(buffer, start, end);
    const { bytes } = this.#segmentOf(ref);
    const base = byteOf(this.#arena, ref);
    const packEndAt = base + bytes.dv.getUint32(base, true) - 1;
    const p = form.find(bytes, base + from, packEndAt, step, buffer, start);
    return p === 0 ? 0 : p - base;
  }

  append(ref: BlockRef, buffer: ByteBuffer, start: number, end: number): BlockRef {
    return this.#put(ref, this.bytes(ref) - 1, buffer, start, end);
  }

  prepend(ref: BlockRef, buffer: ByteBuffer, start: number, end: number): BlockRef {
    return this.#put(ref, packHeadBytes, buffer, start, end);
  }

  /** Puts a new element before the one at `at`; 0: at the end. */
  insert(ref: BlockRef, at: number, buffer: ByteBuffer, start: number, end: number): BlockRef {
    return this.#put(ref, at === 0 ? this.bytes(ref) - 1 : at, buffer, start, end);
  }

  /** Makes room for so many more bytes of elements, which then can be appended without fail. 0: no memory, as it was. */
  reserve(ref: BlockRef, moreBytes: number): BlockRef {
    const arena = this.#arena;
    const packBytes = this.bytes(ref);
    const wanted = packBytes + moreBytes;
    if (wanted <= arena.blockBytes(ref)) return ref;
    const moved = this.#allocFor(wanted, true);
    if (moved === 0) return arena.extend(ref, wanted) ? ref : 0;
    const base = byteOf(arena, ref);
    copyBytes(bytesOf(arena, ref), base, base + packBytes, bytesOf(arena, moved), byteOf(arena, moved));
    arena.free(ref);
    return moved;
  }

  /** Another value for the element at `at`, which stays at this position. */
  replace(ref: BlockRef, at: number, buffer: ByteBuffer, start: number, end: number): BlockRef {
    const form = this.#form;
    form.set(buffer, start, end);
    const oldBytes = elementBytes(bytesOf(this.#arena, ref), byteOf(this.#arena, ref) + at);
    const changed = this.#splice(ref, at, oldBytes, form.totalBytes);
    if (changed !== 0) form.put(bytesOf(this.#arena, changed), byteOf(this.#arena, changed) + at, buffer, start);
    return changed;
  }

  /** Removes `count` elements, or as many as there are, from the one at `at` on. Never fails. */
  remove(ref: BlockRef, at: number, count: number): BlockRef {
    const segment = this.#segmentOf(ref);
    const base = byteOf(this.#arena, ref);
    let p = base + at;
    let removed = 0;
    for (; removed < count && segment.u8[p] !== packEnd; removed++) p += elementBytes(segment.bytes, p);
    this.#addCount(segment, base, -removed);
    return this.#splice(ref, at, p - base - at, 0);
  }

  /**
   * Moves the elements at [`start`, `end`) so that they stand before the one at `to`, which is not among them. `end` and `to` may
   * be the end of the pack (`bytes` - 1).
   */
  move(ref: BlockRef, start: number, end: number, to: number): void {
    if (to === start || to === end) return;
    const { bytes } = this.#segmentOf(ref);
    const base = byteOf(this.#arena, ref);
    const size = end - start;
    if (this.#moved.sizeBytes < size) this.#moved = new ByteBuffer(size * 2);
    copyBytes(bytes, base + start, base + end, this.#moved, 0);
    if (to < start) copyBytes(bytes, base + to, base + start, bytes, base + to + size);
    else copyBytes(bytes, base + end, base + to, bytes, base + start);
    const target = base + (to < start ? to : to - size);
    copyBytes(this.#moved, 0, size, bytes, target);
  }

  /** Makes elements that lie in [6, `end`) of a block a pack. */
  close(ref: BlockRef, end: number, count: number): void {
    const segment = this.#segmentOf(ref);
    const base = byteOf(this.#arena, ref);
    segment.dv.setUint32(base, end + 1, true);
    segment.dv.setUint16(base + 4, Math.min(count, uncounted), true);
    segment.u8[base + end] = packEnd;
  }

  /** Gives memory back if half of the block or more is not used. Never fails. */
  fit(ref: BlockRef): BlockRef {
    const arena = this.#arena;
    const packBytes = this.bytes(ref);
    if (packBytes * 2 > arena.blockBytes(ref)) return ref;
    const moved = arena.alloc(packBytes);
    if (moved === 0) return ref;
    const base = byteOf(arena, ref);
    copyBytes(bytesOf(arena, ref), base, base + packBytes, bytesOf(arena, moved), byteOf(arena, moved));
    arena.free(ref);
    return moved;
  }

  #put(ref: BlockRef, at: number, buffer: ByteBuffer, start: number, end: number): BlockRef {
    const form = this.#form;
    form.set(buffer, start, end);
    const changed = this.#splice(ref, at, 0, form.totalBytes);
    if (changed === 0) return 0;
    const segment = this.#segmentOf(changed);
    const base = byteOf(this.#arena, changed);
    form.put(segment.bytes, base + at, buffer, start);
    this.#addCount(segment, base, 1);
    return changed;
  }

  /** Makes `oldBytes` at offset `at` into `newBytes`, of which the caller writes the contents. 0: no memory, as it was. */
  #splice(ref: BlockRef, at: number, oldBytes: number, newBytes: number): BlockRef {
    if (oldBytes === newBytes) return ref;
    const arena = this.#arena;
    const segment = this.#segmentOf(ref);
    const base = byteOf(arena, ref);
    const before = segment.dv.getUint32(base, true);
    const after = before - oldBytes + newBytes;
    const capacity = arena.blockBytes(ref);
    if (after > capacity || (after < before && after * 2 <= capacity)) {
      const moved = this.#allocFor(after, after > capacity);
      if (moved !== 0) {
        const target = bytesOf(arena, moved);
        const targetBase = byteOf(arena, moved);
        copyBytes(segment.bytes, base, base + at, target, targetBase);
        copyBytes(segment.bytes, base + at + oldBytes, base + before, target, targetBase + at + newBytes);
        target.dv.setUint32(targetBase, after, true);
        arena.free(ref);
        return moved;
      }
      if (after > capacity && !arena.extend(ref, after)) return 0;
    }
    copyBytes(segment.bytes, base + at + oldBytes, base + before, segment.bytes, base + at + newBytes);
    segment.dv.setUint32(base, after, true);
    return ref;
  }

  /** What grows will grow again: an eighth of spare room halves the number of moves. */
  #allocFor(packBytes: number, isGrowing: boolean): BlockRef {
    if (!isGrowing) return this.#arena.alloc(packBytes);
    const roomy = this.#arena.alloc(packBytes + (packBytes >>> 3));
    return roomy === 0 ? this.#arena.alloc(packBytes) : roomy;
  }

  #addCount(segment: Segment, base: number, by: number): void {
    const count = segment.dv.getUint16(base + 4, true);
    if (count !== uncounted) segment.dv.setUint16(base + 4, count + by, true);
  }

  /** The position of the element that ends before offset `at`. */
  #before(ref: BlockRef, at: number): number {
    const base = byteOf(this.#arena, ref);
    return previousElement(bytesOf(this.#arena, ref), base + at) - base;
  }

  #segmentOf(ref: BlockRef): Segment {
    if (this.#arena.isChecked) this.#arena.assertLive(ref);
    return this.#arena.segments[ref >>> this.#arena.refShift];
  }
}

const measured = new ElementForm(new ByteBuffer(16));

/** Bytes that a value will take as an element of a pack. */
export function encodedBytes(buffer: ByteBuffer, start: number, end: number): number {
  measured.set(buffer, start, end);
  return measured.totalBytes;
}
