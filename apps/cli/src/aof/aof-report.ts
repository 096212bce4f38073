import { describeEnd } from '@kvartz/server';
import type { AofFileReport } from './check-aof.ts';

/** Nothing is to be cut off. */
export function isWhole({ end }: AofFileReport): boolean {
  return end?.kind === 'whole';
}

/** The first file that is not whole, and whether a server could start all the same, since only the end of the last file is missing. */
export function firstFault(
  reports: readonly AofFileReport[],
): { readonly report: AofFileReport; readonly isLast: boolean } | undefined {
  const index = reports.findIndex((report) => !isWhole(report));
  if (index < 0) return undefined;
  return { report: reports[index]!, isLast: reports.slice(index + 1).every(({ sizeBytes }) => sizeBytes === 0) };
}

/** One line for a file. */
export function lineOf(report: AofFileReport): string {
  const { commands, end, error, path, rdbKeys, sizeBytes, transactions } = report;
  const rdb = rdbKeys === 0 ? '' : `${rdbKeys} keys in RDB, `;
  const counts = `${rdb}${commands} commands, ${transactions} transactions in ${sizeBytes} bytes`;
  if (isWhole(report)) return `${path}: whole, ${counts}`;
  const fault =
    error === undefined
      ? describeEnd(end!)
      : `it is damaged (${error.code}) at offset ${error.offset}: expected ${error.expected}, found ${error.found}`;
  return `${path}: ${fault}; before that ${counts}`;
}
