/**
 * ReplyDecoder beside `redis-parser` (what ioredis uses) on the same replies, cut into the chunks a socket delivers.
 *
 *   taskset -c 1 node packages/resp/src/reply-decoder.bench.ts [--next] [shape ...]
 *
 * Both read the same chunks in turn, round by round, each as often first as second, and must end with the same checksum; the
 * figures are medians. Before anything is measured both have read all shapes, so that no machine code is made for one shape
 * alone, and V8's young generation has grown to its usual size, which makes long texts dearer. Ours is driven by `readLone`
 * and `read`, with `--next` by `feed` and `next`, which cost up to 2 ns a reply and 5 ns a chunk more.
 *
 * What nobody can save (same machine, in a loop): the native call that makes one text of bytes, 43 ns for up to 200 bytes of
 * ASCII, 57 for 37 bytes of UTF-8, 120 for 210, 95 for 1 KiB, 290 for 4 KiB; a view of bytes, 15 to 18 (`slice` of a Buffer,
 * which redis-parser calls, 24). So replies that need one such call each cannot be read twice as fast as redis-parser reads
 * them: UTF-8, texts of a KiB and more, a lone text, bytes. Shorter ASCII texts share one call.
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

const shapes: readonly Shape[] = [
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
  { name: 'bulk of 200, UTF-8', write: (reply) => reply.bulkText('Größe in Zoll: 12″, Maß: µm. '.repeat(6)) },
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
  {
    name: 'array of a bulk and an integer',
    write: (reply, i) => array(reply, 2, (at) => (at === 0 ? reply.bulkText(text(5, i)) : reply.integer(i % 1000))),
  },
  {
    name: 'mixed: OK, 1, 123456, null, 16',
    write: (reply, i) => {
      const kind = (i * 7 + (i >> 3)) % 5;
      if (kind === 0) reply.ok();
      else if (kind === 1) reply.integer(1);
      else if (kind === 2) reply.integer(123_456 + i);
      else if (kind === 3) reply.null();
      else reply.bulkText(text(16, i));
    },
  },
  { name: 'error', write: (reply, i) => reply.error(`MOVED ${i % 16_384} 127.0.0.1:7001`) },
  { name: 'bulk of 32 alone', alone: true, write: (reply, i) => reply.bulkText(text(32, i)) },
  { name: 'bulk of 3 alone', alone: true, write: (reply, i) => reply.bulkText(text(3, i)) },
  { name: 'bulk of 10 alone', alone: true, write: (reply, i) => reply.bulkText(text(10, i)) },
  { name: 'bulk of 200 alone', alone: true, write: (reply, i) => reply.bulkText(text(200, i)) },
  { name: 'integer, 1 digit alone', alone: true, write: (reply, i) => reply.integer(i % 10) },
  { name: 'null bulk alone', alone: true, write: (reply) => reply.null() },
  { name: 'status +OK alone', alone: true, write: (reply) => reply.ok() },
  { name: 'bytes: bulk of 32', bytes: true, write: (reply, i) => reply.bulkText(text(32, i)) },
  { name: 'bytes: bulk of 32 alone', bytes: true, alone: true, write: (reply, i) => reply.bulkText(text(32, i)) },
  { name: 'bytes: bulk of 4 KiB', bytes: true, write: (reply, i) => reply.bulkText(text(4096, i)) },
  { name: 'bytes: bulk of 1 MiB', bytes: true, write: (reply, i) => reply.bulkText(text(1024 * 1024, i)) },
];

const chunkBytes = 64 * 1024;

/**
 * What is counted of a value. It has to cost little, or all shapes look alike; but a long text must be used, because one that
 * was put together from pieces is copied only then.
 */
function weightOf(value: unknown): number {
  if (typeof value === 'number') return value | 0;
  if (typeof value === 'string') return value.length < 1000 ? value.length : value.charCodeAt(value.length - 1);
  return value === null ? 1 : weightOfObject(value as object);
}

function weightOfObject(value: object): number {
  if (Array.isArray(value)) {
    let sum = 0;
    for (const item of value) sum = (sum + weightOf(item)) | 0;
    return sum;
  }
  return value instanceof Uint8Array ? value.length : value instanceof Error ? value.message.length : 1;
}

const isByNext = process.argv.includes('--next');

/** Feeds one decoder; returns a checksum of the values. */
type Candidate = (chunks: readonly Buffer[]) => number;

function ours(shape: Shape): Candidate {
  const decoder = new ReplyDecoder({ bytes: shape.bytes ?? false, ownsChunks: true });
  return (chunks) => {
    let sum = 0;
    for (const chunk of chunks) {
      const lone = decoder.readLone(chunk);
      if (lone !== undefined) {
        sum = (sum + weightOf(lone)) | 0;
        continue;
      }
      for (let values = decoder.read(chunk); values !== undefined; values = decoder.readMore()) {
        for (const value of values) sum = (sum + weightOf(value)) | 0;
      }
    }
    return sum;
  };
}

function oursByNext(shape: Shape): Candidate {
  const decoder = new ReplyDecoder({ bytes: shape.bytes ?? false, ownsChunks: true });
  return (chunks) => {
    let sum = 0;
    for (const chunk of chunks) {
      decoder.feed(chunk);
      while (decoder.next()) sum = (sum + weightOf(decoder.value)) | 0;
    }
    return sum;
  };
}

function theirs(shape: Shape): Candidate {
  let sum = 0;
  const count = (value: unknown): void => {
    sum = (sum + weightOf(value)) | 0;
  };
  const parser = new RedisParser({ returnReply: count, returnError: count, returnBuffers: shape.bytes ?? false });
  return (chunks) => {
    sum = 0;
    for (const chunk of chunks) parser.execute(chunk);
    return sum;
  };
}

function chunksOf(shape: Shape, wantedBytes: number): { chunks: Uint8Array<ArrayBuffer>[]; replies: number } {
  const reply = new ReplyWriter();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let replies = 0;
  let start = 0;
  for (; reply.position < wantedBytes; replies++) {
    shape.write(reply, replies);
    if (!shape.alone) continue;
    chunks.push(reply.buffer.u8.slice(start, reply.position));
    start = reply.position;
  }
  for (; start < reply.position; start += chunkBytes) {
    chunks.push(reply.buffer.u8.slice(start, Math.min(start + chunkBytes, reply.position)));
  }
  return { chunks, replies };
}

interface Result {
  readonly oursNs: number;
  readonly theirsNs: number;
  readonly checksum: number;
}

/** Medians over the rounds, in nanoseconds a reply. */
function benchShape(shape: Shape, wantedBytes: number, rounds: number): Result {
  const { chunks, replies } = chunksOf(shape, wantedBytes);
  const candidates = [isByNext ? oursByNext(shape) : ours(shape), theirs(shape)];
  const memory = chunks.map((chunk) => new Uint8Array(chunk.length));
  const times: [number[], number[]] = [[], []];
  const sums = [0, 0];
  for (let round = 0; round < 2 * rounds; round++) {
    // Each goes first as often as the other.
    const i = (round ^ (round >> 1)) & 1;
    // New objects each time, just written to memory of their own, as a socket hands them out.
    const fresh = chunks.map((chunk, at) => {
      memory[at].set(chunk);
      return Buffer.from(memory[at].buffer);
    });
    const start = process.hrtime.bigint();
    sums[i] = candidates[i](fresh);
    times[i].push(Number(process.hrtime.bigint() - start) / replies);
  }
  if (sums[0] !== sums[1]) throw new Error(`${shape.name}: our checksum is ${sums[0]}, theirs ${sums[1]}`);
  // The first third warms up.
  const median = (all: number[]): number => all.slice(rounds / 3).toSorted((a, b) => a - b)[Math.floor(rounds / 3)];
  return { oursNs: median(times[0]), theirsNs: median(times[1]), checksum: sums[0] };
}

function bytesOf(shape: Shape): number {
  if (shape.alone) return 20_000;
  return / (?:64 K|[M])iB/.test(shape.name) ? 4e6 : 2e5;
}

if (import.meta.main) {
  const wanted = process.argv.slice(2).filter((flag) => !flag.startsWith('--'));
  for (let round = 0; round < (isSmall ? 1 : 5); round++) {
    for (const shape of shapes) benchShape(shape, bytesOf(shape) / 2, isSmall ? 1 : 6);
  }
  console.log(
    `${'reply'.padEnd(28)} ${'ours ns'.padStart(10)} ${'redis-parser'.padStart(12)} ${'times'.padStart(6)}  checksum`,
  );
  for (const shape of shapes) {
    if (wanted.length > 0 && !wanted.some((part) => shape.name.includes(part))) continue;
    const wantedBytes = bytesOf(shape);
    const rounds = isSmall ? 3 : wantedBytes > 1e6 ? 90 : 900;
    const { oursNs, theirsNs, checksum } = benchShape(shape, wantedBytes, rounds);
    const cells = [oursNs.toFixed(1).padStart(10), theirsNs.toFixed(1).padStart(12)];
    console.log(
      `${shape.name.padEnd(28)} ${cells.join(' ')} ${(theirsNs / oursNs).toFixed(2).padStart(6)}  ${checksum}`,
    );
  }
}
