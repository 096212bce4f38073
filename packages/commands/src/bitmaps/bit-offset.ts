import { parseInteger } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { BIT_OFFSET_OUT_OF_RANGE } from '../errors.ts';

const hash = 0x23;

/**
 * The bit offset in argument `i`; `#n` means n fields of `fieldBits` bits, where a command has fields. -1 when it is none,
 * or lies past the longest string, which has then been answered.
 */
export function readBitOffset(context: CommandContext, args: Args, i: number, fieldBits = 0): number {
  const { u8 } = args.buffer;
  const start = args.start[i];
  const isCounted = fieldBits > 0 && start < args.end[i] && u8[start] === hash;
  const number = parseInteger(u8, isCounted ? start + 1 : start, args.end[i]);
  const offset = isCounted ? number * fieldBits : number;
  // False for NaN too.
  if (offset >= 0 && Math.floor(offset / 8) < context.bulkBytesMax) return offset;
  context.reply.error(BIT_OFFSET_OUT_OF_RANGE);
  return -1;
}
