import { RdbError } from '@kvartz/persistence';
import { ExitCode } from '../files/exit-codes.ts';
import { jsonOfBytes, shownBytes } from '../files/shown-bytes.ts';
import { type RdbDifference, rdbDiff } from './rdb-diff.ts';

/** One line for each key that differs, then how many there are. */
export async function printRdbDiff(a: string, b: string, flags: { readonly json?: boolean }): Promise<number> {
  const counts = { added: 0, removed: 0, type: 0, value: 0, expiry: 0 };
  try {
    for await (const difference of rdbDiff(a, b)) {
      counts[difference.change]++;
      console.log(flags.json === true ? JSON.stringify(jsonOf(difference)) : lineOf(difference));
    }
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    console.error(`${error.message}; see 'kvartz rdb check' for ${a} and ${b}`);
    return ExitCode.trouble;
  }
  const isSame = Object.values(counts).every((count) => count === 0);
  if (flags.json !== true) {
    const { added, expiry, removed, type, value } = counts;
    console.log(
      isSame
        ? 'No differences'
        : `${added} only in B, ${removed} only in A, ${type} of another type, ${value} with another value, ${expiry} with another time of expiry`,
    );
  }
  return isSame ? ExitCode.fine : ExitCode.finding;
}

function lineOf({ change, item, was }: RdbDifference): string {
  const name = 'key' in item ? `db ${item.db} ${item.type} ${shownBytes(item.key)}` : 'a library of functions';
  switch (change) {
    case 'added':
      return `+ ${name}`;
    case 'removed':
      return `- ${name}`;
    case 'type':
      return `~ ${name}: it is a ${was} in A`;
    case 'value':
      return `~ ${name}: another value`;
    default:
      return `~ ${name}: another time of expiry`;
  }
}

function jsonOf({ change, item, was }: RdbDifference): object {
  if ('key' in item) return { change, db: item.db, key: jsonOfBytes(item.key), type: item.type, was };
  return { change, function: 'code' in item ? jsonOfBytes(item.code) : undefined };
}
