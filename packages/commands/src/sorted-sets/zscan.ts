import { formatDouble } from '@kvartz/base';
import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { scanOptions } from '../scan-options.ts';

/** ZSCAN key cursor [MATCH pattern] [COUNT count]. Scores are bulks in RESP3, too. */
export function zscan(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = scanOptions.begin(context, args, ValueType.zset);
  if (e === 0) return;
  const sets = db.sortedSets;
  const { member } = sets;
  const bodyStart = reply.position;
  let bulks = 0;
  const visit = (): void => {
    if (!scanOptions.matches(member.buffer, member.start, member.end)) return;
    reply.bulk(member.buffer, member.start, member.end);
    if (Number.isSafeInteger(sets.score) && sets.score !== 0) reply.bulkInteger(sets.score);
    else reply.bulkText(formatDouble(sets.score));
    bulks += 2;
  };
  const isForeign = scanOptions.cursor === Infinity;
  const next = isForeign ? 0 : sets.scan(e, scanOptions.cursor, scanOptions.count, visit);
  scanOptions.end(reply, bodyStart, next, bulks);
}
