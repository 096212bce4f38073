import { describe, test } from 'vitest';
import { findProgram } from '../bench/programs.ts';

/**
 * A suite that needs programs of the machine. Where one is missing it is skipped in sight of everybody; with CI=true it
 * fails, so that nobody takes a run without redis-cli for a full one.
 */
export function describeWith(programs: readonly string[], name: string, suite: () => void): void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) {
    describe(name, suite);
    return;
  }
  const reason = `${missing.join(', ')} not installed`;
  if (process.env['CI'] === 'true') {
    test(name, () => {
      throw new Error(`${reason}; CI needs it (Debian: redis-server, redis-tools)`);
    });
    return;
  }
  describe.skip(`${name} (${reason})`, suite);
}
