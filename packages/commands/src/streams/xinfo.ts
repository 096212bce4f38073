import { type EntryRef, StreamId, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword, textAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NO_SUCH_KEY, NOT_INTEGER, wrongSubcommandArity } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { replyEntry, replyId } from './reply-entries.ts';
import { replyFullGroups } from './xinfo-full.ts';

const id = new StreamId();
/** Pairs that `replyNumbers` writes. */
const numberPairs = 7;
/** COUNT of FULL where there is none. */
const fullCount = 10;

/** XINFO STREAM key [FULL [COUNT n]]. */
export function xinfoStream(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = typedToRead(context, args, 2, ValueType.stream);
  if (e === REFUSED) return;
  if (e === 0) return reply.error(NO_SUCH_KEY);
  if (args.count > 3) return replyFull(context, args, e);
  reply.map(numberPairs + 3);
  replyNumbers(context, e);
  reply.bulkText('groups');
  reply.integer(db.streamGroups.count(e));
  reply.bulkText('first-entry');
  replyEdge(context, e, false);
  reply.bulkText('last-entry');
  replyEdge(context, e, true);
}

/** With entries and groups, of each list at most so many as COUNT says: 10, if nothing or less than 0; 0: all. */
function replyFull(context: CommandContext, args: Args, e: EntryRef): void {
  const { db, reply } = context;
  const isSyntax =
    isKeyword(args, 3, 'full') && (args.count === 4 || (args.count === 6 && isKeyword(args, 4, 'count')));
  if (!isSyntax) return reply.error(wrongSubcommandArity('XINFO', textAt(args, 1)));
  const count = args.count === 4 ? fullCount : integerAt(args, 5);
  if (Number.isNaN(count)) return reply.error(NOT_INTEGER);
  const countMax = count < 0 ? fullCount : count === 0 ? Infinity : count;
  reply.map(numberPairs + 2);
  replyNumbers(context, e);
  reply.bulkText('entries');
  let left = Math.min(db.streams.count(e), countMax);
  reply.array(left);
  const { walk } = db.streams;
  walk.seekAll(db.streams.root(e), false);
  for (; left > 0 && walk.next(); left--) replyEntry(reply, walk);
  reply.bulkText('groups');
  replyFullGroups(context, e, countMax);
}

/** What XINFO STREAM says of any stream, FULL or not. */
function replyNumbers({ db, reply }: CommandContext, e: EntryRef): void {
  const { streams } = db;
  const nodes = streams.nodeCount(e);
  reply.bulkText('length');
  reply.integer(streams.count(e));
  reply.bulkText('radix-tree-keys');
  reply.integer(nodes);
  reply.bulkText('radix-tree-nodes');
  reply.integer(nodes + 1);
  reply.bulkText('last-generated-id');
  replyId(reply, streams.lastId(e, id));
  reply.bulkText('max-deleted-entry-id');
  replyId(reply, streams.maxDeletedId(e, id));
  reply.bulkText('entries-added');
  const added = (BigInt(streams.entriesAddedHigh(e)) << 32n) | BigInt(streams.entriesAddedLow(e));
  reply.bigInteger(BigInt.asIntN(64, added));
  reply.bulkText('recorded-first-entry-id');
  replyId(reply, streams.firstId(e, id));
}

function replyEdge({ db, reply }: CommandContext, e: EntryRef, isLast: boolean): void {
  const { walk } = db.streams;
  walk.seekAll(db.streams.root(e), isLast);
  if (walk.next()) replyEntry(reply, walk);
  else reply.null();
}

const help = [
  'XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CONSUMERS <key> <groupname>',
  '    The consumers of a group, each with what waits for its acknowledgement.',
  'GROUPS <key>',
  '    The consumer groups of a stream.',
  'STREAM <key> [FULL [COUNT <count>]]',
  '    A stream: its length, its IDs, its first and its last entry; FULL: its entries and groups.',
  'HELP',
  '    This text.',
];

export function xinfoHelp({ reply }: CommandContext): void {
  reply.array(help.length);
  for (const line of help) reply.simple(line);
}
