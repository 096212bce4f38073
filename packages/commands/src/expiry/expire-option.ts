import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword, lengthAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { invalidExpireTime, NOT_INTEGER } from '../errors.ts';
import { expireTimeAt } from './expire-time.ts';

/** The options of SET and GETEX that give a key its time, each followed by a number. */
export const ExpireOption = { none: 0, ex: 1, px: 2, exat: 3, pxat: 4 } as const;
export type ExpireOption = (typeof ExpireOption)[keyof typeof ExpireOption];

export function expireOptionAt(args: Args, i: number): ExpireOption {
  if (lengthAt(args, i) === 2) {
    if (isKeyword(args, i, 'ex')) return ExpireOption.ex;
    if (isKeyword(args, i, 'px')) return ExpireOption.px;
  } else {
    if (isKeyword(args, i, 'exat')) return ExpireOption.exat;
    if (isKeyword(args, i, 'pxat')) return ExpireOption.pxat;
  }
  return ExpireOption.none;
}

/** Milliseconds since the epoch; NaN when it was no positive time, which has then been answered. */
export function readExpireOption(
  context: CommandContext,
  args: Args,
  option: ExpireOption,
  i: number,
  command: string,
): number {
  const value = integerAt(args, i);
  if (Number.isNaN(value)) {
    context.reply.error(NOT_INTEGER);
    return NaN;
  }
  const unitMs = option === ExpireOption.ex || option === ExpireOption.exat ? 1000 : 1;
  const baseMs = option === ExpireOption.ex || option === ExpireOption.px ? context.nowMs : 0;
  const atMs = value <= 0 ? Infinity : expireTimeAt(args, i, unitMs, baseMs);
  if (atMs !== Infinity) return atMs;
  context.reply.error(invalidExpireTime(command));
  return NaN;
}
