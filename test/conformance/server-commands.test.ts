import { serverCommands } from '@kvartz/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { Pipeline, type Request } from './support/pipeline.ts';
import { serverSessions } from './support/server-sessions.ts';

describeWith(['redis-server'], 'commands about the server: the replies of redis-server', () => {
  let ours: TestNode;
  let theirs: TestNode;
  beforeAll(async () => {
    const directives = ['--enable-debug-command', 'yes'];
    ours = await TestNode.start(directives);
    theirs = await TestNode.start(directives, ['redis-server']);
  });
  afterAll(async () => {
    await ours?.remove();
    await theirs?.remove();
  });

  for (const protocol of ['2', '3']) {
    for (const [name, session] of Object.entries(serverSessions)) {
      test(`${name}, RESP${protocol}`, async () => {
        const pipelines = await Promise.all([Pipeline.connect(ours.port), Pipeline.connect(theirs.port)]);
        const ask = (request: Request) => Promise.all(pipelines.map(async (one) => (await one.send([request]))[0]));
        await ask(['FLUSHALL']);
        await ask(['HELLO', protocol]);
        for (const request of requestsOf(session)) {
          const [our, their] = await ask(request);
          expect([request.join(' '), our]).toEqual([request.join(' '), their]);
        }
        for (const pipeline of pipelines) pipeline.close();
      });
    }
  }
});

/** Rows whose replies cannot be Redis's, or that Redis 7.0 does not have: tested in packages/server/test. */
const differentByNature =
  'client|help command|help config|help memory|help pubsub|help slowlog|help client|no-touch client|setinfo ' +
  'psync sync bigkeys hotkeys|start hotkeys|stop hotkeys|get hotkeys|reset hotkeys|help latency|help latency|doctor lolwut module|help memory|doctor memory|malloc-stats memory|stats';

describe('the sessions', () => {
  test('know every row of serverCommands', () => {
    const rows = serverCommands.flatMap((spec) =>
      spec.subcommands === undefined
        ? [spec]
        : [...(spec.run === undefined ? [] : [spec]), ...spec.subcommands.values()],
    );
    const asked = new Set(differentByNature.split(' '));
    for (const session of Object.values(serverSessions)) {
      for (const [name, subcommand = ''] of requestsOf(session)) {
        asked.add(name.toLowerCase()).add(`${name}|${subcommand}`.toLowerCase());
      }
    }
    expect(rows.map((spec) => spec.fullName).filter((name) => !asked.has(name))).toEqual([]);
  });
});

/** Words between blanks; one in 'single quotes' may hold blanks, or nothing. */
function requestsOf(session: string): string[][] {
  const lines = session.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain));
}
