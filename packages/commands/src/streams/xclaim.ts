import { StreamId } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword, textAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { invalidClaimArgument, unrecognizedClaimOption } from '../errors.ts';
import { putHeadFirst } from '../reply-head.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { Claim, Claimed } from './claim.ts';
import { propagateGroup } from './group-effects.ts';
import { findGroup, found } from './groups-of-key.ts';
import { strictIdAt } from './id-argument.ts';

const id = new StreamId();
const lastId = new StreamId();
const groupLastId = new StreamId();
const claim = new Claim();

/** XCLAIM key group consumer min-idle-ms id [id ...] [IDLE ms] [TIME ms] [RETRYCOUNT n] [FORCE] [JUSTID] [LASTID id]. */
export function xclaim(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  if (!findGroup(context, args, 1, 2)) return;
  const idleMsMin = integerAt(args, 4);
  if (Number.isNaN(idleMsMin)) return reply.error(invalidClaimArgument('min-idle-time', 'XCLAIM'));
  claim.begin(context, args, found.stream, found.group, Math.max(0, idleMsMin));
  const idsEnd = endOfIds(args);
  lastId.setMin();
  if (!readOptions(context, args, idsEnd)) return;
  const { streamGroups } = db;
  const { group } = claim;
  let isAheadOnly = lastId.compare(streamGroups.lastId(group, groupLastId)) > 0;
  if (isAheadOnly) streamGroups.setLastId(group, lastId);
  const bodyStart = reply.position;
  let claimed = 0;
  for (let i = 5; i < idsEnd; i++) {
    id.parse(args.buffer.u8, args.start[i], args.end[i]);
    const outcome = claim.take(context, args, id);
    if (outcome === Claimed.nothing) continue;
    if (outcome === Claimed.noMemory) {
      if (claimed === 0) return endWithoutMemory(context, args, bodyStart, isAheadOnly);
      break;
    }
    if (outcome === Claimed.yes) claimed++;
    isAheadOnly = false;
  }
  if (isAheadOnly) {
    propagateGroup(context, args, 1, 2, group);
    context.countChanges(1);
  }
  if (context.isPropagating) context.propagateNothing();
  const headStart = reply.position;
  reply.array(claimed);
  putHeadFirst(reply, bodyStart, headStart);
}

function endWithoutMemory(context: CommandContext, args: Args, bodyStart: number, isAhead: boolean): void {
  if (isAhead) propagateGroup(context, args, 1, 2, claim.group);
  if (context.isPropagating) context.propagateNothing();
  replyOutOfMemory(context, bodyStart);
}

/** The argument after the last one that is an ID. */
function endOfIds(args: Args): number {
  let i = 5;
  while (i < args.count && id.parse(args.buffer.u8, args.start[i], args.end[i])) i++;
  return i;
}

function readOptions(context: CommandContext, args: Args, first: number): boolean {
  const { nowMs, reply } = context;
  const last = args.count - 1;
  for (let i = first; i <= last; i++) {
    if (isKeyword(args, i, 'force')) claim.isForced = true;
    else if (isKeyword(args, i, 'justid')) claim.isJustId = true;
    else if (i < last && isKeyword(args, i, 'lastid')) {
      if (!strictIdAt(context, args, ++i, lastId)) return false;
    } else {
      const name = i < last ? ['idle', 'time', 'retrycount'].find((option) => isKeyword(args, i, option)) : undefined;
      if (name === undefined) {
        reply.error(unrecognizedClaimOption(textAt(args, i)));
        return false;
      }
      const value = integerAt(args, ++i);
      if (Number.isNaN(value)) {
        reply.error(invalidClaimArgument(`${name.toUpperCase()} option`, 'XCLAIM'));
        return false;
      }
      if (name === 'retrycount') claim.deliveries = value;
      else claim.deliveredMs = name === 'idle' ? nowMs - value : value;
    }
  }
  // Clients reckon times by their own clocks: what cannot be is now.
  if (!(claim.deliveredMs >= 0 && claim.deliveredMs <= nowMs)) claim.deliveredMs = nowMs;
  return true;
}
