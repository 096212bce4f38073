import { ReplyError } from '@kvartz/resp';
import { describe, expect, test } from 'vitest';
import { bitmapStories } from '../test/stories/bitmaps.ts';
import { blockingStories } from '../test/stories/blocking.ts';
import { expiryStories } from '../test/stories/expiry.ts';
import { fieldTimeStories } from '../test/stories/field-times.ts';
import { geoStories } from '../test/stories/geo.ts';
import { hashStories } from '../test/stories/hashes.ts';
import { hyperloglogStories } from '../test/stories/hyperloglog.ts';
import { keyStories } from '../test/stories/keys.ts';
import { listStories } from '../test/stories/lists.ts';
import { setStories } from '../test/stories/sets.ts';
import { sortStories } from '../test/stories/sort.ts';
import { sortedSetStories } from '../test/stories/sorted-sets.ts';
import { streamStories } from '../test/stories/streams.ts';
import { streamClaimStories } from '../test/stories/stream-claims.ts';
import { streamGroupStories } from '../test/stories/stream-groups.ts';
import { stringStories } from '../test/stories/strings.ts';
import { words } from '../test/story.ts';
import { TestContext } from '../test/test-context.ts';
import { dataCommands } from './index.ts';

const families = {
  strings: stringStories,
  bitmaps: bitmapStories,
  hashes: hashStories,
  'times of fields': fieldTimeStories,
  lists: listStories,
  sets: setStories,
  'sorted sets': sortedSetStories,
  streams: streamStories,
  geo: geoStories,
  hyperloglog: hyperloglogStories,
  blocking: blockingStories,
  sort: sortStories,
  'stream groups': streamGroupStories,
  'pending entries': streamClaimStories,
  keys: keyStories,
  expiry: expiryStories,
};
const used = new Set<string>();

for (const [family, stories] of Object.entries(families))
  describe(family, () => {
    for (const { name, steps } of stories)
      test(name, () => {
        const context = new TestContext();
        for (const [request, reply] of steps) {
          const answer = context.run(...words(request));
          expect([request, answer]).toEqual([request, reply]);
          // Equal to vitest are errors of any class.
          expect(answer instanceof ReplyError).toBe(reply instanceof ReplyError);
        }
        for (const command of context.used) used.add(command);
      });
  });

for (const [container, subcommands] of [
  ['OBJECT', ['ENCODING', 'FREQ', 'IDLETIME', 'REFCOUNT', 'HELP']],
  ['XGROUP', ['CREATE', 'CREATECONSUMER', 'DELCONSUMER', 'DESTROY', 'SETID', 'HELP']],
  ['XINFO', ['CONSUMERS', 'GROUPS', 'STREAM', 'HELP']],
] as const)
  test(`${container} HELP lists the subcommands`, () => {
    const context = new TestContext();
    const lines = context.run(container, 'HELP') as string[];
    for (const name of subcommands) expect(lines.some((line) => line.startsWith(name))).toBe(true);
    for (const command of context.used) used.add(command);
  });

test('every row is exercised by a story above', () => {
  const rows = dataCommands.flatMap((spec) => {
    const subcommands = [...(spec.subcommands?.values() ?? [])];
    return [...(spec.run === undefined ? [] : [spec]), ...subcommands].map(({ fullName }) => fullName);
  });
  expect(rows.filter((name) => !used.has(name))).toEqual([]);
});
