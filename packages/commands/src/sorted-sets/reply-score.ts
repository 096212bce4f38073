import type { ReplyWriter } from '@kvartz/resp';

/** Decimals up to which JavaScript and Redis lay the digits of a double out alike. */
const plainDecimalsMax = 6;

/** A double as `reply.double` writes it; quicker for integers and for those of few decimals. */
export function replyScore(reply: ReplyWriter, score: number): void {
  if (reply.protocol === 3) return reply.double(score);
  if (Number.isSafeInteger(score) && (score !== 0 || Object.is(score, 0))) return reply.bulkInteger(score);
  const text = String(score);
  const point = text.indexOf('.');
  if (point < 0 || text.length - point > plainDecimalsMax + 1 || text.includes('e')) return reply.double(score);
  reply.bulkText(text);
}
