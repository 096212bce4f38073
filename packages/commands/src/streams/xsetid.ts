import { StreamId, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import {
  ENTRIES_ADDED_BELOW_LENGTH,
  ENTRIES_ADDED_NEGATIVE,
  NO_SUCH_KEY,
  NOT_INTEGER,
  STREAM_ID_BELOW_DELETED,
  STREAM_ID_BELOW_LAST,
  SYNTAX_ERROR,
} from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { strictIdAt } from './id-argument.ts';

const id = new StreamId();
const maxDeleted = new StreamId();
const lastEntry = new StreamId();

/** XSETID key id [ENTRIESADDED count] [MAXDELETEDID id]. */
export function xsetid(context: CommandContext, args: Args): void {
  const { reply } = context;
  const { streams } = context.db;
  if (!strictIdAt(context, args, 2, id)) return;
  maxDeleted.setMin();
  let added: bigint | undefined;
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 === args.count) return reply.error(SYNTAX_ERROR);
    if (isKeyword(args, i, 'entriesadded')) {
      added = bigIntegerAt(args, i + 1);
      if (added === undefined) return reply.error(NOT_INTEGER);
      if (added < 0n) return reply.error(ENTRIES_ADDED_NEGATIVE);
    } else if (isKeyword(args, i, 'maxdeletedid')) {
      if (!strictIdAt(context, args, i + 1, maxDeleted)) return;
      if (id.compare(maxDeleted) < 0) return reply.error(STREAM_ID_BELOW_DELETED);
    } else return reply.error(SYNTAX_ERROR);
  }
  const e = typedToWrite(context, args, 1, ValueType.stream);
  if (e === REFUSED) return;
  if (e === 0) return reply.error(NO_SUCH_KEY);
  const count = streams.count(e);
  if (count > 0) {
    if (id.compare(streams.lastEntryId(e, lastEntry)) < 0) return reply.error(STREAM_ID_BELOW_LAST);
    if (added !== undefined && added < count) return reply.error(ENTRIES_ADDED_BELOW_LENGTH);
  }
  streams.setLastId(e, id);
  if (added !== undefined) streams.setEntriesAdded(e, Number(added >> 32n), Number(added & 0xffff_ffffn));
  if (!maxDeleted.isMin) streams.setMaxDeletedId(e, maxDeleted);
  reply.ok();
  context.touch(args, 1, KeyEvents.streamSetId);
}
