import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RdbError, type RdbKey, type RdbNote, type RdbStream, type RdbValue, readRdb } from '@kvartz/persistence';
import { ExitCode } from '../files/exit-codes.ts';
import { piecesOf } from '../files/pieces.ts';
import { jsonOfBytes } from '../files/shown-bytes.ts';

const writtenAtOnce = 2 ** 16;

/** One line of JSON for each key, to a new file or to standard output. */
export async function printRdbJson(
  path: string,
  flags: { readonly out?: string; readonly db?: number },
): Promise<number> {
  let damage: RdbError | undefined;
  const noteDamage = (error: RdbError): void => void (damage = error);
  const lines = Readable.from(linesOf(path, flags.db, noteDamage), { objectMode: false });
  if (flags.out === undefined) await pipeline(lines, process.stdout, { end: false });
  else await pipeline(lines, createWriteStream(flags.out, { flags: 'wx' }));
  if (damage === undefined) return ExitCode.fine;
  console.error(`${path}: ${damage.message}; what stands before is written`);
  return ExitCode.finding;
}

async function* linesOf(
  path: string,
  db: number | undefined,
  onDamage: (error: RdbError) => void,
): AsyncGenerator<string> {
  let lines = '';
  try {
    for await (const item of readRdb(piecesOf(path))) {
      if (db !== undefined && (!('key' in item) || item.db !== db)) continue;
      lines += `${JSON.stringify(jsonOfItem(item))}\n`;
      if (lines.length < writtenAtOnce) continue;
      yield lines;
      lines = '';
    }
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    onDamage(error);
  }
  yield lines;
}

/** What one line says. */
export function jsonOfItem(item: RdbKey | RdbNote): object {
  if (item.type === 'aux') return { aux: item.name, value: item.value };
  if (item.type === 'function') return { function: jsonOfBytes(item.code) };
  const { db, expireAtMs, freq, idleSeconds, key, type } = item;
  return { db, key: jsonOfBytes(key), type, expireAtMs, idleSeconds, freq, value: jsonOfValue(item) };
}

function jsonOfValue(value: RdbValue): unknown {
  switch (value.type) {
    case 'string':
      return jsonOfBytes(value.value);
    case 'list':
    case 'set':
      return value.value.map(jsonOfBytes);
    case 'hash':
      return value.value.map((one) => ({
        field: jsonOfBytes(one.field),
        value: jsonOfBytes(one.value),
        expireAtMs: one.expireAtMs,
      }));
    case 'zset':
      return value.value.map(({ member, score }) => ({
        member: jsonOfBytes(member),
        score: Number.isFinite(score) ? score : String(score),
      }));
    case 'stream':
      return jsonOfStream(value.value);
    default:
      return { module: value.value };
  }
}

/** Counters of 64 bits are text. */
function jsonOfStream({ entries, entriesAdded, groups, lastId, maxDeletedId }: RdbStream): unknown {
  return {
    lastId,
    maxDeletedId,
    entriesAdded: String(entriesAdded),
    entries: entries.map(({ fields, id }) => ({
      id,
      fields: fields.map(([field, value]) => [jsonOfBytes(field), jsonOfBytes(value)]),
    })),
    groups: groups.map(({ consumers, entriesRead, lastId: groupLastId, name, pending }) => ({
      name: jsonOfBytes(name),
      lastId: groupLastId,
      entriesRead: String(entriesRead),
      consumers: consumers.map((one) => ({ ...one, name: jsonOfBytes(one.name) })),
      pending: pending.map((one) => ({ ...one, consumer: jsonOfBytes(one.consumer) })),
    })),
  };
}
