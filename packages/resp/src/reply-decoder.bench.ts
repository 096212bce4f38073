/**
 * ReplyDecoder beside `redis-parser` (what ioredis uses) on the same replies, cut into the chunks a socket delivers.
 *
 *   taskset -c 1 node packages/resp/src/reply-decoder.bench.ts [shape ...]
 *
 * Both read the same chunks in turn, round by round, and must end with the same checksum.
 */
// @ts-expect-error -- it has no types
import RedisParser from 'redis-parser';
import { isSmall } from '../../../test/support/micro-bench.ts';
import { ReplyDecoder } from './reply-decoder.ts';
import { ReplyWriter } from './reply-writer.ts';

interface Shape {
  readonly name: string;
  readonly write: (reply: ReplyWriter, i: number) => void;
  /** Values as bytes instead of as text. */
  readonly bytes?: boolean;
  /** Every reply comes in a chunk of its own, as without pipelining. */
  readonly alone?: boolean;
}

const text = (length: number, i: number): string => `${i}:`.padEnd(length, 'value of a key ').slice(0, length);

function array(reply: ReplyWriter, count: number, write: (i: number) => void): void {
  reply.array(count);
  for (let i = 0; i < count; i++) write(i);
}

export const shapes: readonly Shape[] = [
  { name: 'status +OK', write: (reply) => reply.ok() },
  { name: 'status of 20 characters', write: (reply, i) => reply.simple(text(20, i)) },
  { name: 'integer, 1 digit', write: (reply, i) => reply.integer(i % 10) },
  { name: 'integer, 6 digits', write: (reply, i) => reply.integer(100_000 + (i % 900_000)) },
  { name: 'integer, 13 digits', write: (reply, i) => reply.integer(1_700_000_000_000 + i) },
  { name: 'null bulk', write: (reply) => reply.null() },
  { name: 'bulk of 3', write: (reply, i) => reply.bulkText(text(3, i)) },
  { name: 'bulk of 16', write: (reply, i) => reply.bulkText(text(16, i)) },
  { name: 'bulk of 32', write: (reply, i) => reply.bulkText(text(32, i)) },
  { name: 'bulk of 100', write: (reply, i) => reply.bulkText(text(100, i)) },
  { name: 'bulk of 32, UTF-8', write: (reply) => reply.bulkText('Größe in Zoll: 12″, Maß: µm') },
  { name: 'bulk of 1 KiB', write: (reply, i) => reply.bulkText(text(1024, i)) },
  { name: 'bulk of 4 KiB', write: (reply, i) => reply.bulkText(text(4096, i)) },
  { name: 'bulk of 64 KiB', write: (reply, i) => reply.bulkText(text(65_536, i)) },
  { name: 'bulk of 1 MiB', write: (reply, i) => reply.bulkText(text(1024 * 1024, i)) },
  { name: 'array of 100 bulks of 10', write: (reply) => array(reply, 100, (i) => reply.bulkText(text(10, i))) },
  { name: 'array of 100 integers', write: (reply) => array(reply, 100, (i) => reply.integer(i * 1000)) },
  {
    name: 'array of 10 of 10 bulks',
    write: (reply) => array(reply, 10, () => array(reply, 10, (i) => reply.bulkText(text(12, i)))),
  },
  { name: 'error', write: (reply, i) => reply.error(`MOVED ${i % 16_384} 127.0.0.1:7001`) },
  { name: 'bulk of 32 alone', alone: true, write: (reply, i) => reply.bulkText(text(32, i)) },
  { name: 'status +OK alone', alone: true, write: (reply) => reply.ok() },
  { name: 'bytes: bulk of 32', bytes: true, write: (reply, i) => reply.bulkText(text(32, i)) },
  { name: 'bytes: bulk of 4 KiB', bytes: true, write: (reply, i) => reply.bulkText(text(4096, i)) },
  { name: 'bytes: bulk of 1 MiB', bytes: true, write: (reply, i) => reply.bulkText(text(1024 * 1024, i)) },
];

const chunkBytes = 64 * 1024;

/** What is counted of a value: it keeps the decoders honest without costing more than they do. */
function weightOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return value.length === 0 ? 0 : value.length + value.charCodeAt(value.length - 1);
  if (value instanceof Uint8Array) return value.length + (value[value.length - 1] ?? 0);
  if (Array.isArray(value)) {
    let sum = 0;
    for (const item of value) sum += weightOf(item);
    return sum;
  }
  return value instanceof Error ? value.message.length : 1;
}

/** Feeds one decoder; returns a checksum of the values. */
type Candidate = (chunks: readonly Buffer[]) => number;

function ours(shape: Shape): Candidate {
  const decoder = new ReplyDecoder({ bytes: shape.bytes ?? false, ownsChunks: true });
  return (chunks) => {
    let sum = 0;
    for (const chunk of chunks) {
      decoder.feed(chunk);
      while (decoder.next()) sum += weightOf(decoder.value);
    }
    return sum;
  };
}

function theirs(shape: Shape): Candidate {
  let sum = 0;
  const count = (value: unknown): void => {
    sum += weightOf(value);
  };
  const parser = new RedisParser({ returnReply: count, returnError: count, returnBuffers: shape.bytes ?? false });
  return (chunks) => {
    sum = 0;
    for (const chunk of chunks) parser.execute(chunk);
    return sum;
  };
}

function chunksOf(shape: Shape, wantedBytes: number): { chunks: Buffer[]; replies: number } {
  const reply = new ReplyWriter();
  const chunks: Buffer[] = [];
  let replies = 0;
  let start = 0;
  for (; reply.position < wantedBytes; replies++) {
    shape.write(reply, replies);
    if (!shape.alone) continue;
    chunks.push(Buffer.from(reply.buffer.u8.slice(start, reply.position)));
    start = reply.position;
  }
  // Each chunk in memory of its own, as a socket delivers them.
  for (; start < reply.position; start += chunkBytes) {
    chunks.push(Buffer.from(reply.buffer.u8.slice(start, Math.min(start + chunkBytes, reply.position))));
  }
  return { chunks, replies };
}

export interface Result {
  readonly name: string;
  readonly oursNs: number;
  readonly theirsNs: number;
  readonly checksum: number;
}

export function benchShape(shape: Shape, wantedBytes: number, rounds: number): Result {
  const { chunks, replies } = chunksOf(shape, wantedBytes);
  const candidates = [ours(shape), theirs(shape)];
  const times: [number[], number[]] = [[], []];
  const sums = [0, 0];
  for (let round = 0; round < rounds; round++) {
    for (const [i, candidate] of candidates.entries()) {
      const start = process.hrtime.bigint();
      sums[i] = candidate(chunks);
      times[i].push(Number(process.hrtime.bigint() - start) / replies);
    }
  }
  if (sums[0] !== sums[1]) throw new Error(`${shape.name}: our checksum is ${sums[0]}, theirs ${sums[1]}`);
  // The first third warms up. The lower quartile of short rounds: whoever else uses the machine disturbs few of them.
  const typical = (all: number[]): number => all.slice(rounds / 3).toSorted((a, b) => a - b)[Math.floor(rounds / 6)];
  return { name: shape.name, oursNs: typical(times[0]), theirsNs: typical(times[1]), checksum: sums[0] };
}

if (import.meta.main) {
  const wanted = process.argv.slice(2).filter((flag) => flag !== '--small');
  console.log(
    `${'reply'.padEnd(28)} ${'ours ns'.padStart(10)} ${'redis-parser'.padStart(12)} ${'times'.padStart(6)}  checksum`,
  );
  for (const shape of shapes) {
    if (wanted.length > 0 && !wanted.some((part) => shape.name.includes(part))) continue;
    const isLarge = / [KM]iB/.test(shape.name);
    const { name, oursNs, theirsNs, checksum } = benchShape(
      shape,
      isLarge ? 4e6 : 2e5,
      isSmall ? 3 : isLarge ? 100 : 1500,
    );
    const cells = [oursNs.toFixed(1).padStart(10), theirsNs.toFixed(1).padStart(12)];
    console.log(`${name.padEnd(28)} ${cells.join(' ')} ${(theirsNs / oursNs).toFixed(2).padStart(6)}  ${checksum}`);
  }
}
