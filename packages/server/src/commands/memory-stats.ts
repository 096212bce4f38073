import type { ReplyWriter } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import { memoryFacts, percentOf, ratioOf } from './info/memory.ts';

type Row = readonly [name: string, write: (reply: ReplyWriter) => void];

const integer = (name: string, value: number): Row => [name, (reply) => reply.integer(value)];
const double = (name: string, value: number): Row => [name, (reply) => reply.double(value)];

/** MEMORY STATS: where memory goes. Names and order are those of Redis 7.0. */
export function stats({ databases, kernel, reply }: ServerContext): void {
  const facts = memoryFacts(kernel);
  const { arenaBytes, clientBytes, indexBytes, peakBytes, reservedBytes, residentBytes, usedBytes } = facts;
  const keyCount = databases.reduce((sum, database) => sum + database.keyCount, 0);
  const dataBytes = usedBytes - indexBytes;
  const rows: Row[] = [
    integer('peak.allocated', peakBytes),
    integer('total.allocated', usedBytes),
    integer('startup.allocated', 0),
    integer('replication.backlog', 0),
    integer('clients.slaves', 0),
    integer('clients.normal', clientBytes),
    integer('cluster.links', 0),
    integer('aof.buffer', 0),
    integer('lua.caches', 0),
    integer('functions.caches', 0),
  ];
  for (const [i, database] of databases.entries()) {
    if (database.keyCount === 0) continue;
    const ofDatabase = [
      integer('overhead.hashtable.main', database.indexBytes),
      // The index knows which keys expire, and which slot they are in.
      integer('overhead.hashtable.expires', 0),
      integer('overhead.hashtable.slot-to-keys', 0),
    ];
    rows.push([`db.${i}`, (writer) => writeMap(writer, ofDatabase)]);
  }
  rows.push(
    integer('overhead.total', indexBytes),
    integer('keys.count', keyCount),
    integer('keys.bytes-per-key', keyCount === 0 ? 0 : Math.floor(usedBytes / keyCount)),
    integer('dataset.bytes', dataBytes),
    double('dataset.percentage', usedBytes === 0 ? 0 : percentOf(dataBytes, usedBytes)),
    double('peak.percentage', peakBytes === 0 ? 0 : percentOf(usedBytes, peakBytes)),
    integer('allocator.allocated', usedBytes),
    integer('allocator.active', reservedBytes),
    integer('allocator.resident', arenaBytes),
    double('allocator-fragmentation.ratio', ratioOf(reservedBytes, usedBytes)),
    integer('allocator-fragmentation.bytes', reservedBytes - usedBytes),
    double('allocator-rss.ratio', ratioOf(arenaBytes, reservedBytes)),
    integer('allocator-rss.bytes', arenaBytes - reservedBytes),
    double('rss-overhead.ratio', ratioOf(residentBytes, arenaBytes)),
    integer('rss-overhead.bytes', residentBytes - arenaBytes),
    double('fragmentation', ratioOf(residentBytes, usedBytes)),
    integer('fragmentation.bytes', residentBytes - usedBytes),
  );
  writeMap(reply, rows);
}

function writeMap(reply: ReplyWriter, rows: readonly Row[]): void {
  reply.map(rows.length);
  for (const [name, write] of rows) {
    reply.bulkText(name);
    write(reply);
  }
}
