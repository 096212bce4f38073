/**
 * Reading and writing a file of a million small strings, and, where redis-server is installed, its own time for the same file.
 *
 *   node packages/persistence/src/snapshot/snapshot.bench.ts [--small | keys]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteBuffer } from '@kvartz/base';
import { Arena, Keyspace, NO_EXPIRY } from '@kvartz/engine';
import { SnapshotLoader } from './snapshot-loader.ts';
import { writeSnapshot } from './write-snapshot.ts';
import { RdbEvent } from '../rdb/rdb-event.ts';
import { RdbParser } from '../rdb/rdb-parser.ts';

const given = process.argv[2] ?? '1000000';
const keyCount = given === '--small' ? 2000 : Number(given);
const pieceBytes = 2 ** 18;

/** Another hash key: keys that come in the order of the tables they go to would be all too quick. */
function emptyKeyspace(seed: number): Keyspace {
  return new Keyspace({ arena: new Arena(), hashKey: [seed, 2] });
}

/** 16-byte keys, values of 32 bytes that LZF cannot shorten. */
function fill(keyspace: Keyspace): void {
  const bytes = new ByteBuffer(48);
  let state = 1;
  for (let i = 0; i < keyCount; i++) {
    const digits = String(i).padStart(12, '0');
    bytes.u8.set(Buffer.from(`key:${digits}`), 0);
    for (let j = 16; j < 48; j++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes.u8[j] = 97 + ((state >>> 24) % 26);
    }
    if (keyspace.setString(bytes, 0, 16, bytes, 16, 48, NO_EXPIRY) === 0) throw new Error('no memory');
  }
}

function* piecesOf(file: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < file.length; at += pieceBytes) yield file.subarray(at, at + pieceBytes);
}

function parse(file: Uint8Array, isChecksummed: boolean): number {
  const parser = new RdbParser({ isChecksummed });
  let keys = 0;
  for (const piece of piecesOf(file)) {
    parser.feed(piece);
    for (let event = parser.next(); event !== RdbEvent.needMore && event !== RdbEvent.eof; event = parser.next()) {
      if (event === RdbEvent.string) keys++;
    }
  }
  return keys;
}

function load(file: Uint8Array): number {
  const loader = new SnapshotLoader({ databases: [emptyKeyspace(2)], expiredBeforeMs: 0 });
  for (const piece of piecesOf(file)) loader.feed(piece);
  loader.finish();
  return loader.loadedKeys;
}

/** The best of some runs, in microseconds for each key. */
function timed(name: string, file: Uint8Array, run: () => number, runs: number): number {
  let best = Infinity;
  let result = 0;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    result = run();
    best = Math.min(best, performance.now() - start);
  }
  const perKey = (best * 1000) / keyCount;
  const megabytes = file.length / 1e6 / (best / 1000);
  console.log(`${name}: ${perKey.toFixed(3)} us a key, ${megabytes.toFixed(0)} MB/s, checksum ${result}`);
  return perKey;
}

/** Seconds in which redis-server loads the file, as it says itself; undefined: there is none. */
async function redisSeconds(file: Uint8Array): Promise<number | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-bench-'));
  try {
    writeFileSync(join(folder, 'dump.rdb'), file);
    const options = ['--port', '0', '--unixsocket', join(folder, 'socket'), '--dir', folder, '--save', ''];
    const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    return await new Promise((resolve) => {
      let log = '';
      child.once('error', () => resolve(undefined));
      child.once('exit', () => resolve(undefined));
      child.stdout.on('data', (text: Buffer) => {
        log += text.toString();
        const match = /DB loaded from disk: ([\d.]+) seconds/.exec(log);
        if (match === null) return;
        resolve(Number(match[1]));
        child.kill('SIGKILL');
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const source = emptyKeyspace(1);
fill(source);
const file = Buffer.concat([...writeSnapshot([source])]);
console.log(`${keyCount} keys, ${(file.length / 1e6).toFixed(1)} MB`);
timed('write', file, () => [...writeSnapshot([source])].reduce((sum, piece) => sum + piece.length, 0), 3);
timed('parse', file, () => parse(file, true), 3);
timed('parse without the sum', file, () => parse(file, false), 3);
const ours = timed('load', file, () => load(file), 3);
const seconds = await redisSeconds(file);
if (seconds !== undefined) {
  const theirs = (seconds * 1e6) / keyCount;
  console.log(
    `redis-server loads it in ${theirs.toFixed(3)} us a key: ours takes ${(ours / theirs).toFixed(2)} of that`,
  );
}
