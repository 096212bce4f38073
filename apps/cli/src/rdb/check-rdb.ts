import { RdbBytes, RdbError, RdbScanner } from '@kvartz/persistence';
import { ExitCode } from '../files/exit-codes.ts';
import { piecesOf } from '../files/pieces.ts';
import { jsonOfBytes, shownBytes } from '../files/shown-bytes.ts';

/** What reading a whole file has found. */
export interface RdbReport {
  readonly path: string;
  readonly isWhole: boolean;
  readonly version: number;
  /** `redis-ver` and the like. */
  readonly aux: Readonly<Record<string, string>>;
  readonly keys: number;
  readonly expiringKeys: number;
  readonly functionLibraries: number;
  /** Up to the end of the RDB file; more may follow in an append-only file. */
  readonly rdbBytes: number;
  readonly sizeBytes: number;
  /** Of a file that is not whole. */
  readonly error?: {
    readonly code: string;
    readonly offset: number;
    /** Place in the packed value that ends at `offset`, if it is in one. */
    readonly packOffset: number | undefined;
    readonly expected: string;
    readonly found: string;
    /** The last whole key before it. */
    readonly lastKey: { readonly db: number; readonly key: Uint8Array } | undefined;
  };
}

/** Looks at every element of a file, and its sum. */
export async function checkRdb(path: string): Promise<RdbReport> {
  const aux: Record<string, string> = {};
  let keys = 0;
  let expiringKeys = 0;
  let functionLibraries = 0;
  const last = new RdbBytes();
  let lastDb = 0;
  const scanner = new RdbScanner({
    onKey: ({ db, expireAtMs, key }) => {
      keys++;
      if (expireAtMs !== Infinity) expiringKeys++;
      last.reserve(key.sizeBytes).u8.set(key.buffer.u8.subarray(key.start, key.end));
      lastDb = db;
    },
    onAux: (name, value) => void (aux[name] = value),
    onFunctionLibrary: () => void functionLibraries++,
  });
  let sizeBytes = 0;
  let error: RdbError | undefined;
  try {
    for await (const piece of piecesOf(path)) {
      sizeBytes += piece.length;
      scanner.feed(piece);
    }
    scanner.finish();
  } catch (thrown) {
    if (!(thrown instanceof RdbError)) throw thrown;
    error = thrown;
  }
  const { offset, version } = scanner;
  const isWhole = error === undefined;
  const report = { path, isWhole, version, aux, keys, expiringKeys, functionLibraries, rdbBytes: offset, sizeBytes };
  if (error === undefined) return report;
  const { code, expected, found, packOffset } = error;
  const lastKey = keys === 0 ? undefined : { db: lastDb, key: last.toBytes() };
  return { ...report, error: { code, offset: error.offset, packOffset, expected, found, lastKey } };
}

export async function printRdbCheck(path: string, flags: { readonly json?: boolean }): Promise<number> {
  const report = await checkRdb(path);
  console.log(flags.json === true ? jsonOf(report) : textOf(report));
  return report.isWhole ? ExitCode.fine : ExitCode.finding;
}

function jsonOf(report: RdbReport): string {
  return JSON.stringify(report, (_, value: unknown) => (value instanceof Uint8Array ? jsonOfBytes(value) : value));
}

function textOf({ aux, error, expiringKeys, keys, path, rdbBytes, sizeBytes, version }: RdbReport): string {
  const writer = aux['kvartz-ver'] ?? aux['valkey-ver'] ?? aux['redis-ver'];
  const name = aux['kvartz-ver'] !== undefined ? 'Kvartz' : aux['valkey-ver'] !== undefined ? 'Valkey' : 'Redis';
  const lines = [`${path}: RDB version ${version}${writer === undefined ? '' : `, written by ${name} ${writer}`}`];
  if (error === undefined) {
    lines.push(`It is whole: ${keys} keys, ${expiringKeys} of them with a time of expiry, in ${rdbBytes} bytes`);
    if (rdbBytes < sizeBytes) {
      lines.push(`${sizeBytes - rdbBytes} bytes follow it: if it is an append-only file, see 'kvartz aof check'`);
    }
    return lines.join('\n');
  }
  const place = error.packOffset === undefined ? '' : `, byte ${error.packOffset} of the value before it`;
  lines.push(
    `It is damaged (${error.code}) at offset ${error.offset}${place}: expected ${error.expected}, found ${error.found}`,
    `${keys} keys before that are whole${error.lastKey === undefined ? '' : `, up to ${shownBytes(error.lastKey.key)} of database ${error.lastKey.db}`}`,
  );
  return lines.join('\n');
}
