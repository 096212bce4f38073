import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword, textAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { FXX_WITH_FNX, INVALID_FIELD_COUNT, ONE_FIELD_EXPIRY, unknownArgument, wrongArity } from '../errors.ts';
import { ExpireOption, expireOptionAt } from '../expiry/expire-option.ts';
import { optionFieldTime } from './field-time.ts';

const countMax = 2 ** 31 - 1;

/** `HSETEX key [FNX | FXX] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL] FIELDS count field value [field value ...]`, read. */
export interface HsetexRequest {
  /** `fnx`: only if none of the fields is there; `fxx`: only if all are. */
  readonly condition: 'none' | 'fnx' | 'fxx';
  readonly isTimeKept: boolean;
  /** Infinity: none is given. */
  readonly atMs: number;
  /** The argument that is the first field. */
  readonly first: number;
}

/** Undefined: an error has been answered. */
export function readHsetex(context: CommandContext, args: Args): HsetexRequest | undefined {
  const refuse = (error: string): undefined => context.reply.error(error) as undefined;
  let condition: HsetexRequest['condition'] = 'none';
  let isTimeKept = false;
  let atMs = Infinity;
  for (let i = 2; i < args.count; i++) {
    const option = expireOptionAt(args, i);
    const isKeep = isKeyword(args, i, 'keepttl');
    if (isKeyword(args, i, 'fields')) {
      const error = errorInPairs(args, i);
      return error === undefined ? { condition, isTimeKept, atMs, first: i + 2 } : refuse(error);
    }
    if (isKeep || option !== ExpireOption.none) {
      if (isTimeKept || atMs !== Infinity) return refuse(ONE_FIELD_EXPIRY);
      isTimeKept = isKeep;
      if (isKeep) continue;
      atMs = optionFieldTime(context, args, option, ++i, 'hsetex');
      if (Number.isNaN(atMs)) return undefined;
    } else if (isKeyword(args, i, 'fxx') || isKeyword(args, i, 'fnx')) {
      if (condition !== 'none') return refuse(FXX_WITH_FNX);
      condition = isKeyword(args, i, 'fxx') ? 'fxx' : 'fnx';
    } else return refuse(unknownArgument(textAt(args, i)));
  }
  // All options together are fewer arguments than the arity wants: a request without FIELDS has ended above.
  return refuse(wrongArity('hsetex'));
}

/** What is wrong with the list of pairs that begins with the keyword at argument `i`. */
function errorInPairs(args: Args, i: number): string | undefined {
  if (i >= args.count - 3) return wrongArity('hsetex');
  const count = integerAt(args, i + 1);
  if (!(count >= 1 && count <= countMax)) return INVALID_FIELD_COUNT;
  return count * 2 === args.count - i - 2 ? undefined : wrongArity('hsetex');
}
