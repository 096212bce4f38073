import { ByteBuffer, copyBytes } from '@kvartz/base';
import { denseRegister, packDense, setDenseRegister } from './dense.ts';
import { registerCount } from './element-pattern.ts';
import { denseBytes, headerBytes, HllEncoding, isDense, writeHeader } from './layout.ts';
import {
  isValue,
  isXzero,
  lengthAt,
  mergeSparse,
  opcodeBytes,
  putValue,
  putZeros,
  valueLengthMax,
  valueMax,
  valueOf,
} from './sparse.ts';

/** A valid sparse one is no longer: an XZERO for every register. */
const bytesMax = headerBytes + 2 * registerCount;
/** After a change so many opcodes, from the one before it on, are looked at for neighbours to join. */
const joinedOpcodesMax = 5;

/**
 * A HyperLogLog outside the keyspace. Changes of sparse ones are made here and stored when all of them are done: then they
 * either all happen or, for want of memory, none. Step by step they give the bytes that Redis's steps give.
 */
export class HllDraft {
  readonly bytes = new ByteBuffer(bytesMax + 8);
  length = 0;
  /** The opcode before the last one that was looked for, and its first register: where a search for a later one begins. */
  #resumeAt = headerBytes;
  #resumeFirst = 0;
  readonly #registers = new Uint8Array(registerCount);
  readonly #pieces = new Uint8Array(8);

  /** No elements yet. */
  clear(): void {
    writeHeader(this.bytes, HllEncoding.sparse);
    this.length = putZeros(this.bytes.u8, headerBytes, registerCount);
    this.#forget();
  }

  /** A copy; false when it is longer than any valid one. */
  load(bytes: ByteBuffer, start: number, end: number): boolean {
    if (end - start > bytesMax) return false;
    copyBytes(bytes, start, end, this.bytes, 0);
    this.length = end - start;
    this.#end();
    this.#forget();
    return true;
  }

  /** Raises a register to `value` if it is lower. Returns 1 when it was, 0 when not, -1 when the draft is corrupted. */
  raise(index: number, value: number, sparseBytesMax: number): 1 | 0 | -1 {
    const { u8 } = this.bytes;
    if (isDense(this.bytes, 0)) {
      if (denseRegister(u8, headerBytes, index) >= value) return 0;
      setDenseRegister(u8, headerBytes, index, value);
      return 1;
    }
    return value > valueMax ? this.#raiseDense(index, value) : this.#raiseSparse(index, value, sparseBytesMax);
  }

  /** False when it is corrupted. */
  toDense(): boolean {
    if (isDense(this.bytes, 0)) return true;
    const registers = this.#registers;
    registers.fill(0);
    if (!mergeSparse(this.bytes.u8, headerBytes, this.length, registers)) return false;
    this.setDense(registers);
    return true;
  }

  /** These registers, one byte each; the header stays. */
  setDense(registers: Uint8Array): void {
    packDense(registers, this.bytes.u8, headerBytes);
    this.bytes.u8[4] = HllEncoding.dense;
    this.length = denseBytes;
  }

  /** An opcode that is cut off reads a zero, as it does in Redis. */
  #end(): void {
    this.bytes.u8[this.length] = 0;
  }

  #forget(): void {
    this.#resumeAt = headerBytes;
    this.#resumeFirst = 0;
  }

  #raiseDense(index: number, value: number): 1 | -1 {
    if (!this.toDense()) return -1;
    setDenseRegister(this.bytes.u8, headerBytes, index, value);
    return 1;
  }

  #raiseSparse(index: number, value: number, sparseBytesMax: number): 1 | 0 | -1 {
    const { u8 } = this.bytes;
    const end = this.length;
    if (index < this.#resumeFirst) this.#forget();
    let at = this.#resumeAt;
    let first = this.#resumeFirst;
    let previous = -1;
    let length = 0;
    while (at < end) {
      length = lengthAt(u8, at);
      if (index < first + length) break;
      previous = at;
      this.#resumeAt = at;
      this.#resumeFirst = first;
      at += opcodeBytes(u8[at]);
      first += length;
    }
    if (at >= end) return -1;
    if (previous < 0 && at !== headerBytes) {
      // What stands before the opcode matters too.
      this.#forget();
      return this.#raiseSparse(index, value, sparseBytesMax);
    }
    const opcode = u8[at];
    if (valueOf(opcode) >= value) return 0;
    if (length === 1 && !isXzero(opcode)) putValue(u8, at, value, 1);
    else if (!this.#split(at, first, length, index, value, sparseBytesMax)) return this.#raiseDense(index, value);
    this.#join(previous < 0 ? headerBytes : previous);
    this.#end();
    return 1;
  }

  /**
   * Puts the register `index` out of the run of `length` registers at `at`, of which `first` is the first: up to three
   * opcodes in place of one. False, and nothing done, when the draft would become too long to be sparse.
   */
  #split(at: number, first: number, length: number, index: number, value: number, sparseBytesMax: number): boolean {
    const { u8 } = this.bytes;
    const pieces = this.#pieces;
    const old = valueOf(u8[at]);
    const before = index - first;
    const after = length - before - 1;
    let end = 0;
    if (before > 0) end = putRun(pieces, end, old, before);
    end = putValue(pieces, end, value, 1);
    if (after > 0) end = putRun(pieces, end, old, after);
    const oldEnd = at + opcodeBytes(u8[at]);
    const growth = at + end - oldEnd;
    if (growth > 0 && this.length + growth > Math.min(sparseBytesMax, bytesMax)) return false;
    u8.copyWithin(oldEnd + growth, oldEnd, this.length);
    for (let i = 0; i < end; i++) u8[at + i] = pieces[i];
    this.length += growth;
    return true;
  }

  /** Joins neighbours of one value, as far as Redis does. */
  #join(from: number): void {
    const { u8 } = this.bytes;
    let at = from;
    for (let i = 0; i < joinedOpcodesMax && at < this.length; i++) {
      const opcode = u8[at];
      const next = at + 1 < this.length ? u8[at + 1] : 0;
      if (isValue(opcode) && isValue(next) && valueOf(opcode) === valueOf(next)) {
        const length = lengthAt(u8, at) + lengthAt(u8, at + 1);
        if (length <= valueLengthMax) {
          putValue(u8, at + 1, valueOf(opcode), length);
          u8.copyWithin(at, at + 1, this.length);
          this.length--;
          continue;
        }
      }
      at += opcodeBytes(opcode);
    }
  }
}

function putRun(u8: Uint8Array, at: number, value: number, length: number): number {
  return value === 0 ? putZeros(u8, at, length) : putValue(u8, at, value, length);
}
