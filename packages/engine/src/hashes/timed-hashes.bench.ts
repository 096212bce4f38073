/**
 * Nanoseconds (of processor time) per operation on hashes without and with times of fields, bytes per field, and what the expire
 * cycle takes: `node timed-hashes.bench.ts [--small] [fields]`. The number of fields is that of the tables, and of the hashes that
 * the cycle goes over.
 */
import { ByteBuffer, Prng } from '@kvartz/base';
import { Arena, type EntryRef, Keyspace } from '../index.ts';

const isSmall = process.argv.includes('--small');
const given = process.argv.slice(2).map(Number).find(Number.isFinite);
const many = given ?? (isSmall ? 1000 : 1_000_000);
const operations = isSmall ? 2000 : 500_000;
const rounds = isSmall ? 1 : 3;
const nameBytes = 16;
const nowMs = 1_700_000_000_000;
const random = new Prng(1);
const names = new ByteBuffer(many * nameBytes);
for (let i = 0; i < many; i++) {
  names.u8.set(new TextEncoder().encode(`field:${String(i).padStart(10, '0')}`), i * nameBytes);
}
let checksum = 0;

for (const fields of [20, many]) {
  measure('without times', fields, 0);
  measure('one with a time', fields, 1);
  measure('all with times', fields, fields);
}
measureCycle();
measureLargeHash();
console.log(`checksum ${(checksum >>> 0).toString(16)}`);

function keyspaceWith(fields: number, timed: number): { db: Keyspace; entry: EntryRef; bytesPerField: number } {
  const db = new Keyspace({ arena: new Arena(), hashKey: [0x2545f491, 0x4f6cdd1d] });
  db.nowMs = nowMs;
  const entry = db.hashes.create(names, 0, nameBytes);
  const before = db.arena.usedBytes;
  for (let i = 0; i < fields; i++) {
    const at = i * nameBytes;
    db.hashes.set(entry, names, at, at + nameBytes, names, 0, 8);
    if (i < timed) db.hashes.timed.setTime(entry, names, at, at + nameBytes, laterMs());
  }
  return { db, entry, bytesPerField: (db.arena.usedBytes - before) / fields };
}

/** Within an hour. */
function laterMs(): number {
  return nowMs + 1000 + (random.uint32() % 3_600_000);
}

function report(what: string, figure: number, unit: string): void {
  console.log(`${what.padEnd(60)} ${figure.toFixed(1).padStart(9)} ${unit}`);
}

function measure(kind: string, fields: number, timed: number): void {
  const { bytesPerField, db, entry } = keyspaceWith(fields, timed);
  const { hashes } = db;
  const time = (name: string, run: (at: number, end: number) => number): void => {
    let best = Infinity;
    for (let round = 0; round < rounds; round++) {
      const start = process.cpuUsage().user;
      for (let i = 0; i < operations; i++) {
        const at = Math.floor((random.uint32() / 2 ** 32) * fields) * nameBytes;
        checksum = (checksum + run(at, at + nameBytes)) | 0;
      }
      best = Math.min(best, process.cpuUsage().user - start);
    }
    report(`${fields} fields, ${kind}: ${name}`, (best / operations) * 1000, 'ns');
  };
  report(`${fields} fields, ${kind}`, bytesPerField, 'bytes per field');
  time('get', (at, end) => (hashes.get(entry, names, at, end) ? 1 : 0));
  time('set, time kept', (at, end) => hashes.set(entry, names, at, end, names, 0, 8, true));
  if (timed < fields) return;
  time('another time', (at, end) => (hashes.timed.setTime(entry, names, at, end, laterMs()) ? 1 : 0));
  time('time away and back', (at, end) => {
    hashes.timed.setTime(entry, names, at, end, Infinity);
    return hashes.timed.setTime(entry, names, at, end, laterMs()) ? 1 : 0;
  });
}

/** Many hashes of one field, whose times come within a minute; the cycle runs ten times a second. */
function measureCycle(): void {
  const db = new Keyspace({ arena: new Arena(), hashKey: [0x2545f491, 0x4f6cdd1d] });
  db.nowMs = nowMs;
  for (let at = 0; at < names.sizeBytes; at += nameBytes) {
    const entry = db.hashes.create(names, at, at + nameBytes);
    db.hashes.set(entry, names, 0, nameBytes, names, 0, 8);
    db.hashes.timed.setTime(entry, names, 0, nameBytes, nowMs + (random.uint32() % 60_000));
  }
  const start = process.cpuUsage().user;
  let leftMost = 0;
  for (let ms = 100; ms <= 60_000; ms += 100) {
    while (!db.expireCycle({ keysMax: 64, cellsMax: 2048 }, nowMs + ms).isDone);
    leftMost = Math.max(leftMost, db.keyCount - Math.floor((many * (60_000 - ms)) / 60_000));
  }
  const usedMs = (process.cpuUsage().user - start) / 1000;
  report(`cycle over ${many} hashes: per hash removed`, (usedMs * 1e6) / (many - db.keyCount), 'ns');
  report(`cycle over ${many} hashes: share of one processor in the minute`, usedMs / 600, '%');
  report(`cycle over ${many} hashes: most that lay expired`, (leftMost / many) * 100, '%');
  checksum = (checksum + db.keyCount) | 0;
}

/** One large hash whose fields all expire at once, in slices of the server's size. */
function measureLargeHash(): void {
  const { db } = keyspaceWith(many, many);
  let slices = 0;
  let longestUs = 0;
  const start = process.cpuUsage().user;
  for (let isDone = false; !isDone; slices++) {
    const begun = process.cpuUsage().user;
    isDone = db.expireCycle({ keysMax: 64, cellsMax: 2048 }, nowMs + 4_000_000).isDone;
    longestUs = Math.max(longestUs, process.cpuUsage().user - begun);
  }
  report(`${many} fields at once: per field removed`, ((process.cpuUsage().user - start) / many) * 1000, 'ns');
  report(`${many} fields at once: longest of ${slices} slices`, longestUs, 'us');
  checksum = (checksum + db.keyCount) | 0;
}
