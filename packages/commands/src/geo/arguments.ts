import { parseDouble } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { GEO_UNIT, invalidPosition, NOT_FLOAT } from '../errors.ts';
import { latitudeMax, longitudeMax } from './coordinates.ts';
import { withDecimals } from './decimals.ts';

/** Longitude and latitude that `readPosition` has read. */
export const position = new Float64Array(2);

export function doubleAt(args: Args, i: number): number {
  return parseDouble(args.buffer.u8, args.start[i], args.end[i]);
}

/** Reads longitude and latitude from argument `i` on into `position`. False when they are none, which has been answered. */
export function readPosition(context: CommandContext, args: Args, i: number): boolean {
  const longitude = doubleAt(args, i);
  const latitude = Number.isNaN(longitude) ? NaN : doubleAt(args, i + 1);
  if (Number.isNaN(latitude)) {
    context.reply.error(NOT_FLOAT);
    return false;
  }
  if (Math.abs(longitude) > longitudeMax || Math.abs(latitude) > latitudeMax) {
    context.reply.error(invalidPosition(withDecimals(longitude, 6), withDecimals(latitude, 6)));
    return false;
  }
  position[0] = longitude;
  position[1] = latitude;
  return true;
}

/** Metres of the unit in argument `i`; 0 when it is none, which has been answered. */
export function readUnit(context: CommandContext, args: Args, i: number): number {
  if (isKeyword(args, i, 'm')) return 1;
  if (isKeyword(args, i, 'km')) return 1000;
  if (isKeyword(args, i, 'ft')) return 0.3048;
  if (isKeyword(args, i, 'mi')) return 1609.34;
  context.reply.error(GEO_UNIT);
  return 0;
}
