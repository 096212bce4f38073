import { ByteBuffer } from '@kvartz/base';
import fc from 'fast-check';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { bytesOf, latin1 } from '../test/support.ts';
import { ReplyBufferError, ReplyDecoder, ReplyWriter } from './index.ts';

function written(write: (reply: ReplyWriter) => void, protocol: 2 | 3 = 2, capacityBytes = 0): string {
  const reply = new ReplyWriter(capacityBytes);
  reply.protocol = protocol;
  write(reply);
  return latin1(reply.buffer.u8.subarray(0, reply.position));
}

const long = 'x'.repeat(1000);

/** What is written, and how it looks in RESP2 and, where that differs, in RESP3. */
const table: readonly (readonly [name: string, write: (reply: ReplyWriter) => void, resp2: string, resp3?: string])[] =
  [
    ['ok', (r) => r.ok(), '+OK\r\n'],
    ['pong', (r) => r.pong(), '+PONG\r\n'],
    ['queued', (r) => r.queued(), '+QUEUED\r\n'],
    ['simple', (r) => r.simple('Background saving started'), '+Background saving started\r\n'],
    ['simple with line ends', (r) => r.simple('a\r\nb\nc'), '+a  b c\r\n'],
    ['simple, not ASCII', (r) => r.simple('Zürich\n'), '+Z\xc3\xbcrich \r\n'],
    ['simple, long', (r) => r.simple(long), `+${long}\r\n`],
    ['error', (r) => r.error('ERR syntax error'), '-ERR syntax error\r\n'],
    ['error with line ends', (r) => r.error('ERR a\r\n+OK\r\n'), '-ERR a  +OK  \r\n'],
    [
      'error, not ASCII',
      (r) => r.error("ERR unknown command 'größe'"),
      "-ERR unknown command 'gr\xc3\xb6\xc3\x9fe'\r\n",
    ],
    ['integer 0', (r) => r.integer(0), ':0\r\n'],
    ['integer 9', (r) => r.integer(9), ':9\r\n'],
    ['integer 10', (r) => r.integer(10), ':10\r\n'],
    ['integer -1', (r) => r.integer(-1), ':-1\r\n'],
    ['integer 2^53 - 1', (r) => r.integer(Number.MAX_SAFE_INTEGER), ':9007199254740991\r\n'],
    ['integer -(2^53 - 1)', (r) => r.integer(Number.MIN_SAFE_INTEGER), ':-9007199254740991\r\n'],
    ['bigInteger', (r) => r.bigInteger(-(2n ** 63n)), ':-9223372036854775808\r\n'],
    ['bulk', (r) => r.bulk(ByteBuffer.from(bytesOf('abc\r\ndef')), 1, 6), '$5\r\nbc\r\nd\r\n'],
    ['bulk, empty', (r) => r.bulk(new ByteBuffer(0), 0, 0), '$0\r\n\r\n'],
    ['bulk of 99', (r) => r.bulk(ByteBuffer.from(bytesOf(long)), 1, 100), `$99\r\n${long.slice(0, 99)}\r\n`],
    ['bulk of 100', (r) => r.bulk(ByteBuffer.from(bytesOf(long)), 0, 100), `$100\r\n${long.slice(0, 100)}\r\n`],
    ['bulk of 1000', (r) => r.bulk(ByteBuffer.from(bytesOf(long)), 0, 1000), `$1000\r\n${long}\r\n`],
    ['bulkBytes', (r) => r.bulkBytes(Uint8Array.of(0, 255, 13, 10)), '$4\r\n\0\xff\r\n\r\n'],
    ['bulkBytes, long', (r) => r.bulkBytes(bytesOf(long)), `$1000\r\n${long}\r\n`],
    ['bulkText', (r) => r.bulkText('hello'), '$5\r\nhello\r\n'],
    ['bulkText, empty', (r) => r.bulkText(''), '$0\r\n\r\n'],
    ['bulkText, not ASCII', (r) => r.bulkText('aé€😀'), '$10\r\na\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\r\n'],
    ['bulkText, long', (r) => r.bulkText(long), `$1000\r\n${long}\r\n`],
    ['bulkInteger 0', (r) => r.bulkInteger(0), '$1\r\n0\r\n'],
    ['bulkInteger -12345678', (r) => r.bulkInteger(-12_345_678), '$9\r\n-12345678\r\n'],
    ['bulkInteger 1234567890', (r) => r.bulkInteger(1_234_567_890), '$10\r\n1234567890\r\n'],
    ['bulkInteger -(2^53 - 1)', (r) => r.bulkInteger(Number.MIN_SAFE_INTEGER), '$17\r\n-9007199254740991\r\n'],
    ['null', (r) => r.null(), '$-1\r\n', '_\r\n'],
    ['nullArray', (r) => r.nullArray(), '*-1\r\n', '_\r\n'],
    ['array(0)', (r) => r.array(0), '*0\r\n'],
    ['array(10)', (r) => r.array(10), '*10\r\n'],
    ['array(1234567)', (r) => r.array(1_234_567), '*1234567\r\n'],
    ['map(3)', (r) => r.map(3), '*6\r\n', '%3\r\n'],
    ['set(50)', (r) => r.set(50), '*50\r\n', '~50\r\n'],
    ['push(3)', (r) => r.push(3), '*3\r\n', '>3\r\n'],
    ['double 3', (r) => r.double(3), '$1\r\n3\r\n', ',3\r\n'],
    ['double 1.5', (r) => r.double(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
    ['double inf', (r) => r.double(Infinity), '$3\r\ninf\r\n', ',inf\r\n'],
    ['double -inf', (r) => r.double(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
    ['double nan', (r) => r.double(NaN), '$3\r\nnan\r\n', ',nan\r\n'],
    ['boolean true', (r) => r.boolean(true), ':1\r\n', '#t\r\n'],
    ['boolean false', (r) => r.boolean(false), ':0\r\n', '#f\r\n'],
    [
      'bigNumber',
      (r) => r.bigNumber('12345678901234567890'),
      '$20\r\n12345678901234567890\r\n',
      '(12345678901234567890\r\n',
    ],
    ['verbatim', (r) => r.verbatim('txt', 'a é'), '$4\r\na \xc3\xa9\r\n', '=8\r\ntxt:a \xc3\xa9\r\n'],
    ['raw', (r) => r.raw(bytesOf('x+OK\r\ny'), 1, 6), '+OK\r\n'],
    ['raw, long', (r) => r.raw(bytesOf(long), 0, 1000), long],
  ];

describe('reply writer', () => {
  for (const [name, write, resp2, resp3 = resp2] of table) {
    test(name, () => {
      equal(written(write, 2), resp2);
      equal(written(write, 3), resp3);
    });
  }

  test('attribute', () => {
    equal(
      written((reply) => reply.attribute(1), 3),
      '|1\r\n',
    );
    throws(() => written((reply) => reply.attribute(1), 2), /RESP2/);
  });

  test('grows at every position without losing a byte', () => {
    const all = table.map(([, write]) => write);
    const expected = table.map(([, , resp2]) => resp2).join('');
    for (let capacity = 0; capacity < 64; capacity++) {
      // Every reply in turn is the one that no longer fits.
      for (const [i, write] of all.entries()) {
        const reply = new ReplyWriter(capacity + 100);
        reply.position = 100;
        write(reply);
        equal(latin1(reply.buffer.u8.subarray(100, reply.position)), table[i][2]);
      }
      equal(
        written((reply) => all.forEach((write) => write(reply)), 2, capacity),
        expected,
      );
    }
  });

  test('counts errors and remembers the last', () => {
    const reply = new ReplyWriter();
    reply.ok();
    reply.error('ERR one');
    reply.error('WRONGTYPE two');
    equal(reply.errorCount, 2);
    equal(reply.lastError, 'WRONGTYPE two');
  });

  test('the owner may rewind and replace the buffer', () => {
    const reply = new ReplyWriter();
    reply.ok();
    reply.position = 0;
    reply.buffer = new ByteBuffer(1);
    reply.pong();
    equal(latin1(reply.buffer.u8.subarray(0, reply.position)), '+PONG\r\n');
  });

  test('a bulk of 512 MB', { timeout: 60_000 }, () => {
    const value = new ByteBuffer(512 * 1024 * 1024);
    value.u8[0] = 1;
    value.u8[value.sizeBytes - 1] = 2;
    const reply = new ReplyWriter();
    reply.ok();
    reply.bulk(value, 0, value.sizeBytes);
    reply.ok();
    const { u8 } = reply.buffer;
    const head = '+OK\r\n$536870912\r\n';
    equal(latin1(u8.subarray(0, head.length)), head);
    equal(u8[head.length], 1);
    equal(latin1(u8.subarray(reply.position - 8, reply.position)), '\x02\r\n+OK\r\n');
    equal(reply.position, head.length + value.sizeBytes + 7);
    ok(u8.length < reply.position + 1024);
  });

  test('more than 2 GiB is refused before anything is allocated', () => {
    const reply = new ReplyWriter();
    throws(() => reply.reserve(2 ** 31), ReplyBufferError);
    reply.ok();
    equal(reply.position, 5);
  });
});

/** A reply as it is written in RESP3, and the value it should be read as. */
interface Node {
  readonly write: (reply: ReplyWriter) => void;
  readonly value: unknown;
}

const leaf: fc.Arbitrary<Node> = fc.oneof(
  fc.constant({ write: (r: ReplyWriter) => r.ok(), value: 'OK' }),
  fc.constant({ write: (r: ReplyWriter) => r.null(), value: null }),
  fc.constant({ write: (r: ReplyWriter) => r.nullArray(), value: null }),
  fc.maxSafeInteger().map((n) => ({ write: (r: ReplyWriter) => r.integer(n), value: n })),
  fc.integer().map((n) => ({ write: (r: ReplyWriter) => r.bulkInteger(n), value: String(n) })),
  fc
    .bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n })
    .map((n) => ({ write: (r: ReplyWriter) => r.bigInteger(-n), value: -n })),
  fc.bigInt().map((n) => ({ write: (r: ReplyWriter) => r.bigNumber(n.toString()), value: n })),
  fc.boolean().map((b) => ({ write: (r: ReplyWriter) => r.boolean(b), value: b })),
  // Minus zero is read as such, but deepEqual tells them apart where Redis does not care.
  fc.double().map((n) => ({ write: (r: ReplyWriter) => r.double(n), value: n })),
  fc
    .string({ unit: 'grapheme', maxLength: 300 })
    .map((text) => ({ write: (r: ReplyWriter) => r.bulkText(text), value: text })),
  fc.string({ unit: 'grapheme' }).map((text) => ({ write: (r: ReplyWriter) => r.verbatim('mkd', text), value: text })),
  fc
    .string({ unit: 'grapheme' })
    .map((text) => ({ write: (r: ReplyWriter) => r.simple(text), value: text.replace(/[\r\n]/g, ' ') })),
);

const tree = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('node'), { maxLength: 5 }).map((nodes) => ({
      write: (reply: ReplyWriter) => {
        reply.array(nodes.length);
        for (const node of nodes) node.write(reply);
      },
      value: nodes.map((node) => node.value),
    })),
    fc.array(fc.tuple(fc.string({ maxLength: 9 }), tie('node')), { maxLength: 5 }).map((pairs) => ({
      write: (reply: ReplyWriter) => {
        reply.map(pairs.length);
        for (const [key, node] of pairs) {
          reply.bulkText(key);
          node.write(reply);
        }
      },
      value: new Map(pairs.map(([key, node]) => [key, node.value])),
    })),
    fc.array(fc.nat(), { maxLength: 5 }).map((numbers) => ({
      write: (reply: ReplyWriter) => {
        reply.set(numbers.length);
        for (const n of numbers) reply.integer(n);
      },
      value: new Set(numbers),
    })),
  ),
})).node;

test('what is written is read again (property)', () => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 10 }), (nodes) => {
      const reply = new ReplyWriter(0);
      reply.protocol = 3;
      for (const node of nodes) node.write(reply);
      const decoder = new ReplyDecoder();
      decoder.feed(reply.buffer.u8.slice(0, reply.position));
      const values: unknown[] = [];
      while (decoder.next()) values.push(decoder.value);
      deepEqual(
        values,
        nodes.map((node) => node.value),
      );
    }),
    { numRuns: 500 },
  );
});
