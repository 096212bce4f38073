import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { scanOptions } from '../scan-options.ts';

/** SSCAN key cursor [MATCH pattern] [COUNT count]. */
export function sscan(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = scanOptions.begin(context, args, ValueType.set);
  if (entry === 0) return;
  const bodyStart = reply.position;
  let found = 0;
  const next = db.sets.scan(entry, scanOptions.cursor, scanOptions.count, ({ buffer, start, end }) => {
    if (!scanOptions.matches(buffer, start, end)) return;
    reply.bulk(buffer, start, end);
    found++;
  });
  scanOptions.end(reply, bodyStart, next, found);
}
