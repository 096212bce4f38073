/**
 * Nanoseconds per reply, written one after another into a buffer of 64 KiB that is then rewound.
 *
 *   taskset -c 1 node packages/resp/src/reply-writer.bench.ts
 */
import { ByteBuffer } from '@kvartz/base';
import { measure } from '../../../test/support/micro-bench.ts';
import { ReplyWriter } from './index.ts';

const reply = new ReplyWriter(64 * 1024 + 128);
const value = new ByteBuffer(64 * 1024);
value.u8.fill(0x76);
const bytes = value.u8.slice(0, 32);

/** Rewinds when the buffer is nearly full, and returns what keeps the write from being optimised away. */
function written(): number {
  const { position } = reply;
  const last = reply.buffer.u8[position - 3];
  if (position > 32 * 1024) reply.position = 0;
  return last + position;
}

function bench(name: string, write: (i: number) => void): void {
  reply.position = 0;
  measure(name, (i) => {
    write(i);
    return written();
  });
}

if (import.meta.main) {
  bench('ok', () => reply.ok());
  bench('simple (20 characters)', () => reply.simple('Background saving ok'));
  bench('error (40 characters)', () => reply.error('WRONGTYPE Operation against a wrong type'));
  bench('null', () => reply.null());
  bench('integer, 1 digit', (i) => reply.integer(i % 10));
  bench('integer, 6 digits', (i) => reply.integer(100_000 + (i % 800_000)));
  bench('integer, 13 digits', (i) => reply.integer(1_700_000_000_000 + i));
  bench('bulkInteger, 6 digits', (i) => reply.bulkInteger(100_000 + (i % 800_000)));
  for (const length of [3, 16, 32, 100, 1024, 16_384]) {
    bench(`bulk of ${length}`, (i) => reply.bulk(value, i % 64, (i % 64) + length));
  }
  bench('bulkBytes of 32', () => reply.bulkBytes(bytes));
  bench('bulkText of 20', () => reply.bulkText('twenty characters...'));
  bench('bulkText of 20, UTF-8', () => reply.bulkText('zwanzig Zeichen, äöü'));
  bench('array head, 2 digits', (i) => reply.array(10 + (i % 90)));
  bench('double', (i) => reply.double(i / 8));
}
