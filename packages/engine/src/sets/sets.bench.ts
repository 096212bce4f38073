/**
 * Nanoseconds (of processor time) per operation on one set of each encoding: `node sets.bench.ts [--small] [members]`. The
 * number of members is that of the table. Best of some rounds.
 */
import { ByteBuffer, Prng } from '@kvartz/base';
import { Arena, Keyspace } from '../index.ts';

const isSmall = process.argv.includes('--small');
const given = process.argv.slice(2).map(Number).find(Number.isFinite);
const tableMembers = given ?? (isSmall ? 1000 : 100_000);
const operations = isSmall ? 2000 : 500_000;
const rounds = isSmall ? 1 : 5;
const memberBytes = 16;

measure('intset', 100, false);
measure('listpack', 100, true);
measure('hashtable', tableMembers, true);

function measure(encoding: string, count: number, isText: boolean): void {
  const db = new Keyspace({ arena: new Arena(), hashKey: [0x2545f491, 0x4f6cdd1d] });
  const random = new Prng(1);
  const names = new ByteBuffer(count * memberBytes);
  const key = ByteBuffer.from(new TextEncoder().encode('s'));
  const length = isText ? memberBytes : 5;
  for (let i = 0; i < count; i++) {
    const text = isText ? `member:${String(i).padStart(9, '0')}` : String(10_000 + i);
    names.u8.set(new TextEncoder().encode(text), i * memberBytes);
  }
  const entry = db.sets.create(key, 0, 1, names, 0, length);
  const addAll = (): void => {
    for (let at = 0; at < names.sizeBytes; at += memberBytes) db.sets.add(entry, names, at, at + length);
  };
  addAll();
  let checksum = 0;
  const time = (name: string, run: (at: number) => number, perRun = 1): void => {
    let best = Infinity;
    for (let round = 0; round < rounds; round++) {
      const start = process.cpuUsage().user;
      for (let i = 0; i < operations / perRun; i++) {
        checksum = (checksum + run(Math.floor((random.uint32() / 2 ** 32) * count) * memberBytes)) | 0;
      }
      best = Math.min(best, process.cpuUsage().user - start);
    }
    const figure = ((best / operations) * 1000).toFixed(1).padStart(8);
    console.log(`${encoding.padEnd(10)} ${String(count).padStart(9)} members  ${name.padEnd(18)} ${figure} ns`);
  };
  time('has', (at) => (db.sets.has(entry, names, at, at + length) ? 1 : 0));
  time('remove and add', (at) => {
    db.sets.remove(entry, names, at, at + length);
    return db.sets.add(entry, names, at, at + length);
  });
  time('pick', () => db.sets.pick(entry, random).sizeBytes);
  const walked = Math.min(count, operations);
  time(
    'walk, per member',
    () => {
      let left = walked;
      let sum = 0;
      for (const walk = db.sets.walk(entry); left > 0 && walk.next(); left--) sum += walk.text().sizeBytes;
      return sum;
    },
    walked,
  );
  // Every other member, and as many that are not there.
  const otherKey = ByteBuffer.from(new TextEncoder().encode('o'));
  let other = 0;
  for (let i = 0; i < count; i++) {
    const name = isText ? `member:${String(i * 2).padStart(9, '0')}` : String(10_000 + i * 2);
    const member = ByteBuffer.from(new TextEncoder().encode(name));
    if (other === 0) other = db.sets.create(otherKey, 0, 1, member, 0, length);
    else db.sets.add(other, member, 0, length);
  }
  time(
    'intersect, each',
    () => {
      let sum = 0;
      for (const batch = db.sets.batches(entry); batch.next(); sum += batch.count) db.sets.keep(other, true);
      return sum;
    },
    Math.min(count, operations),
  );
  console.log(`${encoding.padEnd(10)} checksum ${(checksum >>> 0).toString(16)}`);
}
