import { describe, expect, test } from 'vitest';
import { runFaultStories } from './support/fault-stories.ts';
import type { FaultPolicy } from './support/fault-story.ts';

const appendOnly = { save: '', appendonly: true, 'auto-aof-rewrite-min-size': '4kb' };
const policies: Readonly<Record<string, FaultPolicy>> = {
  snapshots: { promised: 'saved', directives: { save: '3600 1', appendonly: false } },
  'appendfsync always': { promised: 'acknowledged', directives: { ...appendOnly, appendfsync: 'always' } },
  'appendfsync everysec': { promised: 'two seconds', directives: { ...appendOnly, appendfsync: 'everysec' } },
};

describe.each(Object.entries(policies))('a fault of the disk, %s', (_name, policy) => {
  test.each([false, true])(
    'at every single operation; it lasts: %s',
    async (isLasting) => {
      const report = await runFaultStories(policy, isLasting);
      expect(report.refusals).toBeGreaterThan(0);
    },
    180_000,
  );
});
