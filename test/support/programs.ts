import { describe, test } from 'vitest';
import { findProgram } from '../bench/programs.ts';

/**
 * A suite that needs programs of the machine. Where one is missing it is skipped in sight of everybody; with CI=true it
 * fails, so that nobody takes a run without redis-cli for a full one.
 */
export function describeWith(programs: readonly string[], name: string, suite: () => void): void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  const what = missing.length === 0 ? undefined : `${missing.join(', ')} (Debian: redis-server, redis-tools)`;
  describeWhere(what, name, suite);
}

/** The same for anything that may be `missing`; undefined: it is there. */
export function describeWhere(missing: string | undefined, name: string, suite: () => void): void {
  if (missing === undefined) {
    describe(name, suite);
    return;
  }
  const reason = `not installed: ${missing}`;
  if (process.env['CI'] === 'true') {
    test(name, () => {
      throw new Error(`${reason}; CI needs it`);
    });
    return;
  }
  describe.skip(`${name} (${reason})`, suite);
}
