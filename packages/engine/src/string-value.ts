import { type ByteBuffer, copyBytes, formatInteger } from '@kvartz/base';
import type { Arena } from './arena.ts';
import {
  bodyOf,
  byteOf,
  bytesOf,
  Encoding,
  encodingMask,
  encodingShift,
  entryBytes,
  type EntryRef,
  expiryOf,
  hasExpiryField,
  hasSpare,
  headOf,
  inlineBytesMax,
  isExternal,
  isWide,
  keyLengthBits,
  keyLengthOf,
  keyOffset,
  keyStartOf,
  longKey,
  rawEncoding,
  setBody,
  setHead,
  setWideBody,
  typeMask,
  ValueType,
  wideBodyOf,
  writeEntry,
  writeExpiry,
} from './entry.ts';
import { blockBytesOf } from './size-classes.ts';

const safeHighMax = 2 ** 21;
/** Growing strings get as much room again, up to this much, as Redis's sds does; large ones an eighth of their length. */
const spareBytes = 2 ** 20;

/** A 64-bit integer in two halves. */
export function lowWord(n: number): number {
  return n >>> 0;
}

export function highWord(n: number): number {
  return (n | 0) === n ? (n >> 31) >>> 0 : Math.floor(n / 2 ** 32) >>> 0;
}

export function isInt(head: number): boolean {
  return (head & encodingMask) >> encodingShift === Encoding.int;
}

/** The value if it is a safe integer, else Infinity or -Infinity. The entry must be int-encoded. */
export function numberOf(arena: Arena, e: EntryRef): number {
  const high = wideBodyOf(arena, e) | 0;
  if (high >= -safeHighMax && high < safeHighMax) {
    const value = high * 2 ** 32 + bodyOf(arena, e);
    if (value >= Number.MIN_SAFE_INTEGER) return value;
  }
  return high < 0 ? -Infinity : Infinity;
}

export function int64Of(arena: Arena, e: EntryRef): bigint {
  return (BigInt(wideBodyOf(arena, e) | 0) << 32n) | BigInt(bodyOf(arena, e));
}

/** Digits of an int-encoded entry into `target`, from 0. Returns their number, at most 20. */
export function formatIntOf(arena: Arena, e: EntryRef, target: Uint8Array): number {
  const value = numberOf(arena, e);
  if (Number.isFinite(value)) return formatInteger(target, 0, value);
  const digits = int64Of(arena, e).toString();
  for (let i = 0; i < digits.length; i++) target[i] = digits.charCodeAt(i);
  return digits.length;
}

/** Where the bytes of a raw string begin in the buffer of `bytesOf(arena, valueBlockOf(...))`. */
export function valueStartOf(arena: Arena, e: EntryRef): number {
  const head = headOf(arena, e);
  if ((head & isExternal) !== 0) return byteOf(arena, wideBodyOf(arena, e));
  return keyStartOf(arena, e) + keyLengthOf(arena, e);
}

export function valueBytesOf(arena: Arena, e: EntryRef): ByteBuffer {
  return bytesOf(arena, (headOf(arena, e) & isExternal) !== 0 ? wideBodyOf(arena, e) : e);
}

/**
 * A new entry for a string of `length` bytes, of which the caller writes the contents; room for `capacity`, at least
 * `length`. 0 when there is no memory.
 */
function createRaw(
  arena: Arena,
  key: ByteBuffer,
  ks: number,
  ke: number,
  clock: number,
  expireAtMs: number,
  length: number,
  capacity: number,
  encoding: Encoding,
): EntryRef {
  const isOwnBlock = capacity > inlineBytesMax;
  let head = keyLengthBits(ke - ks) | (encoding << encodingShift);
  if (expireAtMs !== Infinity) head |= hasExpiryField;
  if (isOwnBlock) head |= isWide | isExternal;
  const headBytes = entryBytes(head, ke - ks);
  let valueRef = 0;
  if (isOwnBlock) {
    if (blockBytesOf(capacity) !== blockBytesOf(Math.max(1, length))) head |= hasSpare;
    valueRef = arena.alloc(capacity);
    if (valueRef === 0) return 0;
  } else if (blockBytesOf(headBytes + capacity) !== blockBytesOf(headBytes + length)) head |= hasSpare;
  const e = arena.alloc(isOwnBlock ? headBytes : headBytes + capacity);
  if (e === 0) {
    if (isOwnBlock) arena.free(valueRef);
    return 0;
  }
  writeEntry(arena, e, head, clock, expireAtMs, key, ks, ke);
  setBody(arena, e, length);
  if (isOwnBlock) setWideBody(arena, e, valueRef);
  return e;
}

/** A new entry with this string; 0 when there is no memory. */
export function createString(
  arena: Arena,
  key: ByteBuffer,
  ks: number,
  ke: number,
  clock: number,
  expireAtMs: number,
  value: ByteBuffer,
  vs: number,
  ve: number,
): EntryRef {
  const size = ve - vs;
  const keyBytes = ke - ks;
  if (size > inlineBytesMax || keyBytes >= longKey) {
    const e = createRaw(arena, key, ks, ke, clock, expireAtMs, size, size, rawEncoding(size));
    if (e !== 0) copyBytes(value, vs, ve, valueBytesOf(arena, e), valueStartOf(arena, e));
    return e;
  }
  // The usual case, which is the path of SET of a new key, in one piece.
  const field = expireAtMs === Infinity ? 0 : hasExpiryField;
  const head = ((keyBytes << 16) | field | (rawEncoding(size) << encodingShift)) >>> 0;
  const headBytes = keyOffset(head);
  const e = arena.alloc(headBytes + keyBytes + size);
  if (e === 0) return 0;
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  const words = segment.u32;
  words[at >>> 2] = head;
  words[(at >>> 2) + 1] = clock;
  if (field !== 0) segment.dv.setFloat64(at + 8, expireAtMs, true);
  words[(at + headBytes - 4) >>> 2] = size;
  copyBytes(key, ks, ke, segment.bytes, at + headBytes);
  copyBytes(value, vs, ve, segment.bytes, at + headBytes + keyBytes);
  return e;
}

/** A new int-encoded entry; 0 when there is no memory. */
export function createInt(
  arena: Arena,
  key: ByteBuffer,
  ks: number,
  ke: number,
  clock: number,
  expireAtMs: number,
  low: number,
  high: number,
): EntryRef {
  let head = keyLengthBits(ke - ks) | (Encoding.int << encodingShift) | isWide;
  if (expireAtMs !== Infinity) head |= hasExpiryField;
  const e = arena.alloc(entryBytes(head, ke - ks));
  if (e === 0) return 0;
  writeEntry(arena, e, head, clock, expireAtMs, key, ks, ke);
  setBody(arena, e, low);
  setWideBody(arena, e, high);
  return e;
}

/** Puts another string where the old one stands, if it fits as if it were made for it. Else nothing changes: false. */
export function overwriteString(
  arena: Arena,
  e: EntryRef,
  expireAtMs: number,
  value: ByteBuffer,
  vs: number,
  ve: number,
): boolean {
  const head = headOf(arena, e);
  const size = ve - vs;
  if ((head & typeMask) !== ValueType.string || isInt(head)) return false;
  if (expireAtMs !== Infinity && (head & hasExpiryField) === 0) return false;
  if ((head & isExternal) !== 0) {
    if (size <= inlineBytesMax || !replaceValueBlock(arena, e, value, vs, ve)) return false;
  } else {
    if (size > inlineBytesMax) return false;
    const keyBytes = keyLengthOf(arena, e);
    if (blockBytesOf(entryBytes(head, keyBytes) + size) !== inlineBlockBytes(arena, e, head, keyBytes)) return false;
    copyBytes(value, vs, ve, bytesOf(arena, e), valueStartOf(arena, e));
  }
  setHead(arena, e, (head & ~(encodingMask | hasSpare)) | (rawEncoding(size) << encodingShift));
  setBody(arena, e, size);
  if ((head & hasExpiryField) !== 0) writeExpiry(arena, e, expireAtMs);
  return true;
}

/** The same for an int. */
export function overwriteInt(arena: Arena, e: EntryRef, expireAtMs: number, low: number, high: number): boolean {
  const head = headOf(arena, e);
  if ((head & typeMask) !== ValueType.string || !isInt(head)) return false;
  if (expireAtMs !== Infinity && (head & hasExpiryField) === 0) return false;
  setBody(arena, e, low);
  setWideBody(arena, e, high);
  if ((head & hasExpiryField) !== 0) writeExpiry(arena, e, expireAtMs);
  return true;
}

function inlineBlockBytes(arena: Arena, e: EntryRef, head: number, keyBytes: number): number {
  if ((head & hasSpare) !== 0) return arena.blockBytes(e);
  return blockBytesOf(entryBytes(head, keyBytes) + bodyOf(arena, e));
}

function replaceValueBlock(arena: Arena, e: EntryRef, value: ByteBuffer, vs: number, ve: number): boolean {
  const old = wideBodyOf(arena, e);
  if (arena.blockBytes(old) === blockBytesOf(ve - vs)) {
    copyBytes(value, vs, ve, bytesOf(arena, old), byteOf(arena, old));
    return true;
  }
  const block = arena.alloc(ve - vs);
  if (block === 0) return false;
  copyBytes(value, vs, ve, bytesOf(arena, block), byteOf(arena, block));
  setWideBody(arena, e, block);
  arena.free(old);
  return true;
}

/** A new raw string of zeros, for a key that is not there; 0 when there is no memory. */
export function createZeros(
  arena: Arena,
  key: ByteBuffer,
  ks: number,
  ke: number,
  clock: number,
  length: number,
): EntryRef {
  const e = createRaw(arena, key, ks, ke, clock, Infinity, length, length, Encoding.raw);
  if (e === 0) return 0;
  zeroNew(arena, e, 0, length);
  return e;
}

/** Writes zeros to a part of the value of an entry that has just been made. */
function zeroNew(arena: Arena, e: EntryRef, from: number, to: number): void {
  const isOwnBlock = (headOf(arena, e) & isExternal) !== 0;
  const block = isOwnBlock ? wideBodyOf(arena, e) : e;
  const segment = arena.segments[block >>> arena.refShift];
  // Fresh from the system, which gives zeros: touching 512 MB would take 150 ms, and make them resident.
  if (segment.isOneBlock) return;
  const start = valueStartOf(arena, e);
  segment.u8.fill(0, start + from, start + to);
}

/**
 * Makes the string raw and at least `length` bytes long, with zeros behind what was there. Returns the entry; another one
 * when it had to move, which the caller puts in the place of the old one and frees that; 0 when there is no memory.
 */
export function growString(arena: Arena, e: EntryRef, scratch: ByteBuffer, length: number): EntryRef {
  const head = headOf(arena, e);
  if (isInt(head)) {
    const digits = formatIntOf(arena, e, scratch.u8);
    return moveString(arena, e, scratch, 0, digits, Math.max(length, digits));
  }
  const size = bodyOf(arena, e);
  if (length > size) {
    const bytes = valueBytesOf(arena, e);
    const start = valueStartOf(arena, e);
    if (length > capacityOf(arena, e, head) && !extendValue(arena, e, head, length)) {
      return moveString(arena, e, bytes, start, start + size, length);
    }
    bytes.u8.fill(0, start + size, start + length);
    setBody(arena, e, length);
  }
  const encoded = headOf(arena, e) & ~encodingMask;
  setHead(arena, e, encoded | (Encoding.raw << encodingShift));
  return e;
}

/** Length that the string can grow to where it is. */
function capacityOf(arena: Arena, e: EntryRef, head: number): number {
  if ((head & isExternal) !== 0) {
    if ((head & hasSpare) !== 0) return arena.blockBytes(wideBodyOf(arena, e));
    return blockBytesOf(Math.max(1, bodyOf(arena, e)));
  }
  const keyBytes = keyLengthOf(arena, e);
  return inlineBlockBytes(arena, e, head, keyBytes) - entryBytes(head, keyBytes);
}

/** Pages behind a large value, if they are free, save copying it. */
function extendValue(arena: Arena, e: EntryRef, head: number, length: number): boolean {
  if ((head & isExternal) === 0) return false;
  const block = wideBodyOf(arena, e);
  if (!arena.extend(block, grownLength(length)) && !arena.extend(block, length)) return false;
  setHead(arena, e, head | hasSpare);
  return true;
}

function grownLength(length: number): number {
  return length + Math.min(length, Math.max(spareBytes, length >>> 3));
}

/** A copy of entry `e` with `bytes[start, end)` and zeros up to `length` as its value, and room to grow. */
function moveString(
  arena: Arena,
  e: EntryRef,
  bytes: ByteBuffer,
  start: number,
  end: number,
  length: number,
): EntryRef {
  const key = bytesOf(arena, e);
  const ks = keyStartOf(arena, e);
  const ke = ks + keyLengthOf(arena, e);
  const at = expiryOf(arena, e);
  let moved = createRaw(arena, key, ks, ke, 0, at, length, grownLength(length), Encoding.raw);
  if (moved === 0) moved = createRaw(arena, key, ks, ke, 0, at, length, length, Encoding.raw);
  if (moved === 0) return 0;
  copyBytes(bytes, start, end, valueBytesOf(arena, moved), valueStartOf(arena, moved));
  zeroNew(arena, moved, end - start, length);
  return moved;
}
