import { type ByteBuffer, copyBytes } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { blockBytesOf } from '../size-classes.ts';
import type { Span } from '../span.ts';
import { createRecord, keyBytesMask, recordKeyBytes } from '../table/record.ts';

/*
 * A field of a hash that is a table is one block:
 *
 *   0  length of the field 29 | flags 3
 *   4  length of the value
 *   8  field
 *   .  time, float64, ms since the epoch; Infinity: none      if hasTime
 *   .  value
 */
export const fieldAt = 8;
const timeBytes = 8;
/** The record has room for a time, which it keeps when the time is taken away. */
const hasTime = 0x2000_0000;
/** From this flag, shifted down so far, the number of bytes between field and value. */
const timeBytesShift = 26;

/** 0: no memory. With `isTimed` the record has room for a time, and none yet. */
export function createField(
  arena: Arena,
  field: ByteBuffer,
  fs: number,
  fe: number,
  value: ByteBuffer,
  vs: number,
  ve: number,
  isTimed = false,
): BlockRef {
  const record = createRecord(arena, fieldAt, ve - vs + (isTimed ? timeBytes : 0), field, fs, fe);
  if (record === 0) return 0;
  if (isTimed) {
    arena.segments[record >>> arena.refShift].u32[(record & arena.refMask) << 1] |= hasTime;
    setTimeOfField(arena, record, Infinity);
  }
  writeValue(arena, record, value, vs, ve);
  return record;
}

/** Puts another value into the record, if it has the room that a record made for it would have. */
export function overwriteValue(arena: Arena, record: BlockRef, value: ByteBuffer, vs: number, ve: number): boolean {
  if (arena.blockBytes(record) !== blockBytesOf(valueOffset(arena, record) + ve - vs)) return false;
  writeValue(arena, record, value, vs, ve);
  return true;
}

export function valueBytesOfField(arena: Arena, record: BlockRef): number {
  return arena.segments[record >>> arena.refShift].u32[((record & arena.refMask) << 1) + 1];
}

export function readValue(arena: Arena, record: BlockRef, span: Span): Span {
  const segment = arena.segments[record >>> arena.refShift];
  const start = ((record & arena.refMask) << 3) + valueOffset(arena, record);
  span.buffer = segment.bytes;
  span.start = start;
  span.end = start + valueBytesOfField(arena, record);
  return span;
}

export function hasTimeRoom(arena: Arena, record: BlockRef): boolean {
  return (arena.segments[record >>> arena.refShift].u32[(record & arena.refMask) << 1] & hasTime) !== 0;
}

/** When the field expires, in milliseconds since the epoch; Infinity: never. */
export function timeOfField(arena: Arena, record: BlockRef): number {
  if (!hasTimeRoom(arena, record)) return Infinity;
  const at = ((record & arena.refMask) << 3) + fieldAt + recordKeyBytes(arena, record);
  return arena.segments[record >>> arena.refShift].dv.getFloat64(at, true);
}

/** The record must have room for it. */
export function setTimeOfField(arena: Arena, record: BlockRef, atMs: number): void {
  const at = ((record & arena.refMask) << 3) + fieldAt + recordKeyBytes(arena, record);
  arena.segments[record >>> arena.refShift].dv.setFloat64(at, atMs, true);
}

function valueOffset(arena: Arena, record: BlockRef): number {
  const head = arena.segments[record >>> arena.refShift].u32[(record & arena.refMask) << 1];
  return fieldAt + (head & keyBytesMask) + ((head & hasTime) >>> timeBytesShift);
}

function writeValue(arena: Arena, record: BlockRef, value: ByteBuffer, vs: number, ve: number): void {
  const segment = arena.segments[record >>> arena.refShift];
  const at = (record & arena.refMask) << 3;
  segment.u32[(at >>> 2) + 1] = ve - vs;
  copyBytes(value, vs, ve, segment.bytes, at + valueOffset(arena, record));
}
