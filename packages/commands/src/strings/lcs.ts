import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import {
  LCS_LEN_AND_IDX,
  LCS_NO_MEMORY,
  LCS_NOT_STRINGS,
  LCS_TOO_LARGE,
  NOT_INTEGER,
  SYNTAX_ERROR,
} from '../errors.ts';
import { keyToRead } from '../lookup.ts';
import { tryAllocate } from '../transient-memory.ts';
import { LcsTable } from './lcs-table.ts';

/** LCS key1 key2 [LEN] [IDX] [MINMATCHLEN n] [WITHMATCHLEN]. */
export function lcs(context: CommandContext, args: Args): void {
  const { reply } = context;
  const first = keyToRead(context, args, 1);
  const second = keyToRead(context, args, 2);
  if (!isStringOrAbsent(context, first) || !isStringOrAbsent(context, second)) return reply.error(LCS_NOT_STRINGS);

  let isLength = false;
  let isIndexes = false;
  let isWithLength = false;
  let matchLengthMin = 0;
  for (let i = 3; i < args.count; i++) {
    if (isKeyword(args, i, 'idx')) isIndexes = true;
    else if (isKeyword(args, i, 'len')) isLength = true;
    else if (isKeyword(args, i, 'withmatchlen')) isWithLength = true;
    else if (isKeyword(args, i, 'minmatchlen') && i + 1 < args.count) {
      matchLengthMin = integerAt(args, ++i);
      if (Number.isNaN(matchLengthMin)) return reply.error(NOT_INTEGER);
    } else return reply.error(SYNTAX_ERROR);
  }
  if (isIndexes && isLength) return reply.error(LCS_LEN_AND_IDX);

  const a = contentOf(context, first);
  const b = contentOf(context, second);
  // What Redis's table of 32-bit numbers would take; the same limit here, so that the same requests are answered.
  if ((a.length + 1) * (b.length + 1) * 4 > context.bulkBytesMax) return reply.error(LCS_TOO_LARGE);
  const table = tryAllocate(() => new LcsTable(a, b));
  if (table === undefined) return reply.error(LCS_NO_MEMORY);
  if (isLength) reply.integer(table.length);
  else if (isIndexes) replyMatches(reply, table, matchLengthMin, isWithLength);
  else reply.bulkBytes(table.text());
}

function replyMatches(reply: ReplyWriter, table: LcsTable, lengthMin: number, isWithLength: boolean): void {
  const matches = table.matches().filter((match) => match.length >= lengthMin);
  reply.map(2);
  reply.bulkText('matches');
  reply.array(matches.length);
  for (const { aStart, bStart, length } of matches) {
    reply.array(isWithLength ? 3 : 2);
    reply.array(2);
    reply.integer(aStart);
    reply.integer(aStart + length - 1);
    reply.array(2);
    reply.integer(bStart);
    reply.integer(bStart + length - 1);
    if (isWithLength) reply.integer(length);
  }
  reply.bulkText('len');
  reply.integer(table.length);
}

function isStringOrAbsent(context: CommandContext, entry: EntryRef): boolean {
  return entry === 0 || context.db.typeOf(entry) === ValueType.string;
}

/** A copy: the two spans of the keyspace would be one and the same object. */
function contentOf(context: CommandContext, entry: EntryRef): Uint8Array {
  if (entry === 0) return new Uint8Array(0);
  const span = context.db.stringOf(entry);
  return span.buffer.u8.slice(span.start, span.end);
}
