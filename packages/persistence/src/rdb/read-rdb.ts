import { KeyCollector } from './key-collector.ts';
import { RdbEvent } from './rdb-event.ts';
import type { RdbKey, RdbNote } from './rdb-item.ts';
import { RdbParser, type RdbParserOptions } from './rdb-parser.ts';

/**
 * The keys of a file, one by one, with whole values. For what is larger than memory use RdbParser itself. Throws RdbError.
 *
 *   for await (const item of readRdb(createReadStream('dump.rdb'))) ...
 */
export async function* readRdb(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options?: RdbParserOptions,
): AsyncGenerator<RdbKey | RdbNote> {
  const parser = new RdbParser(options);
  const collector = new KeyCollector(parser);
  for await (const chunk of source) {
    parser.feed(chunk);
    for (let event = parser.next(); event !== RdbEvent.needMore; event = parser.next()) {
      if (event === RdbEvent.eof) return;
      const item = collector.take(event);
      if (item !== undefined) yield item;
    }
  }
  parser.finish();
}
