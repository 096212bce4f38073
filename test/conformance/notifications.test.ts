import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { EventEar } from './support/event-ear.ts';
import { Generator } from './support/generator.ts';
import { Pipeline, type Request } from './support/pipeline.ts';
import { script } from './support/script.ts';
import { shrink } from './support/shrink.ts';

/** CONFORMANCE_SEED begins elsewhere, CONFORMANCE_COMMANDS sends more. */
const firstSeed = Number(process.env['CONFORMANCE_SEED'] ?? 1);
const commandCount = Number(process.env['CONFORMANCE_COMMANDS'] ?? (process.env['CI'] === 'true' ? 40_000 : 15_000));
const sequenceLength = 150;

const reset: readonly Request[] = [['DISCARD'], ['UNWATCH'], ['FLUSHALL'], ['SELECT', '0']];
/** All classes, and no event that depends on when a server looks for what has expired. */
const settings: readonly Request[] = [
  ['CONFIG', 'SET', 'notify-keyspace-events', 'KEAmn'],
  ['DEBUG', 'SET-ACTIVE-EXPIRE', '0'],
];

interface Difference {
  readonly request: Request | undefined;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** The elements of a set come to SORT in any order, and with them what they lead to; with LIMIT which ones come is open. */
function isAlike(request: Request | undefined, ours: readonly string[], theirs: readonly string[]): boolean {
  if (request !== undefined && /^sort/i.test(request[0] ?? '')) {
    const isLimited = request.some((word) => /^limit$/i.test(word));
    const compared = (events: readonly string[]): string => {
      const known = isLimited ? events.filter((event) => !event.includes('keymiss')) : events;
      return JSON.stringify(known.toSorted());
    };
    return compared(ours) === compared(theirs);
  }
  return JSON.stringify(ours) === JSON.stringify(theirs);
}

describeWith(['redis-server'], 'keyspace notifications', () => {
  let ours: TestNode;
  let theirs: TestNode;
  let ears: EventEar[];
  beforeAll(async () => {
    const directives = ['--enable-debug-command', 'yes'];
    ours = await TestNode.start(directives);
    theirs = await TestNode.start(directives, ['redis-server']);
    ears = await Promise.all(
      [ours, theirs].map(async ({ port }) => {
        const pipeline = await Pipeline.connect(port);
        await pipeline.send(settings);
        return EventEar.listen(port, pipeline);
      }),
    );
  });
  afterAll(async () => {
    for (const ear of ears ?? []) ear.close();
    await ours?.remove();
    await theirs?.remove();
  });

  async function compare(requests: readonly Request[]): Promise<Difference | undefined> {
    const all = [...reset, ...requests];
    const [our, their] = await Promise.all(ears.map((ear) => ear.hear(all)));
    for (const [number, events] of their) {
      const mine = our.get(number) ?? [];
      if (isAlike(all[number], mine, events)) continue;
      return { request: all[number], ours: mine, theirs: events };
    }
    return undefined;
  }

  test('events of random commands are those of redis-server, in its order', async () => {
    for (let i = 0; i < commandCount / sequenceLength; i++) {
      const seed = firstSeed + i;
      const requests = new Generator(seed).sequence(sequenceLength);
      if ((await compare(requests)) === undefined) continue;
      const shortest = await shrink(requests, async (part) => (await compare(part)) !== undefined);
      const difference = await compare(shortest);
      const lines = [
        `CONFORMANCE_SEED=${seed}`,
        script(shortest),
        difference === undefined ? 'gone when repeated' : `during: ${script([difference.request ?? []])}`,
        `kvartz: ${JSON.stringify(difference?.ours)}`,
        `redis:  ${JSON.stringify(difference?.theirs)}`,
      ];
      expect.unreachable(lines.join('\n'));
    }
  });
});
