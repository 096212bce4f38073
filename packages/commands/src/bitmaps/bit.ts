import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { BIT_OUT_OF_RANGE } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, stringToRead } from '../lookup.ts';
import { readBitOffset } from './bit-offset.ts';
import { bitsToWrite } from './writable-bits.ts';

/** SETBIT key offset bit. Bit 0 is the highest of byte 0. */
export function setbit(context: CommandContext, args: Args): void {
  const { reply } = context;
  const offset = readBitOffset(context, args, 2);
  if (offset < 0) return;
  const bit = integerAt(args, 3);
  if (bit !== 0 && bit !== 1) return reply.error(BIT_OUT_OF_RANGE);
  const target = bitsToWrite(context, args, offset);
  if (target === undefined) return;
  const { u8 } = target.bytes.buffer;
  const at = target.bytes.start + Math.floor(offset / 8);
  const mask = 0x80 >> (offset % 8);
  const old = (u8[at] & mask) === 0 ? 0 : 1;
  if (old !== bit) u8[at] ^= mask;
  if (old !== bit || target.hasGrown) context.touch(args, 1, KeyEvents.setBit);
  reply.integer(old);
}

export function getbit(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const offset = readBitOffset(context, args, 2);
  if (offset < 0) return;
  const entry = stringToRead(context, args, 1);
  if (entry === REFUSED) return;
  const index = Math.floor(offset / 8);
  if (entry === 0 || index >= db.stringLength(entry)) return reply.integer(0);
  const value = db.stringOf(entry);
  reply.integer((value.buffer.u8[value.start + index] >> (7 - (offset % 8))) & 1);
}
