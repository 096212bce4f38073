import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext, EffectPart } from '../context.ts';
import { FIELD_COUNT_MISMATCH, FIELDS_MISSING } from '../errors.ts';

/** Instead of an index: an error has been answered. */
export const REFUSED_LIST = -1;

/**
 * `FIELDS count field [field ...]` at the end of a request, from argument `i` on. Returns the index of the first field; the
 * others follow up to the last argument. `notPositive`: what a bad count is answered with.
 */
export function fieldListAt(context: CommandContext, args: Args, i: number, notPositive: string): number {
  const error = errorIn(args, i, notPositive);
  if (error === undefined) return i + 2;
  context.reply.error(error);
  return REFUSED_LIST;
}

function errorIn(args: Args, i: number, notPositive: string): string | undefined {
  if (i >= args.count || !isKeyword(args, i, 'fields')) return FIELDS_MISSING;
  const count = i + 1 < args.count ? integerAt(args, i + 1) : NaN;
  if (!(count > 0)) return notPositive;
  return count === args.count - i - 2 ? undefined : FIELD_COUNT_MISMATCH;
}

/** The arguments `indexes` as parts of an effect. */
export function partsOf(args: Args, indexes: readonly number[]): EffectPart[] {
  return indexes.map((index) => ({ args, index }));
}
