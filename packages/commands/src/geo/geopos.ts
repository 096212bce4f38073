import { ByteBuffer } from '@kvartz/base';
import { ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { latitudeOf, longitudeOf } from './coordinates.ts';
import { replyPosition } from './reply-points.ts';

/** GEOPOS key [member ...]. */
export function geopos(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = typedToRead(context, args, 1, ValueType.zset);
  if (entry === REFUSED) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const score = entry === 0 ? NaN : db.sortedSets.scoreOf(entry, args.buffer, args.start[i], args.end[i]);
    if (Number.isNaN(score)) reply.nullArray();
    else replyPosition(reply, score);
  }
}

/** GEOHASH key [member ...]: as other systems write positions, https://en.wikipedia.org/wiki/Geohash. */
export function geohash(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = typedToRead(context, args, 1, ValueType.zset);
  if (entry === REFUSED) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const score = entry === 0 ? NaN : db.sortedSets.scoreOf(entry, args.buffer, args.start[i], args.end[i]);
    if (Number.isNaN(score)) reply.null();
    else replyGeohash(reply, longitudeOf(score), latitudeOf(score));
  }
}

const alphabet = '0123456789bcdefghjkmnpqrstuvwxyz';
const geohashLength = 11;
const text = new ByteBuffer(16);

/**
 * Eleven characters of 5 bits, of longitude and latitude in turn, with latitudes up to 90 degrees. 52 bits make ten characters; the last
 * one is always 0.
 */
function replyGeohash(reply: ReplyWriter, longitude: number, latitude: number): void {
  const east = Math.floor(((longitude + 180) / 360) * 2 ** 26);
  const north = Math.floor(((latitude + 90) / 180) * 2 ** 26);
  for (let i = 0; i < geohashLength - 1; i++) {
    let digit = 0;
    // The bits of a character begin with the longitude in even places, with the latitude in odd ones.
    for (let bit = i * 5; bit < i * 5 + 5; bit++) {
      const cell = bit % 2 === 0 ? east : north;
      digit = (digit << 1) | (Math.floor(cell / 2 ** (25 - (bit >> 1))) & 1);
    }
    text.u8[i] = alphabet.charCodeAt(digit);
  }
  text.u8[geohashLength - 1] = alphabet.charCodeAt(0);
  reply.bulk(text, 0, geohashLength);
}
