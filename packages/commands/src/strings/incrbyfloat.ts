import { ByteBuffer } from '@kvartz/base';
import { KEEP_TTL } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { NAN_OR_INFINITY, NOT_FLOAT } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, stringToWrite } from '../lookup.ts';
import { decimalSum, NoSum } from './decimal-sum.ts';
import { replyOutOfMemory } from './store.ts';

/** The largest long double has 4933 digits; with a sign, a point and 17 decimals it still fits. */
const digits = new ByteBuffer(5 * 1024);
const zero = ByteBuffer.from(Uint8Array.of(0x30));

/** INCRBYFLOAT key increment. */
export function incrbyfloat(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = stringToWrite(context, args, 1);
  if (entry === REFUSED) return;
  let value = zero;
  let start = 0;
  let end = 1;
  if (entry !== 0) ({ buffer: value, start, end } = db.stringOf(entry));
  const text = sumOf(context, value, start, end, args);
  if (text === undefined) return;
  for (let i = 0; i < text.length; i++) digits.u8[i] = text.charCodeAt(i);
  if (db.setString(args.buffer, args.start[1], args.end[1], digits, 0, text.length, KEEP_TTL) === 0) {
    return replyOutOfMemory(context);
  }
  context.touch(args, 1, KeyEvents.incrByFloat);
  reply.bulk(digits, 0, text.length);
  // Other machines may round otherwise: the result is repeated, not the addition.
  if (context.isPropagating) context.propagate('SET', { args, index: 1 }, text, 'KEEPTTL');
}

/** Undefined when there is no sum, which has then been answered. */
function sumOf(context: CommandContext, value: ByteBuffer, start: number, end: number, args: Args): string | undefined {
  const sum = decimalSum(value, start, end, args.buffer, args.start[2], args.end[2]);
  if (typeof sum === 'string') return sum;
  const isNumber = sum === NoSum.infinite || sum === NoSum.infiniteAmount;
  context.reply.error(isNumber ? NAN_OR_INFINITY : NOT_FLOAT);
  return undefined;
}
