/**
 * Nanoseconds (of processor time) per operation on one sorted set: `node sorted-sets.bench.ts [--small] [members ...]`. Members
 * of 16 bytes; best of some rounds. Up to 128 members are a listpack.
 */
import { ByteBuffer, Prng } from '@kvartz/base';
import { Arena, Keyspace, MemberRun, ScoreRun } from '../index.ts';

const isSmall = process.argv.includes('--small');
const given = process.argv.slice(2).map(Number).filter(Number.isFinite);
const memberCounts = given.length > 0 ? given : isSmall ? [100, 2000] : [100, 10_000, 1_000_000];
const operations = isSmall ? 2000 : 300_000;
const rounds = isSmall ? 1 : 5;
const memberBytes = 16;

for (const count of memberCounts) measure(count);

function measure(count: number): void {
  const arena = new Arena();
  const { sortedSets: sets } = new Keyspace({ arena, hashKey: [0x2545f491, 0x4f6cdd1d] });
  const random = new Prng(1);
  const names = new ByteBuffer(count * memberBytes);
  for (let i = 0; i < count; i++) {
    names.u8.set(new TextEncoder().encode(`member:${String(i).padStart(9, '0')}`), i * memberBytes);
  }
  const key = ByteBuffer.from(new TextEncoder().encode('z'));
  const e = sets.create(key, 0, 1, names, 0, memberBytes, 0);
  for (let i = 1; i < count; i++) sets.add(e, names, i * memberBytes, (i + 1) * memberBytes, i);
  let checksum = 0;
  const print = (name: string, figure: string): void => {
    console.log(`${String(count).padStart(9)} members  ${name.padEnd(26)} ${figure}`);
  };
  print('bytes per member', (arena.usedBytes / count).toFixed(1).padStart(8));
  const time = (name: string, run: (i: number, at: number) => number, perRun = 1): void => {
    let best = Infinity;
    for (let round = 0; round < rounds; round++) {
      const start = process.cpuUsage().user;
      for (let n = 0; n < operations / perRun; n++) {
        const i = random.below(count);
        checksum = (checksum + run(i, i * memberBytes)) | 0;
      }
      best = Math.min(best, process.cpuUsage().user - start);
    }
    print(name, `${((best / operations) * 1000).toFixed(1).padStart(8)} ns`);
  };
  time('score', (_, at) => sets.scoreOf(e, names, at, at + memberBytes));
  time('rank', (_, at) => sets.rankOf(e, names, at, at + memberBytes));
  time('rank of a score', (i) => sets.rankOfScore(e, i, false));
  time('another score, same place', (i, at) => sets.add(e, names, at, at + memberBytes, i + random.below(2) / 2));
  time('another score, elsewhere', (_, at) => sets.add(e, names, at, at + memberBytes, random.below(count)));
  time('remove and add', (i, at) => {
    sets.remove(e, names, at, at + memberBytes);
    return sets.add(e, names, at, at + memberBytes, i);
  });
  const walked = Math.min(count, 100);
  const seek = (i: number): void => sets.seek(e, Math.min(i, count - walked));
  time(
    'walk of 100, each',
    (i) => {
      seek(i);
      let sum = 0;
      for (let left = walked; left > 0 && sets.next(); left--) sum += sets.member.sizeBytes;
      return sum;
    },
    walked,
  );
  const members = new MemberRun(64);
  time(
    'in runs, each',
    (i) => {
      seek(i);
      let sum = 0;
      for (let left = walked; left > 0; left -= sets.nextRun(members, left, false)) sum += members.ends[0];
      return sum;
    },
    walked,
  );
  const scores = new ScoreRun(64);
  time(
    'by scores, each',
    (i) => {
      sets.seekScore(e, Math.min(i, count - walked));
      let sum = 0;
      for (let left = walked; left > 0; left -= sets.nextScores(scores)) sum += scores.scores[0];
      return sum;
    },
    walked,
  );
  print('checksum', String(checksum));
}
