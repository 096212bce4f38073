import type { ByteBuffer } from '@kvartz/base';
import type { Span } from '@kvartz/engine';

export const BitOperation = { and: 1, or: 2, xor: 3, not: 4 } as const;
export type BitOperation = (typeof BitOperation)[keyof typeof BitOperation];

/**
 * `target = target <operation> source`, for all bytes of the target; the source (undefined: empty) is at most as long, and
 * counts as followed by zeros. NOT ignores what the target held.
 */
export function combineBytes(target: ByteBuffer, operation: BitOperation, source: Span | undefined): void {
  const length = source === undefined ? 0 : source.end - source.start;
  if (source !== undefined) {
    if (operation === BitOperation.and) and(target, source.buffer, source.start, length);
    else if (operation === BitOperation.or) or(target, source.buffer, source.start, length);
    else if (operation === BitOperation.xor) xor(target, source.buffer, source.start, length);
    else not(target, source.buffer, source.start, length);
  }
  if (operation === BitOperation.and) target.u8.fill(0, length);
}

// One loop per operation: a choice inside the loop costs as much as the work. Words of 32 bits, then the rest.

function and(target: ByteBuffer, source: ByteBuffer, start: number, length: number): void {
  const { u8, dv } = target;
  let i = 0;
  for (; i + 4 <= length; i += 4) dv.setInt32(i, dv.getInt32(i, true) & source.dv.getInt32(start + i, true), true);
  for (; i < length; i++) u8[i] &= source.u8[start + i];
}

function or(target: ByteBuffer, source: ByteBuffer, start: number, length: number): void {
  const { u8, dv } = target;
  let i = 0;
  for (; i + 4 <= length; i += 4) dv.setInt32(i, dv.getInt32(i, true) | source.dv.getInt32(start + i, true), true);
  for (; i < length; i++) u8[i] |= source.u8[start + i];
}

function xor(target: ByteBuffer, source: ByteBuffer, start: number, length: number): void {
  const { u8, dv } = target;
  let i = 0;
  for (; i + 4 <= length; i += 4) dv.setInt32(i, dv.getInt32(i, true) ^ source.dv.getInt32(start + i, true), true);
  for (; i < length; i++) u8[i] ^= source.u8[start + i];
}

function not(target: ByteBuffer, source: ByteBuffer, start: number, length: number): void {
  const { u8, dv } = target;
  let i = 0;
  for (; i + 4 <= length; i += 4) dv.setInt32(i, ~source.dv.getInt32(start + i, true), true);
  for (; i < length; i++) u8[i] = ~source.u8[start + i];
}
