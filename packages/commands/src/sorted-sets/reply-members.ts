import { type EntryRef, MemberRun } from '@kvartz/engine';
import type { ReplyWriter } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { replyScore } from './reply-score.ts';

/** Members up to this length are copied by words without regard to where they end. */
const shortMax = 96;
/** A line with a length, and the line end behind the bytes. */
const headBytes = 32;
const run = new MemberRun(64);

/** Begins a reply of `count` members: with scores RESP2 has one flat array, RESP3 an array of pairs. */
export function beginMembers({ reply }: CommandContext, count: number, isWithScores: boolean): void {
  reply.array(isWithScores && reply.protocol === 2 ? count * 2 : count);
}

/** The member that the walk has come to. */
export function replyMember({ db, reply }: CommandContext, isWithScore: boolean): void {
  const { member, score } = db.sortedSets;
  if (isWithScore && reply.protocol === 3) reply.array(2);
  reply.bulk(member.buffer, member.start, member.end);
  if (isWithScore) replyScore(reply, score);
}

/** `count` members from rank `first` on, upwards or downwards; all of them are there. */
export function replyRange(
  context: CommandContext,
  e: EntryRef,
  first: number,
  count: number,
  isReverse: boolean,
  isWithScores: boolean,
): void {
  const sets = context.db.sortedSets;
  beginMembers(context, count, isWithScores);
  if (count === 0) return;
  sets.seek(e, first);
  for (let left = count; left > 0;) {
    if (isWithScores) {
      if (isReverse) sets.previous();
      else sets.next();
      replyMember(context, true);
      left--;
    } else {
      const members = sets.nextRun(run, left, isReverse);
      replyRun(context.reply, run, members);
      left -= members;
    }
  }
}

/** The members of a run as bulks: `reply.bulk` for each takes twice as long. */
function replyRun(reply: ReplyWriter, members: MemberRun, count: number): void {
  const { buffer: source, ends, starts } = members;
  for (let i = 0; i < count; i++) {
    const start = starts[i];
    const end = ends[i];
    const length = end - start;
    // Words are copied whole; what they write behind the member is overwritten by what follows.
    if (length > shortMax || start + shortMax + 8 > source.u8.length) {
      reply.bulk(source, start, end);
      continue;
    }
    reply.reserve(shortMax + headBytes);
    const { dv, u8 } = reply.buffer;
    let at = reply.position;
    if (length <= 9) {
      dv.setUint32(at, 0x24300d0a + (length << 16)); // $, a digit, CR LF
      at += 4;
    } else {
      const tens = (length / 10) | 0;
      u8[at] = 0x24;
      dv.setUint32(at + 1, 0x30300d0a + (tens << 24) + ((length - tens * 10) << 16));
      at += 5;
    }
    for (let from = start, to = at; from < end; from += 8, to += 8) {
      dv.setBigUint64(to, source.dv.getBigUint64(from, true), true);
    }
    dv.setUint16(at + length, 0x0d0a);
    reply.position = at + length + 2;
  }
}
