import { type ByteBuffer, copyBytes } from '@kvartz/base';
import type { Arena, BlockRef } from './arena.ts';

/** A live entry of a keyspace; 0 is none. Valid until the next call that changes any keyspace of the same arena. */
export type EntryRef = BlockRef;

/** Redis's own numbers. */
export const ValueType = { string: 0, list: 1, set: 2, zset: 3, hash: 4, stream: 6 } as const;
export type ValueType = (typeof ValueType)[keyof typeof ValueType];

export const Encoding = {
  raw: 0,
  int: 1,
  hashtable: 2,
  intset: 6,
  skiplist: 7,
  embstr: 8,
  quicklist: 9,
  stream: 10,
  listpack: 11,
  /** A hash as a listpack of triples: field, value, time of expiry. */
  listpackex: 12,
  /** Kvartz's own: a hash as a table with an index of the times of its fields. To clients it is a hashtable. */
  hashtableex: 13,
  /** Of no entry: a consumer group that was cut off its stream, to be freed. */
  streamGroup: 15,
} as const;
export type Encoding = (typeof Encoding)[keyof typeof Encoding];

/*
 * An entry is one block (all words little-endian):
 *
 *    0  type 4 | encoding 4 | flags 8 | key length 16     "head"
 *    4  LRU or LFU clock 24 | cut mark 8                  "clock"
 *    8  expiry, float64, ms since the epoch               if hasExpiryField; Infinity: none
 *    .  body                                              4 bytes, or 8 if isWide
 *    .  key length, u32                                   if the one above is 65535
 *    .  key
 *    .  value                                             strings only, unless isExternal or int
 *
 * Body of a string: length u32 (raw, embstr); length u32, reference u32 (isExternal); 64-bit integer (int).
 * Body of a collection: number of elements u32, reference of its value's root u32 (isExternal).
 * A key of 16 bytes with a value of 32 takes 60 bytes: a block of 64.
 */
export const isWide = 0x100;
export const hasExpiryField = 0x200;
/** The value is a block of its own. */
export const isExternal = 0x400;
/** The block that holds the value is larger than its length says: only the arena knows its size. */
export const hasSpare = 0x800;

export const typeMask = 0xf;
export const encodingShift = 4;
export const encodingMask = 0xf0;
export const longKey = 0xffff;
export const clockMask = 0xff_ffff;
export const cutMarkShift = 24;

/** Redis's bound between embstr and raw. */
export const embstrBytesMax = 44;
/**
 * Longer values are blocks of their own: setting a TTL or renaming moves the entry, and should not copy more than this.
 * Copying 1 KiB costs about as much as the cache miss that a second block would cost every reader.
 */
export const inlineBytesMax = 1024;

/** Offset of the key (or of its long length), counted from the start of the entry. */
export function keyOffset(head: number): number {
  return 12 + ((head >>> 6) & 12);
}

export function bodyOffset(head: number): number {
  return 8 + ((head >>> 6) & 8);
}

/** Size of an entry without its inline value. */
export function entryBytes(head: number, keyBytes: number): number {
  return keyOffset(head) + keyBytes + (keyBytes >= longKey ? 4 : 0);
}

/** The bits of the head that give the key's length. */
export function keyLengthBits(keyBytes: number): number {
  return (keyBytes >= longKey ? longKey : keyBytes) << 16;
}

export function rawEncoding(valueBytes: number): Encoding {
  return valueBytes <= embstrBytesMax ? Encoding.embstr : Encoding.raw;
}

export function keyLengthOf(arena: Arena, e: EntryRef): number {
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  const head = segment.u32[at >>> 2];
  const short = head >>> 16;
  return short === longKey ? segment.dv.getUint32(at + keyOffset(head), true) : short;
}

/** Byte in the segment at which the key begins. */
export function keyStartOf(arena: Arena, e: EntryRef): number {
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  const head = segment.u32[at >>> 2];
  return at + keyOffset(head) + (head >>> 16 === longKey ? 4 : 0);
}

/** Whether the entry's key is `key[start, end)`. The hot comparison of every lookup. */
export function hasKey(arena: Arena, e: EntryRef, key: ByteBuffer, start: number, end: number): boolean {
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  const head = segment.u32[at >>> 2];
  const keyBytes = end - start;
  const words = segment.dv;
  let j = at + 12 + ((head >>> 6) & 12);
  if (head >>> 16 !== keyBytes) {
    if (head >>> 16 !== longKey || keyBytes < longKey || words.getUint32(j, true) !== keyBytes) return false;
    j += 4;
  } else if (keyBytes === longKey) {
    if (words.getUint32(j, true) !== keyBytes) return false;
    j += 4;
  }
  const keyWords = key.dv;
  const wordsEnd = end - 3;
  let i = start;
  for (; i < wordsEnd; i += 4, j += 4) if (keyWords.getInt32(i, true) !== words.getInt32(j, true)) return false;
  const keyBytesView = key.u8;
  const bytes = segment.u8;
  for (; i < end; i++, j++) if (keyBytesView[i] !== bytes[j]) return false;
  return true;
}

export function headOf(arena: Arena, e: EntryRef): number {
  return arena.segments[e >>> arena.refShift].u32[(e & arena.refMask) << 1];
}

export function setHead(arena: Arena, e: EntryRef, head: number): void {
  arena.segments[e >>> arena.refShift].u32[(e & arena.refMask) << 1] = head;
}

export function clockOf(arena: Arena, e: EntryRef): number {
  return arena.segments[e >>> arena.refShift].u32[((e & arena.refMask) << 1) + 1];
}

export function setClock(arena: Arena, e: EntryRef, clock: number): void {
  arena.segments[e >>> arena.refShift].u32[((e & arena.refMask) << 1) + 1] = clock;
}

/** Milliseconds since the epoch; Infinity when the entry does not expire. */
export function expiryOf(arena: Arena, e: EntryRef): number {
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  if ((segment.u32[at >>> 2] & hasExpiryField) === 0) return Infinity;
  return segment.dv.getFloat64(at + 8, true);
}

/** The entry must have the field. */
export function writeExpiry(arena: Arena, e: EntryRef, atMs: number): void {
  arena.segments[e >>> arena.refShift].dv.setFloat64(((e & arena.refMask) << 3) + 8, atMs, true);
}

/** First word of the body: length of a raw string, low half of an int. */
export function bodyOf(arena: Arena, e: EntryRef): number {
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  return segment.u32[(at + bodyOffset(segment.u32[at >>> 2])) >>> 2];
}

export function setBody(arena: Arena, e: EntryRef, word: number): void {
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  segment.u32[(at + bodyOffset(segment.u32[at >>> 2])) >>> 2] = word;
}

/** Second word of a wide body: reference of the value, high half of an int. */
export function wideBodyOf(arena: Arena, e: EntryRef): number {
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  return segment.u32[(at + bodyOffset(segment.u32[at >>> 2]) + 4) >>> 2];
}

export function setWideBody(arena: Arena, e: EntryRef, word: number): void {
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  segment.u32[(at + bodyOffset(segment.u32[at >>> 2]) + 4) >>> 2] = word;
}

/** Writes head, clock, expiry (if the head says so) and key of a new entry. Returns the byte after the key. */
export function writeEntry(
  arena: Arena,
  e: EntryRef,
  head: number,
  clock: number,
  expireAtMs: number,
  key: ByteBuffer,
  start: number,
  end: number,
): number {
  const segment = arena.segments[e >>> arena.refShift];
  const at = (e & arena.refMask) << 3;
  segment.u32[at >>> 2] = head;
  segment.u32[(at >>> 2) + 1] = clock;
  if ((head & hasExpiryField) !== 0) segment.dv.setFloat64(at + 8, expireAtMs, true);
  let keyAt = at + keyOffset(head);
  if (head >>> 16 === longKey) {
    segment.dv.setUint32(keyAt, end - start, true);
    keyAt += 4;
  }
  copyBytes(key, start, end, segment.bytes, keyAt);
  return keyAt + end - start;
}

/** Bytes of the value that stand in the entry itself. */
export function inlineBytesOf(arena: Arena, e: EntryRef): number {
  return (headOf(arena, e) & isWide) === 0 ? bodyOf(arena, e) : 0;
}

/**
 * A new entry with the expiry and the value of `e`, under another key; 0 when there is no memory. A value in a block of
 * its own is not copied: the new entry refers to `valueRef`.
 */
export function cloneEntry(
  arena: Arena,
  e: EntryRef,
  valueRef: BlockRef,
  clock: number,
  key: ByteBuffer,
  start: number,
  end: number,
): EntryRef {
  const from = headOf(arena, e);
  const flags = (from & isExternal) === 0 ? 0xffff & ~hasSpare : 0xffff;
  const head = (from & flags) | keyLengthBits(end - start);
  const valueBytes = inlineBytesOf(arena, e);
  const clone = arena.alloc(entryBytes(head, end - start) + valueBytes);
  if (clone === 0) return 0;
  const valueAt = writeEntry(arena, clone, head, clock, expiryOf(arena, e), key, start, end);
  setBody(arena, clone, bodyOf(arena, e));
  if ((head & isExternal) !== 0) setWideBody(arena, clone, valueRef);
  else if ((head & isWide) !== 0) setWideBody(arena, clone, wideBodyOf(arena, e));
  const valueStart = keyStartOf(arena, e) + keyLengthOf(arena, e);
  copyBytes(bytesOf(arena, e), valueStart, valueStart + valueBytes, bytesOf(arena, clone), valueAt);
  return clone;
}

export function bytesOf(arena: Arena, ref: BlockRef): ByteBuffer {
  return arena.segments[ref >>> arena.refShift].bytes;
}

/** Byte in its segment at which a block begins. */
export function byteOf(arena: Arena, ref: BlockRef): number {
  return (ref & arena.refMask) << 3;
}

/** Changes the encoding in the head of an entry. */
export function setEncoding(arena: Arena, e: EntryRef, encoding: Encoding): void {
  setHead(arena, e, ((headOf(arena, e) & ~encodingMask) | (encoding << encodingShift)) >>> 0);
}

/** Frees the entry and the blocks that belong to it; those of a large collection later, bit by bit. */
export function freeEntry(arena: Arena, e: EntryRef): void {
  const head = headOf(arena, e);
  if ((head & isExternal) !== 0) {
    const value = wideBodyOf(arena, e);
    if ((head & typeMask) === ValueType.string) arena.free(value);
    else arena.lazyFree.addValue(((head & encodingMask) >> encodingShift) as Encoding, value, bodyOf(arena, e));
  }
  arena.free(e);
}
