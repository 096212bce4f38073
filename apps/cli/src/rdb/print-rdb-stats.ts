import { RdbError } from '@kvartz/persistence';
import { align } from '../align.ts';
import { ExitCode } from '../files/exit-codes.ts';
import { formatBytes } from '../files/format-bytes.ts';
import { shownBytes } from '../files/shown-bytes.ts';
import { type BigKey, type RdbStats, rdbStats } from './rdb-stats.ts';

const barCells = 40;

export async function printRdbStats(
  path: string,
  flags: { readonly top: number; readonly json?: boolean },
): Promise<number> {
  try {
    const stats = await rdbStats(path, flags.top, Date.now());
    console.log(flags.json === true ? JSON.stringify({ path, ...stats }) : textOf(path, stats));
    return ExitCode.fine;
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    console.error(`${path}: ${error.message}; see 'kvartz rdb check'`);
    return ExitCode.finding;
  }
}

function textOf(path: string, stats: RdbStats): string {
  const { biggestByBytes, biggestByElements, bytes, databases, expiry, keys, types, version } = stats;
  const sections = [`${path}: RDB version ${version}, ${keys} keys, ${formatBytes(bytes)}`];
  if (stats.functionLibraries > 0) sections.push(`${stats.functionLibraries} libraries of functions`);
  if (keys === 0) return sections.join('\n');
  sections.push(
    align([
      ['database', 'keys', 'expiring', 'in the file'],
      ...databases.map((one) => [`${one.db}`, `${one.keys}`, `${one.expiringKeys}`, formatBytes(one.bytes)]),
    ]),
    align([
      ['type', 'keys', 'elements', 'in the file', 'a key'],
      ...types.map((one) => [
        one.type,
        `${one.keys}`,
        one.type === 'string' ? '-' : `${one.elements}`,
        formatBytes(one.bytes),
        formatBytes(Math.round(one.bytes / one.keys)),
      ]),
    ]),
    `Biggest keys by bytes in the file\n${keysTable(biggestByBytes)}`,
  );
  if (biggestByElements.length > 0) sections.push(`Biggest keys by elements\n${keysTable(biggestByElements)}`);
  const most = Math.max(...expiry.map((step) => step.keys));
  const rows = expiry.map((step) => [
    step.within,
    `${step.keys}`,
    '#'.repeat(Math.ceil((step.keys / most) * barCells)),
  ]);
  sections.push(`Keys by when they expire, counted from now\n${align(rows)}`);
  return sections.join('\n\n');
}

function keysTable(keys: readonly BigKey[]): string {
  return align(
    keys.map((one) => [
      formatBytes(one.bytes),
      one.type,
      one.type === 'string' ? '' : `${one.elements} elements`,
      `db ${one.db}`,
      typeof one.key === 'string'
        ? shownBytes(Buffer.from(one.key))
        : shownBytes(Buffer.from(one.key.base64, 'base64')),
    ]),
  );
}
