/*
 * A HyperLogLog is a string, byte for byte Redis's, so that GET and SET carry one from either server to the other:
 *
 *    0  "HYLL"
 *    4  encoding: 0 dense, 1 sparse          3 bytes unused
 *    8  cached cardinality, u64, little-endian; its highest bit: stale
 *   16  registers
 *
 * Dense: 16384 registers of 6 bits, the first in the lowest bits of the first byte. Sparse: runs of registers (`sparse.ts`).
 */
import type { ByteBuffer } from '@kvartz/base';
import { registerCount } from './element-pattern.ts';

export const headerBytes = 16;
export const denseBytes = headerBytes + (registerCount * 6) / 8;

export const HllEncoding = { dense: 0, sparse: 1 } as const;

const magic = 0x4c4c5948;
const encodingAt = 4;
const cardinalityAt = 8;
const staleAt = 15;
const staleBit = 0x80;

/** Whether `bytes[start, end)` can be a HyperLogLog: what Redis looks at before it reads one. */
export function isHyperLogLog(bytes: ByteBuffer, start: number, end: number): boolean {
  if (end - start < headerBytes || bytes.dv.getUint32(start, true) !== magic) return false;
  const encoding = bytes.u8[start + encodingAt];
  return encoding === HllEncoding.dense ? end - start === denseBytes : encoding === HllEncoding.sparse;
}

export function isDense(bytes: ByteBuffer, start: number): boolean {
  return bytes.u8[start + encodingAt] === HllEncoding.dense;
}

/** A header with the cardinality 0, which is that of no elements. */
export function writeHeader(bytes: ByteBuffer, encoding: number): void {
  bytes.u8.fill(0, 0, headerBytes);
  bytes.dv.setUint32(0, magic, true);
  bytes.u8[encodingAt] = encoding;
}

export function isStale(bytes: ByteBuffer, start: number): boolean {
  return (bytes.u8[start + staleAt] & staleBit) !== 0;
}

/** The cached cardinality no longer holds. */
export function markStale(bytes: ByteBuffer, start: number): void {
  bytes.u8[start + staleAt] |= staleBit;
}

/** Exact up to 2^53; strings from elsewhere can say more, and are then rounded. */
export function cachedCardinality(bytes: ByteBuffer, start: number): number {
  const high = bytes.dv.getUint32(start + cardinalityAt + 4, true);
  return high * 2 ** 32 + bytes.dv.getUint32(start + cardinalityAt, true);
}

/** `cardinality` below 2^64. */
export function cacheCardinality(bytes: ByteBuffer, start: number, cardinality: number): void {
  const high = Math.floor(cardinality / 2 ** 32);
  bytes.dv.setUint32(start + cardinalityAt + 4, high, true);
  bytes.dv.setUint32(start + cardinalityAt, cardinality - high * 2 ** 32, true);
}
