import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { serverCommand } from '../support/server-command.ts';
import { collectionKinds, collectionPauses } from './collection-pause-phases.ts';
import { describePauses, summarizePauses, withWatchedServer } from './pauses.ts';

const blockedMs = 60;

test('the monitor sees a blocked event loop and collections of a process that knows nothing of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-pauses-'));
  try {
    const program = join(folder, 'program.mjs');
    const pauseFile = join(folder, 'pauses');
    const block = `const end = performance.now() + ${blockedMs}; while (performance.now() < end);`;
    const litter = 'for (let i = 0; i < 200; i++) globalThis.last = new Array(20_000).fill({ i });';
    writeFileSync(program, `setTimeout(() => { ${block} ${litter} }, 150); setTimeout(() => {}, 500);`);
    const monitor = new URL('pause-monitor.ts', import.meta.url).href;
    const fromMs = Date.now();
    await promisify(execFile)(process.execPath, [`--import=${monitor}`, program], {
      env: { ...process.env, KVARTZ_PAUSE_FILE: pauseFile },
    });
    const summary = summarizePauses(pauseFile, fromMs, Date.now());
    expect(summary.turnMaxMs).toBeGreaterThan(blockedMs * 0.9);
    expect(summary.ownTurnMaxMs).toBeLessThanOrEqual(summary.turnMaxMs);
    expect(Object.keys(summary.collections)).toContain('scavenge');
    expect(summary.collectionMaxMs).toBeGreaterThan(0);
    expect(describePauses(summary)).toMatch(/longest turn of the event loop \d/);
    expect(summarizePauses(pauseFile, Date.now() + 1000, Date.now() + 2000)).toMatchObject({ collectionTotalMs: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(collectionKinds)('a large %s grows, shrinks and is freed, and the monitor looks on', async (kind) => {
  await withWatchedServer({ label: 'kvartz', argv: serverCommand() }, async (server, pauses) => {
    const phases = [];
    for await (const phase of collectionPauses(server.port, kind, 5000, pauses)) phases.push(phase);
    expect(phases.map(({ phase }) => phase)).toEqual([
      'growing',
      'losing half',
      'UNLINK',
      'FLUSHDB ASYNC',
      'FLUSHALL ASYNC',
    ]);
    // What other work on this machine takes shows in these figures: they are bounded only from far.
    for (const { summary } of phases) expect(summary.ownTurnMaxMs).toBeLessThan(500);
  });
});
