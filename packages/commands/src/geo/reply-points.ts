import type { ReplyWriter } from '@kvartz/resp';
import { asciiBytes } from '@kvartz/base';
import { latitudeOf, longitudeOf } from './coordinates.ts';
import { coordinateText, withDecimals } from './decimals.ts';
import type { FoundPoints } from './found-points.ts';
import type { SearchRequest } from './search-request.ts';

/** The first `count` points: members, or arrays that begin with the member where more is asked for. */
export function replyPoints(
  reply: ReplyWriter,
  request: SearchRequest,
  found: FoundPoints,
  order: Uint32Array,
  count: number,
): void {
  const { withDistance, withHash, withPosition } = request;
  const details = (withDistance ? 1 : 0) + (withHash ? 1 : 0) + (withPosition ? 1 : 0);
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const point = order[i];
    const score = found.scores[point];
    if (details > 0) reply.array(details + 1);
    reply.bulk(found.members, found.memberStart(point), found.memberEnds[point]);
    if (withDistance) reply.bulkText(withDecimals(request.shape.printedDistanceTo(score, found.distances[point]), 4));
    if (withHash) replyHash(reply, score);
    if (withPosition) replyPosition(reply, score);
  }
}

/** Longitude and latitude. */
export function replyPosition(reply: ReplyWriter, score: number): void {
  reply.array(2);
  replyCoordinate(reply, longitudeOf(score));
  replyCoordinate(reply, latitudeOf(score));
}

/** RESP3: a double, with as many digits. */
function replyCoordinate(reply: ReplyWriter, n: number): void {
  const text = coordinateText(n);
  if (reply.protocol === 2) return reply.bulkText(text);
  const line = asciiBytes(`,${text}\r\n`);
  reply.raw(line, 0, line.length);
}

function replyHash(reply: ReplyWriter, score: number): void {
  const bits = Math.trunc(score);
  if (Number.isSafeInteger(bits)) reply.integer(bits);
  // A score that is no position, as a 64-bit integer.
  else if (Math.abs(bits) < 2 ** 63) reply.bigInteger(BigInt(bits));
  else reply.bigInteger(-(2n ** 63n));
}
