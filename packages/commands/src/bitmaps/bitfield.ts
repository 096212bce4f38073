import { parseInteger } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import {
  BITFIELD_RO_ONLY_GET,
  INVALID_BITFIELD_TYPE,
  INVALID_OVERFLOW_TYPE,
  NOT_INTEGER,
  SYNTAX_ERROR,
} from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, stringToRead } from '../lookup.ts';
import { fitField, Overflow, readField, writeField } from './bit-field.ts';
import { readBitOffset } from './bit-offset.ts';
import { bitsToWrite } from './writable-bits.ts';

interface FieldOperation {
  readonly kind: 'get' | 'set' | 'incrby';
  readonly bits: number;
  readonly isSigned: boolean;
  readonly offset: number;
  readonly overflow: Overflow;
  /** What SET stores and INCRBY adds. */
  readonly amount: bigint;
}

/** BITFIELD key [GET type offset | [OVERFLOW WRAP | SAT | FAIL] SET type offset value | INCRBY type offset amount] ... */
export function bitfield(context: CommandContext, args: Args): void {
  const operations = readOperations(context, args);
  if (operations === undefined) return;
  if (operations.every((operation) => operation.kind === 'get')) getFields(context, args, operations);
  else runOperations(context, args, operations);
}

export function bitfieldRo(context: CommandContext, args: Args): void {
  const operations = readOperations(context, args);
  if (operations === undefined) return;
  if (operations.some((operation) => operation.kind !== 'get')) return context.reply.error(BITFIELD_RO_ONLY_GET);
  getFields(context, args, operations);
}

/** A BITFIELD that only gets is a read to COMMAND GETKEYSANDFLAGS and to ACLs; one that is malformed is none. */
export function bitfieldKeyFlags(args: Args): readonly string[] {
  for (let i = 2; i < args.count;) {
    const argsLeft = args.count - i - 1;
    if (argsLeft >= 2 && isKeyword(args, i, 'get')) i += 3;
    else if (argsLeft >= 1 && isKeyword(args, i, 'overflow')) i += 2;
    else return ['RW', 'ACCESS', 'UPDATE'];
  }
  return ['RO', 'ACCESS'];
}

function getFields(context: CommandContext, args: Args, operations: readonly FieldOperation[]): void {
  const { db, reply } = context;
  const entry = stringToRead(context, args, 1);
  if (entry === REFUSED) return;
  const value = entry === 0 ? undefined : db.stringOf(entry);
  reply.array(operations.length);
  for (const { offset, bits, isSigned } of operations) {
    if (value === undefined) reply.integer(0);
    else reply.bigInteger(readField(value.buffer, value.start, value.end, offset, bits, isSigned));
  }
}

function runOperations(context: CommandContext, args: Args, operations: readonly FieldOperation[]): void {
  const { reply } = context;
  let lastBit = 0;
  for (const { kind, offset, bits } of operations) {
    if (kind !== 'get') lastBit = Math.max(lastBit, offset + bits - 1);
  }
  const target = bitsToWrite(context, args, lastBit);
  if (target === undefined) return;
  const { buffer, start, end } = target.bytes;
  let isWritten = false;
  let hasChanged = false;
  reply.array(operations.length);
  for (const { kind, offset, bits, isSigned, overflow, amount } of operations) {
    const old = readField(buffer, start, end, offset, bits, isSigned);
    if (kind === 'get') {
      reply.bigInteger(old);
      continue;
    }
    // SET takes a negative value for an unsigned field as the 64 bits that it is.
    const stored = isSigned ? amount : BigInt.asUintN(64, amount);
    const value = fitField(kind === 'set' ? stored : old + amount, bits, isSigned, overflow);
    if (value === undefined) {
      reply.null();
      continue;
    }
    writeField(buffer, start, offset, bits, value);
    isWritten = true;
    if (value !== old) hasChanged = true;
    reply.bigInteger(kind === 'set' ? old : value);
  }
  // A string that has grown has changed even where every operation failed; but that is no event.
  if (hasChanged || (isWritten && target.hasGrown)) context.touch(args, 1, KeyEvents.setBit);
  else if (target.hasGrown) context.touch(args, 1, KeyEvents.none);
}

/** Undefined when something is wrong, which has then been answered. */
function readOperations(context: CommandContext, args: Args): FieldOperation[] | undefined {
  const operations: FieldOperation[] = [];
  let overflow: Overflow = Overflow.wrap;
  for (let i = 2; i < args.count;) {
    const argsLeft = args.count - i - 1;
    const kind = argsLeft >= 2 ? kindAt(args, i) : undefined;
    if (kind === undefined || (kind !== 'get' && argsLeft < 3)) {
      if (argsLeft < 1 || !isKeyword(args, i, 'overflow')) return refuse(context, SYNTAX_ERROR);
      const next = overflowAt(args, i + 1);
      if (next === undefined) return refuse(context, INVALID_OVERFLOW_TYPE);
      overflow = next;
      i += 2;
      continue;
    }
    const bits = fieldBitsAt(args, i + 1);
    if (bits === 0) return refuse(context, INVALID_BITFIELD_TYPE);
    const offset = readBitOffset(context, args, i + 2, bits);
    if (offset < 0) return undefined;
    const amount = kind === 'get' ? 0n : bigIntegerAt(args, i + 3);
    if (amount === undefined) return refuse(context, NOT_INTEGER);
    operations.push({ kind, bits, isSigned: isSignedAt(args, i + 1), offset, overflow, amount });
    i += kind === 'get' ? 3 : 4;
  }
  return operations;
}

function kindAt(args: Args, i: number): FieldOperation['kind'] | undefined {
  if (isKeyword(args, i, 'get')) return 'get';
  if (isKeyword(args, i, 'set')) return 'set';
  return isKeyword(args, i, 'incrby') ? 'incrby' : undefined;
}

function overflowAt(args: Args, i: number): Overflow | undefined {
  if (isKeyword(args, i, 'wrap')) return Overflow.wrap;
  if (isKeyword(args, i, 'sat')) return Overflow.saturate;
  return isKeyword(args, i, 'fail') ? Overflow.fail : undefined;
}

const letterI = 0x69;
const letterU = 0x75;

function isSignedAt(args: Args, i: number): boolean {
  return args.buffer.u8[args.start[i]] === letterI;
}

/** The width that `i16` or `u8` gives (lower case only); 0 when it is no type of a field. */
function fieldBitsAt(args: Args, i: number): number {
  const letter = args.end[i] > args.start[i] ? args.buffer.u8[args.start[i]] : 0;
  if (letter !== letterI && letter !== letterU) return 0;
  const bits = parseInteger(args.buffer.u8, args.start[i] + 1, args.end[i]);
  return bits >= 1 && bits <= (letter === letterI ? 64 : 63) ? bits : 0;
}

function refuse(context: CommandContext, error: string): undefined {
  context.reply.error(error);
  return undefined;
}
