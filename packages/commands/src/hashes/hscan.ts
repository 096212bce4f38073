import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { scanOptions } from '../scan-options.ts';

/** HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]. */
export function hscan(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = scanOptions.begin(context, args, ValueType.hash, true);
  if (entry === 0) return;
  const bodyStart = reply.position;
  let found = 0;
  const next = db.hashes.scan(entry, scanOptions.cursor, scanOptions.count, ({ field, value }) => {
    if (!scanOptions.matches(field.buffer, field.start, field.end)) return;
    reply.bulk(field.buffer, field.start, field.end);
    found++;
    if (scanOptions.isWithoutValues) return;
    reply.bulk(value.buffer, value.start, value.end);
    found++;
  });
  scanOptions.end(reply, bodyStart, next, found);
}
