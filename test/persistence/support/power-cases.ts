import { PowerCase, type PowerPolicy } from './power-case.ts';

export interface PowerReport {
  cases: number;
  cuts: number;
  acknowledged: number;
  /** Acknowledged writes that were gone, as they might be. */
  lost: number;
}

const logLines = 30;

/** How many seeds of ten thousand are tried: all in CI. */
export function shareOf(cases: number): number {
  const given = process.env['POWER_CUT_CASES'];
  if (given !== undefined) return Number(given);
  return process.env['CI'] === 'true' ? cases : Math.ceil(cases / 10);
}

/** Case after case. Throws with the line that repeats the first one that fails, and what its node has said. */
export async function runPowerCases(file: string, policy: PowerPolicy, cases: number): Promise<PowerReport> {
  const report: PowerReport = { cases: 0, cuts: 0, acknowledged: 0, lost: 0 };
  const given = process.env['POWER_CUT_SEED'];
  const first = Number(given ?? 0);
  for (let seed = first; seed < first + (given === undefined ? cases : 1); seed++) {
    const log: string[] = [];
    const powerCase = new PowerCase(seed, policy, (line) => log.push(line));
    try {
      await powerCase.run();
    } catch (error) {
      const again = `POWER_CUT_SEED=${seed} npx vitest run --project processes ${file}`;
      const said = log.slice(-logLines).join('\n');
      throw new Error(`${(error as Error).message}\n${again}\n${said}`, { cause: error });
    }
    report.cases++;
    report.cuts += powerCase.cuts;
    report.acknowledged += powerCase.acknowledged;
    report.lost += powerCase.lost;
  }
  return report;
}
