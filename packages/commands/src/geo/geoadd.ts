import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { AddFlag, addMembers, scoreBuffer } from '../sorted-sets/add-members.ts';
import { position, readPosition } from './arguments.ts';
import { scoreOf } from './coordinates.ts';

/** GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]. */
export function geoadd(context: CommandContext, args: Args): void {
  let flags = 0;
  let first = 2;
  for (; first < args.count; first++) {
    if (isKeyword(args, first, 'nx')) flags |= AddFlag.nx;
    else if (isKeyword(args, first, 'xx')) flags |= AddFlag.xx;
    else if (isKeyword(args, first, 'ch')) flags |= AddFlag.ch;
    else break;
  }
  const count = (args.count - first) / 3;
  const isConflict = (flags & AddFlag.nx) !== 0 && (flags & AddFlag.xx) !== 0;
  if (count === 0 || !Number.isInteger(count) || isConflict) return context.reply.error(SYNTAX_ERROR);
  const scores = scoreBuffer(count);
  for (let i = 0; i < count; i++) {
    if (!readPosition(context, args, first + i * 3)) return;
    scores[i] = scoreOf(position[0], position[1]);
  }
  addMembers(context, args, 1, flags, count, first + 2, 3);
}
