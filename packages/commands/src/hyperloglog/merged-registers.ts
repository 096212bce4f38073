import type { ByteBuffer } from '@kvartz/base';
import { mergeDense } from './dense.ts';
import { registerCount } from './element-pattern.ts';
import { headerBytes, isDense } from './layout.ts';
import { mergeSparse } from './sparse.ts';

/** The highest of the registers of several HyperLogLogs, one byte each: the registers of their union. */
export const merged = new Uint8Array(registerCount);

/** False when `bytes[start, end)` is corrupted. */
export function merge(bytes: ByteBuffer, start: number, end: number): boolean {
  if (!isDense(bytes, start)) return mergeSparse(bytes.u8, start + headerBytes, end, merged);
  mergeDense(bytes.u8, start + headerBytes, merged);
  return true;
}
