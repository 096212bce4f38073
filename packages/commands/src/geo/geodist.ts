import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { readUnit } from './arguments.ts';
import { latitudeOf, longitudeOf } from './coordinates.ts';
import { withDecimals } from './decimals.ts';
import { distanceBetween, exactDistance, isDoubtful } from './distance.ts';

/** GEODIST key member member [M | KM | FT | MI]. */
export function geodist(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  if (args.count > 5) return reply.error(SYNTAX_ERROR);
  const unit = args.count === 5 ? readUnit(context, args, 4) : 1;
  if (unit === 0) return;
  const entry = typedToRead(context, args, 1, ValueType.zset);
  if (entry === REFUSED) return;
  if (entry === 0) return reply.null();
  const { buffer, start, end } = args;
  const from = db.sortedSets.scoreOf(entry, buffer, start[2], end[2]);
  const to = db.sortedSets.scoreOf(entry, buffer, start[3], end[3]);
  if (Number.isNaN(from) || Number.isNaN(to)) return reply.null();
  const longitude = longitudeOf(from);
  const latitude = latitudeOf(from);
  let distance = distanceBetween(longitude, latitude, longitudeOf(to), latitudeOf(to));
  if (isDoubtful(distance, unit)) distance = exactDistance(longitude, latitude, longitudeOf(to), latitudeOf(to));
  reply.bulkText(withDecimals(distance / unit, 4));
}
