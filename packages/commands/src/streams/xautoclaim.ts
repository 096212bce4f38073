import { StreamId } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { CLAIM_COUNT, invalidClaimArgument, SYNTAX_ERROR } from '../errors.ts';
import { keyToRead } from '../lookup.ts';
import { putHeadFirst } from '../reply-head.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { Claim, Claimed } from './claim.ts';
import { findGroupOf, found } from './groups-of-key.ts';
import { startIdAt } from './id-argument.ts';
import { replyId } from './reply-entries.ts';

const defaultCount = 100;
/** Pending entries that are looked at for each that may be claimed. */
const looksPerClaim = 10;
/** Redis's bound: what 64 bits hold, over the bytes of an ID. */
const countMax = 2 ** 63 / 16;

const id = new StreamId();
const cursor = new StreamId();
const claim = new Claim();

/** XAUTOCLAIM key group consumer min-idle-ms start [COUNT n] [JUSTID]: cursor, what was claimed, IDs that are no more. */
export function xautoclaim(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = keyToRead(context, args, 1);
  const idleMsMin = integerAt(args, 4);
  if (Number.isNaN(idleMsMin)) return reply.error(invalidClaimArgument('min-idle-time', 'XAUTOCLAIM'));
  if (!startIdAt(context, args, 5, cursor)) return;
  let count = defaultCount;
  let isJustId = false;
  for (let i = 6; i < args.count; i++) {
    if (isKeyword(args, i, 'justid')) isJustId = true;
    else if (i + 1 < args.count && isKeyword(args, i, 'count')) {
      count = integerAt(args, ++i);
      if (!(count >= 1 && count < countMax)) return reply.error(CLAIM_COUNT);
    } else return reply.error(SYNTAX_ERROR);
  }
  if (!findGroupOf(context, args, e, 1, 2)) return;
  const { group } = found;
  claim.begin(context, args, found.stream, group, Math.max(0, idleMsMin));
  claim.isJustId = isJustId;
  const { pending } = db.streamGroups;
  const replyStart = reply.position;
  const deleted: string[] = [];
  let claimed = 0;
  let has = pending.seek(group, cursor);
  for (let looks = count * looksPerClaim; has && looks > 0 && count > 0; looks--) {
    id.copy(pending.id);
    const outcome = claim.take(context, args, id);
    if (outcome === Claimed.noMemory) {
      if (claimed + deleted.length > 0) break;
      return replyOutOfMemory(context, replyStart);
    }
    if (outcome === Claimed.yes) claimed++;
    if (outcome === Claimed.deleted) deleted.push(String(id));
    if (outcome !== Claimed.nothing) count--;
    has = outcome === Claimed.deleted ? pending.seek(group, id) : pending.next();
  }
  if (context.isPropagating) context.propagateNothing();
  const headStart = reply.position;
  reply.array(3);
  replyId(reply, has ? pending.id : id.setMin());
  reply.array(claimed);
  putHeadFirst(reply, replyStart, headStart);
  reply.array(deleted.length);
  for (const text of deleted) reply.bulkText(text);
}
