/*
 * Sparse registers: opcodes that each stand for a run of registers, one after another for all 16384.
 *
 *   ZERO   00nnnnnn             1 to 64 registers that are 0
 *   XZERO  01nnnnnn nnnnnnnn    1 to 16384 registers that are 0, the upper bits first
 *   VAL    1vvvvvnn             1 to 4 registers with one value from 1 to 32
 *
 * Lengths and values are stored less 1. What clients set may be anything: runs that do not add up to 16384 registers are corrupted.
 */
import { registerCount } from './element-pattern.ts';

export const zeroLengthMax = 64;
export const valueMax = 32;
export const valueLengthMax = 4;

const xzeroBit = 0x40;
const valueBit = 0x80;

export function isValue(opcode: number): boolean {
  return (opcode & valueBit) !== 0;
}

export function isXzero(opcode: number): boolean {
  return (opcode & (valueBit | xzeroBit)) === xzeroBit;
}

/** 0 for runs of zeros. */
export function valueOf(opcode: number): number {
  return isValue(opcode) ? ((opcode >>> 2) & 31) + 1 : 0;
}

/** Registers that the opcode at `at` stands for. */
export function lengthAt(u8: Uint8Array, at: number): number {
  const opcode = u8[at];
  if (isValue(opcode)) return (opcode & 3) + 1;
  return isXzero(opcode) ? (((opcode & 63) << 8) | u8[at + 1]) + 1 : (opcode & 63) + 1;
}

export function opcodeBytes(opcode: number): number {
  return isXzero(opcode) ? 2 : 1;
}

/** Writes the shortest run of zeros and returns its end. */
export function putZeros(u8: Uint8Array, at: number, length: number): number {
  if (length <= zeroLengthMax) {
    u8[at] = length - 1;
    return at + 1;
  }
  u8[at] = ((length - 1) >>> 8) | xzeroBit;
  u8[at + 1] = length - 1;
  return at + 2;
}

/** Writes a VAL of up to 4 registers and returns its end. */
export function putValue(u8: Uint8Array, at: number, value: number, length: number): number {
  u8[at] = valueBit | ((value - 1) << 2) | (length - 1);
  return at + 1;
}

/** The register `index`, or -1 when the runs end before it. */
export function sparseRegister(u8: Uint8Array, start: number, end: number, index: number): number {
  let first = 0;
  for (let at = start; at < end;) {
    const opcode = u8[at];
    // Values are the most frequent opcodes of a long one.
    if ((opcode & valueBit) !== 0) {
      first += (opcode & 3) + 1;
      at++;
    } else if ((opcode & xzeroBit) === 0) {
      first += (opcode & 63) + 1;
      at++;
    } else {
      first += lengthAt(u8, at);
      at += 2;
    }
    if (first > index) return valueOf(opcode);
  }
  return -1;
}

/** Adds how many registers there are of each value to `counts[0, 64)`. False when it is corrupted. */
export function countSparse(u8: Uint8Array, start: number, end: number, counts: Int32Array): boolean {
  let index = 0;
  for (let at = start; at < end; at += opcodeBytes(u8[at])) {
    const length = lengthAt(u8, at);
    counts[valueOf(u8[at])] += length;
    index += length;
  }
  return index === registerCount;
}

/** Raises each of the registers in `max`, one byte each, to that of the same number. False when it is corrupted. */
export function mergeSparse(u8: Uint8Array, start: number, end: number, max: Uint8Array): boolean {
  let index = 0;
  for (let at = start; at < end; at += opcodeBytes(u8[at])) {
    const value = valueOf(u8[at]);
    const runEnd = index + lengthAt(u8, at);
    if (runEnd > registerCount) return false;
    if (value === 0) index = runEnd;
    else for (; index < runEnd; index++) if (value > max[index]) max[index] = value;
  }
  return index === registerCount;
}
