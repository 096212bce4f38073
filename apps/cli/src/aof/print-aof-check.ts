import { ExitCode } from '../files/exit-codes.ts';
import { firstFault, isWhole, lineOf } from './aof-report.ts';
import { aofTarget } from './aof-target.ts';
import { type AofFileReport, checkAofFile } from './check-aof.ts';

/** A line for each file, and what can be done. */
export async function printAofCheck(path: string, flags: { readonly json?: boolean }): Promise<number> {
  const { paths } = await aofTarget(path);
  const reports: AofFileReport[] = [];
  for (const one of paths) reports.push(await checkAofFile(one));
  const fault = firstFault(reports);
  if (flags.json === true) {
    console.log(JSON.stringify({ path, isWhole: fault === undefined, files: reports.map(jsonOf) }));
  } else {
    for (const report of reports) console.log(lineOf(report));
    if (reports.length === 0) console.log(`${path}: no files`);
    if (fault !== undefined) console.log(adviceOf(fault));
  }
  return fault === undefined ? ExitCode.fine : ExitCode.finding;
}

function jsonOf(report: AofFileReport): object {
  return { ...report, isWhole: isWhole(report) };
}

function adviceOf({ isLast, report }: NonNullable<ReturnType<typeof firstFault>>): string {
  if (report.isRdbDamaged) return 'The RDB file in it cannot be repaired: put it back from a copy';
  if (!isLast) return 'Commands in later files may build on what is missing: put the file back from a copy';
  const bytes = report.sizeBytes - report.safeOffset;
  const cut = `'kvartz aof repair' would cut off ${bytes} bytes from offset ${report.safeOffset} on`;
  return report.error === undefined ? `A server cuts off such an end by itself (aof-load-truncated); ${cut}` : cut;
}
