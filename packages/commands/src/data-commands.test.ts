import { ReplyError } from '@kvartz/resp';
import { describe, expect, test } from 'vitest';
import { families } from '../test/stories/index.ts';
import { words } from '../test/story.ts';
import { TestContext } from '../test/test-context.ts';
import { dataCommands } from './index.ts';

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
