import { type ByteBuffer, copyBytes } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { blockBytesOf } from '../size-classes.ts';
import type { Span } from '../span.ts';
import { createRecord, recordKeyBytes } from '../table/record.ts';

/*
 * A field of a hash that is a table is one block:
 *
 *   0  length of the field 29 | flags 3
 *   4  length of the value
 *   8  field, value
 */
export const fieldAt = 8;

/** 0: no memory. */
export function createField(
  arena: Arena,
  field: ByteBuffer,
  fs: number,
  fe: number,
  value: ByteBuffer,
  vs: number,
  ve: number,
): BlockRef {
  const record = createRecord(arena, fieldAt, ve - vs, field, fs, fe);
  if (record !== 0) writeValue(arena, record, value, vs, ve);
  return record;
}

/** Puts another value into the record, if it has the room that a record made for it would have. */
export function overwriteValue(arena: Arena, record: BlockRef, value: ByteBuffer, vs: number, ve: number): boolean {
  const headBytes = fieldAt + recordKeyBytes(arena, record);
  if (arena.blockBytes(record) !== blockBytesOf(headBytes + ve - vs)) return false;
  writeValue(arena, record, value, vs, ve);
  return true;
}

export function valueBytesOfField(arena: Arena, record: BlockRef): number {
  return arena.segments[record >>> arena.refShift].u32[((record & arena.refMask) << 1) + 1];
}

export function readValue(arena: Arena, record: BlockRef, span: Span): Span {
  const segment = arena.segments[record >>> arena.refShift];
  const start = ((record & arena.refMask) << 3) + fieldAt + recordKeyBytes(arena, record);
  span.buffer = segment.bytes;
  span.start = start;
  span.end = start + valueBytesOfField(arena, record);
  return span;
}

function writeValue(arena: Arena, record: BlockRef, value: ByteBuffer, vs: number, ve: number): void {
  const segment = arena.segments[record >>> arena.refShift];
  const at = (record & arena.refMask) << 3;
  segment.u32[(at >>> 2) + 1] = ve - vs;
  copyBytes(value, vs, ve, segment.bytes, at + fieldAt + recordKeyBytes(arena, record));
}
