import { FaultStory, type FaultPolicy } from './fault-story.ts';

const codes = ['EIO', 'ENOSPC', 'EACCES'];
const logLines = 60;

export interface FaultReport {
  stories: number;
  refusals: number;
  failedStarts: number;
}

/** The story with a fault at each of its operations in turn (at a desk, at each third), with codes by turns. Throws with the first fault that breaks a promise, and what was said. */
export async function runFaultStories(policy: FaultPolicy, isLasting: boolean): Promise<FaultReport> {
  const report: FaultReport = { stories: 0, refusals: 0, failedStarts: 0 };
  const whole = new FaultStory(policy);
  await whole.run();
  const step = process.env['CI'] === 'true' ? 1 : 3;
  for (let operation = 1; operation <= whole.operations; operation += step) {
    const code = codes[Math.floor(operation / step) % codes.length]!;
    const story = new FaultStory(policy, { operation, code, isLasting });
    try {
      await story.run();
    } catch (error) {
      const what = `${code} at operation ${operation} of ${whole.operations}${isLasting ? ' and for a while' : ''}`;
      const said = story.log.slice(-logLines).join('\n');
      throw new Error(`${what}: ${(error as Error).message}\n${said}`, { cause: error });
    }
    report.stories++;
    report.refusals += story.refusals;
    report.failedStarts += story.failedStarts;
  }
  return report;
}
