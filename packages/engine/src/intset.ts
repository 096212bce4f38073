import { ByteBuffer, copyBytes, formatInteger, parseInt64, parseInteger } from '@kvartz/base';
import type { Arena, BlockRef } from './arena.ts';
import { blockBytesOf } from './size-classes.ts';
import type { Segment } from './segment.ts';
import { Span } from './span.ts';

/** Width of a member u32, number of members u32. */
export const intsetHeadBytes = 8;
/** Blocks of more bytes than this grow by an eighth more than they must. */
const tightBytesMax = 128;
/** High halves of safe integers lie in [-safeHighMax, safeHighMax). */
const safeHighMax = 2 ** 21;

/**
 * Sets of integers in one block, sorted, with the bytes that Redis has in memory, in DUMP and in RDB files.
 *
 *   [ width u32: 2, 4 or 8 | members u32 ] [ smallest ] ... [ largest ]         signed, little-endian
 *
 * All members are as wide as the widest that was ever among them. A member goes in and out through `high` and `low`, the
 * signed halves of its 64 bits, which `parse` and `load` set: so no member costs an object, whatever its size.
 *
 * A changing method returns the set's reference afterwards, which may be another one (the old block is then free), or 0 when
 * there is no memory, and then nothing has changed. Indexes from a change on move.
 */
export class IntSets {
  /** Halves of the member that is meant; both signed. */
  high = 0;
  low = 0;
  /** Filled by `read`. */
  readonly member: Span;
  readonly #arena: Arena;
  readonly #digits = new ByteBuffer(32);

  constructor(arena: Arena) {
    this.#arena = arena;
    this.member = new Span(this.#digits);
  }

  /** Takes the integer that the bytes spell as the member that is meant. False: they spell none. */
  parse(buffer: ByteBuffer, start: number, end: number): boolean {
    const value = parseInteger(buffer.u8, start, end);
    const low = value | 0;
    if (value === low) {
      this.low = low;
      this.high = low >> 31;
      return true;
    }
    if (value !== value) return false;
    if (Number.isFinite(value)) {
      this.low = low;
      this.high = Math.floor(value / 2 ** 32);
    } else {
      const exact = parseInt64(buffer.u8, start, end)!;
      this.low = Number(BigInt.asIntN(32, exact));
      this.high = Number(exact >> 32n);
    }
    return true;
  }

  /** Makes the member at this index the one that is meant. */
  load(ref: BlockRef, index: number): void {
    const { dv } = this.#segmentOf(ref);
    const base = (ref & this.#arena.refMask) << 3;
    const width = dv.getInt32(base, true);
    const at = base + intsetHeadBytes + index * width;
    const low = width === 2 ? dv.getInt16(at, true) : dv.getInt32(at, true);
    this.low = low;
    this.high = width === 8 ? dv.getInt32(at + 4, true) : low >> 31;
  }

  /** The member that is meant as a number; NaN past +-(2^53 - 1). */
  get number(): number {
    const { high, low } = this;
    if (high === low >> 31) return low;
    if (high < -safeHighMax || high >= safeHighMax) return NaN;
    const value = high * 2 ** 32 + (low >>> 0);
    return value < Number.MIN_SAFE_INTEGER ? NaN : value;
  }

  /** Digits of the member that is meant, in `member`: valid until the next call. */
  read(): Span {
    const { member } = this;
    member.start = 0;
    member.end = this.format(this.#digits.u8, 0);
    return member;
  }

  /** Writes the digits of the member that is meant, up to 20 bytes, and returns their end. */
  format(target: Uint8Array, at: number): number {
    const value = this.number;
    if (value === value) return formatInteger(target, at, value);
    const digits = ((BigInt(this.high) << 32n) | BigInt(this.low >>> 0)).toString();
    for (let i = 0; i < digits.length; i++) target[at + i] = digits.charCodeAt(i);
    return at + digits.length;
  }

  /** A new empty set; 0 when there is no memory. */
  create(): BlockRef {
    const ref = this.#arena.alloc(intsetHeadBytes);
    if (ref !== 0) this.#setHead(ref, 2, 0);
    return ref;
  }

  count(ref: BlockRef): number {
    return this.#segmentOf(ref).u32[((ref & this.#arena.refMask) << 1) + 1];
  }

  /** Bytes that the set fills; its block may have more. */
  bytes(ref: BlockRef): number {
    return intsetHeadBytes + this.count(ref) * this.width(ref);
  }

  /** Bytes of a member: 2, 4 or 8. */
  width(ref: BlockRef): number {
    return this.#segmentOf(ref).u32[(ref & this.#arena.refMask) << 1];
  }

  /** Index of the member that is meant; when it is not there, `~index` of the first larger one. */
  find(ref: BlockRef): number {
    const segment = this.#segmentOf(ref);
    const base = (ref & this.#arena.refMask) << 3;
    const width = segment.u32[base >>> 2];
    const count = segment.u32[(base >>> 2) + 1];
    const { high, low } = this;
    if (width === 8) return findWide(segment.dv, base + intsetHeadBytes, count, high, low);
    // What needs more than 32 bits is outside, and its sign says where.
    if (high !== low >> 31) return high < 0 ? ~0 : ~count;
    if (width === 4) return findMiddle(segment.dv, base + intsetHeadBytes, count, low);
    return findNarrow(segment.dv, base + intsetHeadBytes, count, low);
  }

  /** Puts the member that is meant before the one at `index`; `find` has returned `~index`. */
  insert(ref: BlockRef, index: number): BlockRef {
    const arena = this.#arena;
    const width = this.width(ref);
    const count = this.count(ref);
    const needed = this.#widthNeeded();
    if (needed > width) return this.#insertWider(ref, index, needed);
    const start = (ref & arena.refMask) << 3;
    const segment = arena.segments[ref >>> arena.refShift];
    const at = start + intsetHeadBytes + index * width;
    const end = start + intsetHeadBytes + count * width;
    const bytes = intsetHeadBytes + (count + 1) * width;
    if (bytes <= arena.blockBytes(ref) || arena.extend(ref, bytes)) {
      copyBytes(segment.bytes, at, end, segment.bytes, at + width);
      segment.u32[(start >>> 2) + 1] = count + 1;
      this.#store(segment, at, width);
      return ref;
    }
    const moved = this.#allocRoomy(bytes);
    if (moved === 0) return 0;
    const target = arena.segments[moved >>> arena.refShift];
    const to = (moved & arena.refMask) << 3;
    this.#setHead(moved, width, count + 1);
    copyBytes(segment.bytes, start + intsetHeadBytes, at, target.bytes, to + intsetHeadBytes);
    copyBytes(segment.bytes, at, end, target.bytes, to + (at - start) + width);
    this.#store(target, to + (at - start), width);
    arena.free(ref);
    return moved;
  }

  /** Removes the member at this index. Never fails. */
  remove(ref: BlockRef, index: number): BlockRef {
    const { bytes } = this.#segmentOf(ref);
    const width = this.width(ref);
    const count = this.count(ref);
    const members = ((ref & this.#arena.refMask) << 3) + intsetHeadBytes;
    copyBytes(bytes, members + (index + 1) * width, members + count * width, bytes, members + index * width);
    return this.truncate(ref, count - 1);
  }

  /** Overwrites the member at `to` with that at `from`: how many are removed in one pass. `truncate` must follow. */
  copyMember(ref: BlockRef, from: number, to: number): void {
    const { bytes } = this.#segmentOf(ref);
    const width = this.width(ref);
    const members = ((ref & this.#arena.refMask) << 3) + intsetHeadBytes;
    copyBytes(bytes, members + from * width, members + (from + 1) * width, bytes, members + to * width);
  }

  /** Keeps the first `count` members. Never fails. */
  truncate(ref: BlockRef, count: number): BlockRef {
    const arena = this.#arena;
    const width = this.width(ref);
    this.#setHead(ref, width, count);
    const bytes = intsetHeadBytes + count * width;
    const blockBytes = arena.blockBytes(ref);
    if (blockBytesOf(bytes) * 2 > blockBytes) return ref;
    const moved = arena.alloc(bytes);
    if (moved === 0) return ref;
    const start = (ref & arena.refMask) << 3;
    const target = arena.segments[moved >>> arena.refShift].bytes;
    copyBytes(this.#segmentOf(ref).bytes, start, start + bytes, target, (moved & arena.refMask) << 3);
    arena.free(ref);
    return moved;
  }

  /** A member that needs more bytes than any before: it is the first or the last, and all others are widened. */
  #insertWider(ref: BlockRef, index: number, width: number): BlockRef {
    const arena = this.#arena;
    const { high, low } = this;
    const count = this.count(ref);
    const wider = this.#allocRoomy(intsetHeadBytes + (count + 1) * width);
    if (wider === 0) return 0;
    this.#setHead(wider, width, count + 1);
    const segment = arena.segments[wider >>> arena.refShift];
    const members = ((wider & arena.refMask) << 3) + intsetHeadBytes;
    this.#store(segment, members + index * width, width);
    for (let i = 0, to = index === 0 ? 1 : 0; i < count; i++, to++) {
      this.load(ref, i);
      this.#store(segment, members + to * width, width);
    }
    this.high = high;
    this.low = low;
    arena.free(ref);
    return wider;
  }

  #store({ dv }: Segment, at: number, width: number): void {
    if (width === 2) dv.setInt16(at, this.low, true);
    else {
      dv.setInt32(at, this.low, true);
      if (width === 8) dv.setInt32(at + 4, this.high, true);
    }
  }

  #widthNeeded(): number {
    const { high, low } = this;
    if (high !== low >> 31) return 8;
    return low === (low << 16) >> 16 ? 2 : 4;
  }

  #allocRoomy(bytes: number): BlockRef {
    const roomy = bytes > tightBytesMax ? this.#arena.alloc(bytes + (bytes >>> 3)) : 0;
    return roomy === 0 ? this.#arena.alloc(bytes) : roomy;
  }

  #setHead(ref: BlockRef, width: number, count: number): void {
    const words = this.#segmentOf(ref).u32;
    const word = (ref & this.#arena.refMask) << 1;
    words[word] = width;
    words[word + 1] = count;
  }

  #segmentOf(ref: BlockRef): Segment {
    const arena = this.#arena;
    if (arena.isChecked) arena.assertLive(ref);
    return arena.segments[ref >>> arena.refShift];
  }
}

/*
 * Binary searches over `count` members from byte `at` on, one for each width. Ids are often added in rising order, so the end
 * is looked at first, as in Redis.
 */

function findNarrow(dv: DataView, at: number, count: number, value: number): number {
  if (count === 0 || value > dv.getInt16(at + (count - 1) * 2, true)) return ~count;
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (dv.getInt16(at + middle * 2, true) < value) from = middle + 1;
    else to = middle;
  }
  return dv.getInt16(at + from * 2, true) === value ? from : ~from;
}

function findMiddle(dv: DataView, at: number, count: number, value: number): number {
  if (count === 0 || value > dv.getInt32(at + (count - 1) * 4, true)) return ~count;
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (dv.getInt32(at + middle * 4, true) < value) from = middle + 1;
    else to = middle;
  }
  return dv.getInt32(at + from * 4, true) === value ? from : ~from;
}

function findWide(dv: DataView, at: number, count: number, high: number, low: number): number {
  if (count === 0 || isLess(dv, at + (count - 1) * 8, high, low)) return ~count;
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isLess(dv, at + middle * 8, high, low)) from = middle + 1;
    else to = middle;
  }
  const found = at + from * 8;
  return dv.getInt32(found, true) === low && dv.getInt32(found + 4, true) === high ? from : ~from;
}

/** Whether the member at `at` is less than the one given. */
function isLess(dv: DataView, at: number, high: number, low: number): boolean {
  const ownHigh = dv.getInt32(at + 4, true);
  return ownHigh === high ? dv.getUint32(at, true) < low >>> 0 : ownHigh < high;
}
