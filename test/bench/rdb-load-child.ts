/**
 * A process of its own for rdb-load.ts, so that its time and memory are those of one file.
 *
 *   node rdb-load-child.ts make FILE CONTENT KEYS
 *   node rdb-load-child.ts load FILE              prints { keys, seconds, cpuSeconds }
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { Arena, Keyspace } from '@kvartz/engine';
import { SnapshotLoader, writeSnapshot } from '@kvartz/persistence';
import { rdbContents } from './rdb-contents.ts';

const pieceBytes = 2 ** 18;
const [verb, path, content, keys] = process.argv.slice(2);

if (verb === 'make') make(path!, content!, Number(keys));
else console.log(JSON.stringify(load(path!)));

function make(to: string, name: string, count: number): void {
  // Another hash key than the loader's: keys that come in the order of their tables would be all too quick.
  const keyspace = new Keyspace({ arena: new Arena(), hashKey: [1, 2] });
  const { add } = rdbContents[name]!;
  for (let i = 0; i < count; i++) if (!add(keyspace, i)) throw new Error('no memory');
  const file = openSync(to, 'w');
  for (const piece of writeSnapshot([keyspace])) writeSync(file, piece);
  closeSync(file);
}

function load(from: string): { keys: number; seconds: number; cpuSeconds: number } {
  const keyspace = new Keyspace({ arena: new Arena(), hashKey: [3, 4] });
  const loader = new SnapshotLoader({ databases: [keyspace], expiredBeforeMs: 0 });
  const file = openSync(from, 'r');
  const piece = new Uint8Array(pieceBytes);
  const began = process.cpuUsage();
  const startMs = performance.now();
  for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) loader.feed(piece.subarray(0, read));
  loader.finish();
  const seconds = (performance.now() - startMs) / 1000;
  const { system, user } = process.cpuUsage(began);
  closeSync(file);
  return { keys: keyspace.keyCount, seconds, cpuSeconds: (user + system) / 1e6 };
}
