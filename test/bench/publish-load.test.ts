import { expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { publishLoad } from './publish-load.ts';
import { serverCommand } from '../support/server-command.ts';
import { startServer } from './server-process.ts';

describeWith(['redis-server'], 'publishers and subscribers in one process', () => {
  for (const [label, argv] of [
    ['kvartz', serverCommand()],
    ['redis-server', ['redis-server']],
  ] as const) {
    test(`every subscriber of ${label} gets every message, run after run`, { timeout: 30_000 }, async () => {
      const server = await startServer({ label, argv });
      try {
        for (const options of [
          { subscribers: 3, channels: 1 },
          { subscribers: 2, channels: 10 },
        ]) {
          const open = await publishLoad(options).open(server.port);
          await open.run(1);
          await open.run(1000);
          await open.close();
        }
        expect(server.output()).not.toContain('output buffer limits');
      } finally {
        await server.stop();
      }
    });
  }
});
