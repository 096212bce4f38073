import type { EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { invalidExpireTime, NEGATIVE_EXPIRE_TIME, NOT_INTEGER } from '../errors.ts';
import { ExpireOption } from '../expiry/expire-option.ts';

/** Redis keeps two of the 48 bits of such a time for itself. */
const fieldTimeMaxMs = 2 ** 46 - 1;

/**
 * The moment that argument `i` means for a field, in milliseconds since the epoch: `baseMs + argument * unitMs`. NaN when it is
 * none, which has then been answered.
 */
export function fieldTimeAt(
  context: CommandContext,
  args: Args,
  i: number,
  unitMs: number,
  baseMs: number,
  command: string,
): number {
  const value = integerAt(args, i);
  const atMs = baseMs + value * unitMs;
  if (value >= 0 && atMs <= fieldTimeMaxMs) return atMs;
  context.reply.error(
    Number.isNaN(value) ? NOT_INTEGER : value < 0 ? NEGATIVE_EXPIRE_TIME : invalidExpireTime(command),
  );
  return NaN;
}

/** The same for the number behind EX, PX, EXAT or PXAT. */
export function optionFieldTime(
  context: CommandContext,
  args: Args,
  option: ExpireOption,
  i: number,
  command: string,
): number {
  const unitMs = option === ExpireOption.ex || option === ExpireOption.exat ? 1000 : 1;
  const baseMs = option === ExpireOption.ex || option === ExpireOption.px ? context.nowMs : 0;
  return fieldTimeAt(context, args, i, unitMs, baseMs, command);
}

/**
 * Gives field `i` a time. 0 is no time in a listpack, so what is told to be past but has to be kept (on a replica) is kept with a
 * time of 1. False: no memory, and nothing has changed.
 */
export function storeFieldTime({ db }: CommandContext, args: Args, entry: EntryRef, i: number, atMs: number): boolean {
  return db.hashes.timed.setTime(entry, args.buffer, args.start[i], args.end[i], Math.max(1, atMs));
}

/** When field `i` expires; Infinity: never; NaN: there is no such field, or its time has come. */
export function fieldTime({ db }: CommandContext, args: Args, entry: EntryRef, i: number): number {
  const atMs = db.hashes.timed.timeOf(entry, args.buffer, args.start[i], args.end[i]);
  return atMs < db.visibleFromMs ? NaN : atMs;
}
