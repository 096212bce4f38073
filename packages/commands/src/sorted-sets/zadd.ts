import { parseDouble } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { GT_LT_NX, INCR_SINGLE_PAIR, NOT_FLOAT, SYNTAX_ERROR, XX_AND_NX } from '../errors.ts';
import { AddFlag, addMembers, scoreBuffer } from './add-members.ts';

/** ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]. */
export function zadd(context: CommandContext, args: Args): void {
  add(context, args, 0);
}

/** ZINCRBY key increment member. */
export function zincrby(context: CommandContext, args: Args): void {
  add(context, args, AddFlag.incr);
}

function add(context: CommandContext, args: Args, given: number): void {
  const { reply } = context;
  let flags = given;
  let first = 2;
  for (; first < args.count; first++) {
    const flag = optionAt(args, first);
    if (flag === 0) break;
    flags |= flag;
  }
  const pairs = (args.count - first) / 2;
  if (pairs === 0 || !Number.isInteger(pairs)) return reply.error(SYNTAX_ERROR);
  if ((flags & AddFlag.nx) !== 0 && (flags & AddFlag.xx) !== 0) return reply.error(XX_AND_NX);
  if (countBits(flags & (AddFlag.nx | AddFlag.gt | AddFlag.lt)) > 1) return reply.error(GT_LT_NX);
  if ((flags & AddFlag.incr) !== 0 && pairs > 1) return reply.error(INCR_SINGLE_PAIR);
  const scores = scoreBuffer(pairs);
  for (let i = 0; i < pairs; i++) {
    const at = first + i * 2;
    const score = parseDouble(args.buffer.u8, args.start[at], args.end[at]);
    if (Number.isNaN(score)) return reply.error(NOT_FLOAT);
    scores[i] = score;
  }
  addMembers(context, args, 1, flags, pairs, first + 1, 2);
}

/** The flag that argument `i` is; 0: none. Options are words of two letters, and one of four. */
function optionAt(args: Args, i: number): number {
  const bytes = args.end[i] - args.start[i];
  if (bytes === 4) return isKeyword(args, i, 'incr') ? AddFlag.incr : 0;
  if (bytes !== 2) return 0;
  if (isKeyword(args, i, 'nx')) return AddFlag.nx;
  if (isKeyword(args, i, 'xx')) return AddFlag.xx;
  if (isKeyword(args, i, 'gt')) return AddFlag.gt;
  if (isKeyword(args, i, 'lt')) return AddFlag.lt;
  return isKeyword(args, i, 'ch') ? AddFlag.ch : 0;
}

function countBits(flags: number): number {
  let bits = 0;
  for (let left = flags; left !== 0; left &= left - 1) bits++;
  return bits;
}
