import { ByteBuffer } from '@kvartz/base';
import { KEEP_TTL } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { NAN_OR_INFINITY, NOT_FLOAT } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, stringToWrite } from '../lookup.ts';
import { addLongDoubles, formatLongDouble, parseLongDouble } from './long-double.ts';
import { addShortDecimals, ShortDecimal } from './short-decimal.ts';
import { replyOutOfMemory } from './store.ts';

/** The largest long double has 4933 digits; with a sign, a point and 17 decimals it still fits. */
const digits = new ByteBuffer(5 * 1024);
const zero = ByteBuffer.from(Uint8Array.of(0x30));
const current = new ShortDecimal();
const increment = new ShortDecimal();

/** INCRBYFLOAT key increment: adds as an x87 does and prints 17 decimals, so that results are Redis's to the last digit. */
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
  const { buffer } = args;
  if (current.parse(value.u8, start, end) && increment.parse(buffer.u8, args.start[2], args.end[2])) {
    const text = addShortDecimals(current, increment);
    if (text !== undefined) return text;
  }
  const a = parseLongDouble(value.u8, start, end);
  const b = parseLongDouble(buffer.u8, args.start[2], args.end[2]);
  if (a === undefined || b === undefined) {
    context.reply.error(NOT_FLOAT);
    return undefined;
  }
  const sum = typeof a === 'number' || typeof b === 'number' ? Infinity : addLongDoubles(a, b);
  if (typeof sum !== 'number') return formatLongDouble(sum);
  context.reply.error(NAN_OR_INFINITY);
  return undefined;
}
