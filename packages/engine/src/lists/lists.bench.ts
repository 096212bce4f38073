/**
 * Nanoseconds (of processor time) per operation on one list: `node lists.bench.ts [--small] [elements ...]`. Elements of 10
 * bytes; best of some rounds. Then the longest single operation on a list of ten million elements.
 */
import { ByteBuffer, Prng } from '@kvartz/base';
import { Arena, Keyspace } from '../index.ts';

const isSmall = process.argv.includes('--small');
const given = process.argv.slice(2).map(Number).filter(Number.isFinite);
const elementCounts = given.length > 0 ? given : isSmall ? [100, 2000] : [100, 10_000, 1_000_000];
const operations = isSmall ? 5000 : 1_000_000;
const rounds = isSmall ? 1 : 5;
const key = ByteBuffer.from(new TextEncoder().encode('key:000000000001'));
const value = ByteBuffer.from(new TextEncoder().encode('element-0012345678'));
const valueBytes = 10;

for (const count of elementCounts) measure(count);
measurePauses(isSmall ? 100_000 : 10_000_000);

function newKeyspace(): Keyspace {
  const keyspace = new Keyspace({ arena: new Arena(), hashKey: [0x2545f491, 0x4f6cdd1d] });
  keyspace.nowMs = 1_700_000_000_000;
  return keyspace;
}

function measure(count: number): void {
  const { arena, lists } = newKeyspaceParts();
  let e = lists.create(key, 0, 16, value, 0, valueBytes);
  for (let i = 1; i < count; i++) lists.push(e, true, value, 0, valueBytes);
  let checksum = 0;
  const random = new Prng(1);
  const print = (name: string, figure: string): void => {
    console.log(`${String(count).padStart(9)} elements  ${name.padEnd(26)} ${figure}`);
  };
  const time = (name: string, n: number, run: (i: number) => number): void => {
    let best = Infinity;
    for (let round = 0; round < rounds; round++) {
      const start = process.cpuUsage().user;
      for (let i = 0; i < n; i++) checksum = (checksum + run(i)) | 0;
      best = Math.min(best, process.cpuUsage().user - start);
    }
    print(name, `${((best / n) * 1000).toFixed(0).padStart(7)} ns`);
  };
  print('bytes per element', (arena.usedBytes / count).toFixed(1));
  const { walk } = lists;
  for (const isTail of [false, true]) {
    const end = isTail ? 'tail' : 'head';
    time(`push at the ${end}`, operations, () => (lists.push(e, isTail, value, 0, valueBytes) ? 1 : 0));
    time(`pop at the ${end}`, operations, () => {
      const { start } = lists.peek(e, isTail);
      lists.drop(e, isTail, 1);
      return start & 1;
    });
  }
  time('push and pop, as a queue', operations, () => {
    lists.push(e, true, value, 0, valueBytes);
    lists.drop(e, false, 1);
    return 1;
  });
  time('index', operations / 10, () => lists.at(e, random.below(count)).sizeBytes);
  time('set', operations / 10, (i) => (lists.set(e, random.below(count), value, 0, 9 + (i & 1)) ? 1 : 0));
  time('insert', operations / 100, () => (lists.insert(e, random.below(count), value, 0, 8) ? 1 : 0));
  const compared = lists.count(e);
  const startRemove = process.cpuUsage().user;
  checksum += lists.removeEqual(e, false, Infinity, value, 0, 8);
  const removeNs = ((process.cpuUsage().user - startRemove) / compared) * 1000;
  print('remove by value, each', `${removeNs.toFixed(1).padStart(7)} ns`);
  let sum = 0;
  const start = process.cpuUsage().user;
  let steps = 0;
  while (steps < operations) {
    walk.seek(e, lists.count(e), 0, false);
    while (walk.next()) sum += walk.read().sizeBytes;
    steps += lists.count(e);
  }
  print('walk, each element', `${(((process.cpuUsage().user - start) / steps) * 1000).toFixed(1).padStart(7)} ns`);
  print('checksum', String((checksum + sum) | 0));
  lists.drop(e, true, lists.count(e));
  e = 0;
}

function newKeyspaceParts(): { readonly arena: Arena; readonly lists: Keyspace['lists'] } {
  const keyspace = newKeyspace();
  return { arena: keyspace.arena, lists: keyspace.lists };
}

/** What a client may ask at worst, once each. */
function measurePauses(count: number): void {
  const keyspace = newKeyspace();
  const { arena, lists } = keyspace;
  let slowestMs = 0;
  let e = lists.create(key, 0, 16, value, 0, valueBytes);
  for (let i = 1; i < count; i++) {
    const start = i % 50 === 0 ? performance.now() : 0;
    lists.push(e, i % 2 === 0, value, 0, valueBytes);
    if (start !== 0) slowestMs = Math.max(slowestMs, performance.now() - start);
  }
  const print = (name: string, ms: number): void => {
    console.log(`${String(count).padStart(9)} elements  ${name.padEnd(26)} ${ms.toFixed(3).padStart(7)} ms`);
  };
  const time = (name: string, run: () => void): void => {
    const start = performance.now();
    run();
    print(name, performance.now() - start);
  };
  print('slowest push of a sample', slowestMs);
  time('index in the middle', () => lists.at(e, count >>> 1));
  time('insert in the middle', () => lists.insert(e, count >>> 1, value, 0, valueBytes));
  time('set in the middle', () => lists.set(e, count >>> 1, value, 0, valueBytes + 4));
  time('memory usage', () => keyspace.memoryOf(e));
  time('trim to the middle tenth', () => lists.trim(e, Math.floor(count * 0.45), Math.floor(count * 0.55)));
  time('a slice of freeing', () => arena.lazyFree.run(100));
  time('trim to one', () => lists.trim(e, 0, 1));
  time('remove the key', () => keyspace.removeEntry(e));
  e = 0;
  let slowestSliceMs = 0;
  for (let isMore = true; isMore;) {
    const start = performance.now();
    isMore = arena.lazyFree.run(100);
    slowestSliceMs = Math.max(slowestSliceMs, performance.now() - start);
  }
  print('slowest slice of freeing', slowestSliceMs);
  console.log(`bytes left ${arena.usedBytes}`);
}
