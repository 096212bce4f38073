import { ByteBuffer } from '@kvartz/base';
import fc from 'fast-check';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { bytesOf, cutAt, cutEvery, cuts, decodeRequests, latin1, waysToCut } from '../test/support.ts';
import { encodeRequest, ProtocolError, QueryBufferError, RequestDecoder, requestLimits } from './index.ts';

const long = (char: string, count: number): string => char.repeat(count);

/** Bytes of a connection, and the requests in them; a text stands for a protocol error. */
const table: readonly (readonly [wire: string, requests: readonly (readonly string[] | string)[]])[] = [
  ['', []],
  ['*1\r\n$4\r\nPING\r\n', [['PING']]],
  ['*2\r\n$3\r\nGET\r\n$5\r\nkey:1\r\n', [['GET', 'key:1']]],
  ['*2\r\n$3\r\nGET\r\n$0\r\n\r\n', [['GET', '']]],
  ['*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$12\r\n\0\r\n\xff*1\r\n$4\r\n\r\n', [['SET', 'k', '\0\r\n\xff*1\r\n$4\r\n']]],
  ['*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPONG\r\n', [['PING'], ['PONG']]],
  [`*12\r\n${'$1\r\na\r\n'.repeat(12)}`, [Array.from({ length: 12 }, () => 'a')]],
  [`*2\r\n$4\r\nECHO\r\n$100\r\n${long('x', 100)}\r\n`, [['ECHO', long('x', 100)]]],
  [`*2\r\n$4\r\nECHO\r\n$70000\r\n${long('x', 70_000)}\r\n`, [['ECHO', long('x', 70_000)]]],
  // Empty requests are skipped.
  ['*0\r\n*-1\r\n\r\n\n \t \r\n*-9223372036854775808\r\n*1\r\n$4\r\nPING\r\n', [['PING']]],
  // Redis does not look at the byte after a CR, nor at the two after a bulk.
  ['*1\r\n$4\r\nPINGxx*1\rx$4\rxPONG\0\0*1\r\n$1\r\na\r\n', [['PING'], ['PONG'], ['a']]],
  // Inline.
  ['PING\r\n', [['PING']]],
  ['PING\n', [['PING']]],
  ['PING\r\r\n', [['PING']]],
  ['  set  key\tvalue  \r\nPING\r\n', [['set', 'key', 'value'], ['PING']]],
  ['set "a b" \'c d\' e\n', [['set', 'a b', 'c d', 'e']]],
  ['a$b *c\r\n', [['a$b', '*c']]],
  ['PING\0 x\r\n', [['PING\0', 'x']]],
  ['PING "a\r\n', ['Protocol error: unbalanced quotes in request']],
  ["PING 'a'b\r\n", ['Protocol error: unbalanced quotes in request']],
  ['PING\r\nPING "a\r\nPING\r\n', [['PING'], 'Protocol error: unbalanced quotes in request']],
  // Counts.
  ['*\r\n', ['Protocol error: invalid multibulk length']],
  ['*a\r\n', ['Protocol error: invalid multibulk length']],
  ['*1a\r\n', ['Protocol error: invalid multibulk length']],
  ['*01\r\n', ['Protocol error: invalid multibulk length']],
  ['*+1\r\n', ['Protocol error: invalid multibulk length']],
  ['*-0\r\n', ['Protocol error: invalid multibulk length']],
  ['* 1\r\n', ['Protocol error: invalid multibulk length']],
  ['*1048577\r\n', ['Protocol error: invalid multibulk length']],
  ['*2147483648\r\n', ['Protocol error: invalid multibulk length']],
  ['*99999999999999999999999999\r\n', ['Protocol error: invalid multibulk length']],
  ['*-9223372036854775809\r\n', ['Protocol error: invalid multibulk length']],
  ['*1\r\n$4\r\nPING\r\n*a\r\n', [['PING'], 'Protocol error: invalid multibulk length']],
  // Lengths.
  ['*1\r\nabc\r\n', ["Protocol error: expected '$', got 'a'"]],
  ['*1\r\n\r\n', ["Protocol error: expected '$', got ' '"]],
  ['*1\r\n\nab\r\n', ["Protocol error: expected '$', got ' '"]],
  ['*2\r\n$1\r\na\r\n:1\r\n', ["Protocol error: expected '$', got ':'"]],
  ['*1\r\n$\r\n', ['Protocol error: invalid bulk length']],
  ['*1\r\n$-1\r\n', ['Protocol error: invalid bulk length']],
  ['*1\r\n$04\r\nPING\r\n', ['Protocol error: invalid bulk length']],
  ['*1\r\n$4x\r\nPING\r\n', ['Protocol error: invalid bulk length']],
  ['*1\r\n$536870913\r\n', ['Protocol error: invalid bulk length']],
  ['*1\r\n$99999999999999999999999999\r\n', ['Protocol error: invalid bulk length']],
  // Lines. A count of 64 KiB is not a number, but is still read as a line.
  [`*${long('1', 65_535)}`, []],
  [`*${long('1', 65_535)}\r\n`, ['Protocol error: invalid multibulk length']],
  [`*${long('1', 65_536)}`, ['Protocol error: too big mbulk count string']],
  [`*1\r\n$${long('1', 65_535)}`, []],
  [`*1\r\n$${long('1', 65_535)}\r\n`, ['Protocol error: invalid bulk length']],
  [`*1\r\n$${long('1', 65_536)}`, ['Protocol error: too big bulk count string']],
  [long('a', 65_536), []],
  [`${long('a', 65_536)}\n`, [[long('a', 65_536)]]],
  [long('a', 65_537), ['Protocol error: too big inline request']],
  // Unfinished.
  ['*', []],
  ['*1', []],
  ['*1\r', []],
  ['*1\r\n$4\r', []],
  ['*1\r\n$4\r\nPING\r', []],
  ['PING', []],
  ['*1\r\nabc\r', []],
];

const named = (wire: string): string =>
  JSON.stringify(wire.length > 60 ? `${wire.slice(0, 40)}... (${wire.length})` : wire);

describe('request decoder', () => {
  for (const [wire, requests] of table) {
    test(`reads ${named(wire)}`, () => {
      for (const pieces of waysToCut(bytesOf(wire))) deepEqual(decodeRequests(pieces), requests);
    });
  }

  const unauthenticated: typeof table = [
    ['*10\r\n', []],
    ['*11\r\n', ['Protocol error: unauthenticated multibulk length']],
    ['*2147483648\r\n', ['Protocol error: invalid multibulk length']],
    ['*1\r\n$16384\r\n', []],
    [`*1\r\n$16384\r\n${long('x', 16_384)}\r\n`, [[long('x', 16_384)]]],
    ['*1\r\n$16385\r\n', ['Protocol error: unauthenticated bulk length']],
    [`*1\r\n$16385\r\n${long('x', 16_385)}\r\n`, ['Protocol error: unauthenticated bulk length']],
    ['*1\r\n$536870913\r\n', ['Protocol error: invalid bulk length']],
    ['a b c d e f g h i j k l\n', [['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l']]],
  ];
  for (const [wire, requests] of unauthenticated) {
    test(`before authentication reads ${named(wire)}`, () => {
      const limits = requestLimits({ isUnauthenticated: true });
      for (const pieces of waysToCut(bytesOf(wire))) deepEqual(decodeRequests(pieces, limits), requests);
    });
  }

  test('other limits replace those of a connection between requests', () => {
    const wire = `*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n*11\r\n${'$1\r\na\r\n'.repeat(11)}`;
    const expected = [['AUTH', 'x'], Array.from({ length: 11 }, () => 'a')];
    for (const pieces of waysToCut(bytesOf(wire))) {
      const requests = decodeRequests(pieces, requestLimits({ isUnauthenticated: true }), (decoder) => {
        decoder.limits = requestLimits();
      });
      deepEqual(requests, expected);
    }
  });

  test('limits that change hold from the next request on', () => {
    const limits = requestLimits();
    const wire = '*1\r\n$9\r\n123456789\r\n*1\r\n$9\r\n123456789\r\n';
    const requests = decodeRequests([bytesOf(wire)], limits, () => {
      limits.bulkBytesMax = 8;
    });
    deepEqual(requests, [['123456789'], 'Protocol error: invalid bulk length']);
  });

  test('a request within the chunk is not copied', () => {
    const input = ByteBuffer.from(bytesOf('*2\r\n$3\r\nGET\r\n$3\r\nabc\r\nGET abc\r\n'));
    const decoder = new RequestDecoder(requestLimits());
    decoder.feed(input, 0, input.sizeBytes);
    ok(decoder.next());
    equal(decoder.args.buffer, input);
    ok(decoder.next());
    equal(decoder.args.buffer, input);
    equal(decoder.next(), false);
    equal(decoder.bufferedBytes, 0);
    equal(decoder.capacityBytes, 0);
  });

  test('after an error nothing is read any more', () => {
    const decoder = new RequestDecoder(requestLimits());
    const input = ByteBuffer.from(bytesOf('*x\r\n*1\r\n$4\r\nPING\r\n'));
    decoder.feed(input, 0, input.sizeBytes);
    throws(() => decoder.next(), ProtocolError);
    equal(decoder.next(), false);
    decoder.feed(input, 4, input.sizeBytes);
    equal(decoder.next(), false);
    equal(decoder.bufferedBytes, 0);
  });
});

describe('retain', () => {
  function text(decoder: RequestDecoder): string[] {
    const { buffer, count, start, end } = decoder.args;
    return Array.from({ length: count }, (_, i) => latin1(buffer.u8.subarray(start[i], end[i])));
  }

  test('keeps the rest of the chunk, and what comes later is read after it', () => {
    const decoder = new RequestDecoder(requestLimits());
    const input = ByteBuffer.from(bytesOf('*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n*1\r\n$1\r'));
    decoder.feed(input, 0, input.sizeBytes);
    ok(decoder.next());
    deepEqual(text(decoder), ['a']);
    decoder.retain();
    input.u8.fill(0);
    equal(decoder.bufferedBytes, 18);
    for (const more of ['\nc\r\n*1\r\n', '$1\r\nd\r\n']) {
      const chunk = ByteBuffer.from(bytesOf(more));
      decoder.feed(chunk, 0, chunk.sizeBytes);
      chunk.u8.fill(0);
    }
    for (const name of ['b', 'c', 'd']) {
      ok(decoder.next());
      deepEqual(text(decoder), [name]);
    }
    equal(decoder.next(), false);
    equal(decoder.bufferedBytes, 0);
    equal(decoder.capacityBytes, 0);
  });

  test('at any moment changes nothing (property)', () => {
    fc.assert(
      fc.property(
        fc.array(requestParts, { maxLength: 8 }),
        cuts,
        fc.array(fc.boolean()),
        (requests, offsets, stops) => {
          const wire = bytesOf(requests.map((parts) => latin1(encodeRequest(parts))).join(''));
          const decoder = new RequestDecoder(requestLimits());
          const found: string[][] = [];
          let step = 0;
          for (const piece of cutAt(wire, offsets)) {
            const input = ByteBuffer.from(piece);
            decoder.feed(input, 0, input.sizeBytes);
            for (;;) {
              if (stops[step++ % (stops.length + 1)] === true) {
                decoder.retain();
                input.u8.fill(0x2a);
                break;
              }
              if (!decoder.next()) break;
              found.push(text(decoder));
            }
            input.u8.fill(0x2a);
          }
          while (decoder.next()) found.push(text(decoder));
          deepEqual(
            found,
            requests.map((parts) => parts.map(latin1)),
          );
          equal(decoder.bufferedBytes, 0);
        },
      ),
    );
  });

  test('more than the query buffer may hold is refused', () => {
    const decoder = new RequestDecoder(requestLimits({ queryBytesMax: 4096 }));
    const chunk = new ByteBuffer(1024);
    decoder.feed(chunk, 0, 1024);
    decoder.retain();
    for (let i = 0; i < 3; i++) decoder.feed(chunk, 0, 1024);
    ok(decoder.capacityBytes <= 4096);
    throws(() => decoder.feed(chunk, 0, 1024), QueryBufferError);
    equal(decoder.bufferedBytes, 0);
  });
});

const requestParts = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 });

describe('properties of the request decoder', () => {
  test('requests come out as they were encoded, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(requestParts, { maxLength: 10 }), cuts, (requests, offsets) => {
        const wire = bytesOf(requests.map((parts) => latin1(encodeRequest(parts))).join(''));
        deepEqual(
          decodeRequests(cutAt(wire, offsets)),
          requests.map((parts) => parts.map(latin1)),
        );
      }),
      { numRuns: 300 },
    );
  });

  // Random bytes seldom get past the first line; these do.
  const fragments = [
    '*1\r\n',
    '*2\r\n',
    '*0\r\n',
    '$1\r\n',
    '$0\r\n',
    '$3\r\n',
    'a',
    'abc',
    '\r\n',
    '\r',
    '\n',
    '"',
    "'",
  ];
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200, size: 'max' }),
    fc
      .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 3 })), { maxLength: 40, size: 'max' })
      .map((parts) => {
        return bytesOf(parts.join(''));
      }),
  );

  test('any bytes mean the same however they are cut, and throw nothing but ProtocolError', () => {
    fc.assert(
      fc.property(noise, cuts, (bytes, offsets) => {
        const wire = Uint8Array.from(bytes);
        const whole = decodeRequests([wire]);
        deepEqual(decodeRequests(cutAt(wire, offsets)), whole);
        deepEqual(decodeRequests(cutEvery(wire, 1)), whole);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('cost and memory of the request decoder', () => {
  /** Milliseconds for the whole of `pieces`, and the requests found. */
  function timeOf(pieces: readonly Uint8Array[]): { ms: number; requests: number } {
    const decoder = new RequestDecoder(requestLimits());
    const inputs = pieces.map((piece) => ByteBuffer.from(piece));
    let requests = 0;
    const start = performance.now();
    for (const input of inputs) {
      decoder.feed(input, 0, input.sizeBytes);
      while (decoder.next()) requests++;
    }
    return { ms: performance.now() - start, requests };
  }

  const manyArgs = (count: number): Uint8Array<ArrayBuffer> =>
    bytesOf(`*${count}\r\n${'$5\r\nvalue\r\n'.repeat(count)}`);

  test('a million arguments cost the same per byte as a thousand, cut anywhere', { timeout: 60_000 }, () => {
    for (const step of [64 * 1024, 1000, 37]) {
      timeOf(cutEvery(manyArgs(100_000), step));
      const small = timeOf(cutEvery(manyArgs(100_000), step));
      const large = timeOf(cutEvery(manyArgs(1_000_000), step));
      equal(large.requests, 1);
      // Ten times the bytes. Quadratic cost would be a hundred times the time, and minutes of it.
      ok(
        large.ms < 50 * Math.max(small.ms, 30),
        `pieces of ${step}: ${small.ms} ms, ten times as much: ${large.ms} ms`,
      );
    }
  });

  test('a big bulk byte by byte', () => {
    const size = 300_000;
    const pieces = cutEvery(bytesOf(`*2\r\n$4\r\nECHO\r\n$${size}\r\n${'x'.repeat(size)}\r\n`), 1);
    const { ms, requests } = timeOf(pieces);
    equal(requests, 1);
    ok(ms < 3000, `${ms} ms`);
  });

  test('a bulk of 512 MB in chunks of 64 KiB', { timeout: 60_000 }, () => {
    const sizeBytes = 512 * 1024 * 1024;
    const decoder = new RequestDecoder(requestLimits());
    const head = ByteBuffer.from(bytesOf(`*5\r\n$3\r\nSET\r\n$3\r\nkey\r\n$${sizeBytes}\r\n`));
    decoder.feed(head, 0, head.sizeBytes);
    equal(decoder.next(), false);
    const chunk = new ByteBuffer(64 * 1024);
    chunk.u8.fill(0x78);
    for (let sent = 0; sent < sizeBytes; sent += chunk.sizeBytes) {
      decoder.feed(chunk, 0, chunk.sizeBytes);
      equal(decoder.next(), false);
    }
    ok(decoder.capacityBytes < sizeBytes + 1024, `holds ${decoder.capacityBytes}`);
    const tail = ByteBuffer.from(bytesOf('\r\n$2\r\nEX\r\n$3\r\n100\r\nPING\r\n'));
    decoder.feed(tail, 0, tail.sizeBytes);
    equal(decoder.next(), true);
    equal(decoder.args.count, 5);
    equal(decoder.args.end[2] - decoder.args.start[2], sizeBytes);
    equal(decoder.args.buffer.u8[decoder.args.end[2] - 1], 0x78);
    equal(decoder.next(), true);
    equal(decoder.args.count, 1);
    equal(decoder.capacityBytes, 0, 'released before the next request runs');
  });

  test('an announcement claims no memory', () => {
    for (const wire of ['*1000000\r\n$3\r\nSET\r\n', '*2\r\n$3\r\nSET\r\n$536870912\r\nabc']) {
      const decoder = new RequestDecoder(requestLimits());
      const input = ByteBuffer.from(bytesOf(wire));
      decoder.feed(input, 0, input.sizeBytes);
      equal(decoder.next(), false);
      ok(decoder.capacityBytes <= 4096, `${JSON.stringify(wire)} holds ${decoder.capacityBytes} bytes`);
      equal(decoder.bufferedBytes, wire.length);
    }
  });

  test('an unfinished request larger than the query buffer is refused', () => {
    const limits = requestLimits({ queryBytesMax: 100_000 });
    const wire = bytesOf(`*3\r\n$4\r\nMSET\r\n$60000\r\n${'x'.repeat(60_000)}\r\n$60000\r\n${'x'.repeat(60_000)}\r\n`);
    const decoder = new RequestDecoder(limits);
    throws(() => {
      for (const piece of cutEvery(wire, 1000)) {
        const input = ByteBuffer.from(piece);
        decoder.feed(input, 0, input.sizeBytes);
        while (decoder.next());
        ok(decoder.bufferedBytes <= 100_000);
      }
    }, QueryBufferError);
  });

  test('ten thousand idle connections hold next to nothing', () => {
    const limits = requestLimits();
    const input = ByteBuffer.from(bytesOf('*1\r\n$4\r\nPING\r\n*1\r\n'));
    const rest = ByteBuffer.from(bytesOf('$4\r\nPING\r\n'));
    const decoders = Array.from({ length: 10_000 }, () => new RequestDecoder(limits));
    for (const decoder of decoders) {
      decoder.feed(input, 0, input.sizeBytes);
      equal(decoder.next(), true);
      equal(decoder.next(), false);
    }
    for (const decoder of decoders) {
      decoder.feed(rest, 0, rest.sizeBytes);
      equal(decoder.next(), true);
      equal(decoder.next(), false);
    }
    equal(
      decoders.reduce((sum, decoder) => sum + decoder.capacityBytes, 0),
      0,
    );
  });
});
