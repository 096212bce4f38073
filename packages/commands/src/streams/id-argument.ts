import type { StreamId } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { lengthAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { INVALID_STREAM_END, INVALID_STREAM_ID, INVALID_STREAM_START } from '../errors.ts';

const minus = 0x2d;
const plus = 0x2b;
const parenthesis = 0x28;

/** Reads argument `i`, `ms-seq` or `ms`. False: it is no ID, which has been answered. */
export function strictIdAt(context: CommandContext, args: Args, i: number, into: StreamId): boolean {
  return into.parse(args.buffer.u8, args.start[i], args.end[i]) || refused(context, INVALID_STREAM_ID);
}

/** The same, where `-` is the lowest ID and `+` the highest one. */
export function idAt(context: CommandContext, args: Args, i: number, into: StreamId, isEnd = false): boolean {
  if (isOneByte(args, i, minus)) into.setMin();
  else if (isOneByte(args, i, plus)) into.setMax();
  else if (!into.parse(args.buffer.u8, args.start[i], args.end[i], isEnd)) return refused(context, INVALID_STREAM_ID);
  return true;
}

/** The first ID of a range: as `idAt`, or `(` and an ID that does not belong to it. */
export function startIdAt(context: CommandContext, args: Args, i: number, into: StreamId): boolean {
  if (!isExclusive(args, i)) return idAt(context, args, i, into);
  if (!into.parse(args.buffer.u8, args.start[i] + 1, args.end[i])) return refused(context, INVALID_STREAM_ID);
  return into.increment() || refused(context, INVALID_STREAM_START);
}

/** The last ID of a range: the sequence number is the highest where it is missing. */
export function endIdAt(context: CommandContext, args: Args, i: number, into: StreamId): boolean {
  if (!isExclusive(args, i)) return idAt(context, args, i, into, true);
  if (!into.parse(args.buffer.u8, args.start[i] + 1, args.end[i], true)) return refused(context, INVALID_STREAM_ID);
  return into.decrement() || refused(context, INVALID_STREAM_END);
}

function isExclusive(args: Args, i: number): boolean {
  return lengthAt(args, i) > 1 && args.buffer.u8[args.start[i]] === parenthesis;
}

export function isOneByte(args: Args, i: number, byte: number): boolean {
  return lengthAt(args, i) === 1 && args.buffer.u8[args.start[i]] === byte;
}

function refused(context: CommandContext, text: string): false {
  context.reply.error(text);
  return false;
}
