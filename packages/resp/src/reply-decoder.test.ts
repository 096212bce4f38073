import fc from 'fast-check';
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  bytesOf,
  cutAt,
  cutEvery,
  cuts,
  decodeBatches,
  decodeReplies,
  type DecodedReply,
  latin1,
  waysToCut,
} from '../test/support.ts';
import { ProtocolError, ReplyDecoder, type ReplyDecoderOptions, ReplyError, VerbatimText } from './index.ts';

const long = (char: string, count: number): string => char.repeat(count);
const error = (message: string): ReplyError => new ReplyError(message);

/** Bytes (one per character) and the values in them. */
const values: readonly (readonly [wire: string, ...values: unknown[]])[] = [
  [''],
  ['+OK\r\n', 'OK'],
  ['+\r\n', ''],
  ['+QUEUED\r\n+PONG\r\n', 'QUEUED', 'PONG'],
  ['+a\nb\r\n', 'a\nb'],
  [`+${long('x', 3000)}\r\n`, long('x', 3000)],
  ['-ERR unknown\r\n', error('ERR unknown')],
  ['-MOVED 1 a:1\r\n-\r\n', error('MOVED 1 a:1'), error('')],
  [':0\r\n:7\r\n:-1\r\n:+5\r\n', 0, 7, -1, 5],
  [':123456789\r\n:1234567890\r\n:-1234567890\r\n', 123_456_789, 1_234_567_890, -1_234_567_890],
  [':999999999999999\r\n:1000000000000000\r\n', 999_999_999_999_999, 1_000_000_000_000_000],
  [':9007199254740991\r\n:9007199254740992\r\n', 9_007_199_254_740_991, 9_007_199_254_740_992n],
  [':9223372036854775807\r\n:-9223372036854775808\r\n', 2n ** 63n - 1n, -(2n ** 63n)],
  [':-0\r\n:007\r\n', 0, 7],
  ['$5\r\nhello\r\n', 'hello'],
  ['$0\r\n\r\n', ''],
  ['$2\r\n\r\n\r\n', '\r\n'],
  ['$-1\r\n*-1\r\n_\r\n', null, null, null],
  [`$300\r\n${long('y', 300)}\r\n`, long('y', 300)],
  [`$70000\r\n${long('z', 70_000)}\r\n`, long('z', 70_000)],
  ['$6\r\na\xe2\x82\xac\xc3\xa9\r\n', 'a€é'],
  ['$4\r\n\xf0\x9f\x98\x80\r\n$3\r\n\xef\xbb\xbf\r\n', '😀', '\ufeff'],
  ['$3\r\na\xffb\r\n$2\r\n\xe2\x82\r\n', 'a\ufffdb', '\ufffd'],
  ['*0\r\n', []],
  ['*2\r\n$3\r\nfoo\r\n:1\r\n', ['foo', 1]],
  ['*3\r\n*1\r\n*0\r\n$-1\r\n*2\r\n+a\r\n-ERR b\r\n', [[[]], null, ['a', error('ERR b')]]],
  [`*200\r\n${':1\r\n'.repeat(200)}`, Array.from({ length: 200 }, () => 1)],
  [`*2000\r\n${'$1\r\na\r\n'.repeat(2000)}`, Array.from({ length: 2000 }, () => 'a')],
  // RESP3
  ['#t\r\n#f\r\n', true, false],
  [',1.5\r\n,-2\r\n,10\r\n,1e3\r\n,1.5E-3\r\n,.5\r\n', 1.5, -2, 10, 1000, 0.0015, 0.5],
  [',inf\r\n,-inf\r\n,nan\r\n,-nan\r\n', Infinity, -Infinity, NaN, NaN],
  ['(3492890328409238509324850943850943825024385\r\n', 3492890328409238509324850943850943825024385n],
  ['(-1\r\n(+2\r\n', -1n, 2n],
  ['=7\r\ntxt:abc\r\n=4\r\nmkd:\r\n', 'abc', ''],
  ['!21\r\nSYNTAX invalid syntax\r\n', error('SYNTAX invalid syntax')],
  ['!6\r\nERR\r\nx\r\n', error('ERR\r\nx')],
  [
    '%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n_\r\n',
    new Map<unknown, unknown>([
      ['a', 1],
      ['b', [null]],
    ]),
  ],
  ['%0\r\n~0\r\n', new Map(), new Set()],
  ['~3\r\n+a\r\n:1\r\n#t\r\n', new Set(['a', 1, true])],
  ['*1\r\n%1\r\n~1\r\n:1\r\n%1\r\n:2\r\n:3\r\n', [new Map([[new Set([1]), new Map([[2, 3]])]])]],
  // Streamed
  ['$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;2\r\nld\r\n;0\r\n', 'Hello world'],
  ['$?\r\n;0\r\n', ''],
  ['*?\r\n:1\r\n$?\r\n;1\r\na\r\n;0\r\n.\r\n', [1, 'a']],
  ['*?\r\n.\r\n*?\r\n*?\r\n.\r\n*0\r\n.\r\n', [], [[], []]],
  [
    '%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n',
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
  ],
  ['~?\r\n+a\r\n.\r\n', new Set(['a'])],
  ['*2\r\n*?\r\n:1\r\n.\r\n:2\r\n', [[1], 2]],
  // Attributes inside are dropped.
  ['*3\r\n:1\r\n|1\r\n+ttl\r\n:3600\r\n:2\r\n:3\r\n', [1, 2, 3]],
  ['*1\r\n|0\r\n|1\r\n+a\r\n|1\r\n+b\r\n:1\r\n+c\r\n+d\r\n', ['d']],
];

const named = (wire: string): string =>
  JSON.stringify(wire.length > 60 ? `${wire.slice(0, 40)}... (${wire.length})` : wire);

describe('reply decoder', () => {
  for (const [wire, ...expected] of values) {
    test(`reads ${named(wire)}`, () => {
      for (const pieces of waysToCut(bytesOf(wire))) {
        const replies = expected.map((value) => ({ value }));
        deepEqual(decodeReplies(pieces), replies);
        deepEqual(decodeBatches(pieces), replies);
      }
    });
  }

  const marked: readonly (readonly [wire: string, ...replies: DecodedReply[]])[] = [
    ['>2\r\n+message\r\n+x\r\n:1\r\n', { value: ['message', 'x'], isPush: true }, { value: 1 }],
    ['>0\r\n>1\r\n*1\r\n:1\r\n+a\r\n', { value: [], isPush: true }, { value: [[1]], isPush: true }, { value: 'a' }],
    ['*1\r\n:1\r\n>1\r\n+a\r\n*0\r\n', { value: [1] }, { value: ['a'], isPush: true }, { value: [] }],
    ['|1\r\n+ttl\r\n:5\r\n$1\r\na\r\n:1\r\n', { value: 'a', attributes: new Map([['ttl', 5]]) }, { value: 1 }],
    ['|1\r\n+a\r\n*1\r\n:1\r\n*1\r\n:2\r\n', { value: [2], attributes: new Map([['a', [1]]]) }],
    ['|0\r\n:1\r\n:2\r\n', { value: 1, attributes: new Map() }, { value: 2 }],
    [
      '|1\r\n+a\r\n:1\r\n>1\r\n:2\r\n+b\r\n',
      { value: [2], isPush: true, attributes: new Map([['a', 1]]) },
      { value: 'b' },
    ],
  ];
  for (const [wire, ...replies] of marked) {
    test(`marks ${named(wire)}`, () => {
      for (const pieces of waysToCut(bytesOf(wire))) {
        deepEqual(decodeReplies(pieces), replies);
        deepEqual(decodeBatches(pieces), replies);
      }
    });
  }

  const withOptions: readonly (readonly [options: ReplyDecoderOptions, wire: string, ...values: unknown[]])[] = [
    [{ bytes: true }, '$3\r\na\xffb\r\n$0\r\n\r\n+OK\r\n', Uint8Array.of(97, 255, 98), new Uint8Array(0), 'OK'],
    [{ bytes: true, ownsChunks: true }, '$3\r\na\xffb\r\n:1\r\n', Uint8Array.of(97, 255, 98), 1],
    [{ bytes: true }, `$5000\r\n${long('x', 5000)}\r\n`, bytesOf(long('x', 5000))],
    [{ bytes: true }, '$?\r\n;2\r\n\xff\xfe\r\n;1\r\na\r\n;0\r\n', Uint8Array.of(255, 254, 97)],
    [{ bytes: true }, '=6\r\ntxt:\xff\xfe\r\n', Uint8Array.of(255, 254)],
    [{ bytes: true }, '!5\r\nERR a\r\n-ERR b\r\n', error('ERR a'), error('ERR b')],
    [{ verbatim: 'object' }, '=7\r\nmkd:a\xc3\xa9\r\n', new VerbatimText('mkd', 'aé')],
    [{ verbatim: 'object', bytes: true }, '=7\r\ntxt:a\xc3\xa9\r\n', new VerbatimText('txt', 'aé')],
    [{ aggregates: 'array' }, '%1\r\n+a\r\n~2\r\n:1\r\n:1\r\n', ['a', [1, 1]]],
    [{ aggregates: 'array' }, '%?\r\n+a\r\n:1\r\n.\r\n~?\r\n.\r\n', ['a', 1], []],
  ];
  for (const [options, wire, ...expected] of withOptions) {
    test(`reads ${named(wire)} with ${JSON.stringify(options)}`, () => {
      for (const pieces of waysToCut(bytesOf(wire))) {
        const replies = expected.map((value) => ({ value }));
        deepEqual(decodeReplies(pieces, options), replies);
        deepEqual(decodeBatches(pieces, options), replies);
      }
    });
  }

  test('error replies have a code', () => {
    equal(error('WRONGTYPE Operation').code, 'WRONGTYPE');
    equal(error('NOAUTH').code, 'NOAUTH');
    equal(error('unknown thing').code, 'ERR');
    equal(error('Err x').code, 'ERR');
    equal(error('').code, 'ERR');
    equal(error(' x').code, 'ERR');
    ok(error('x') instanceof Error);
  });
});

/** What a lying or broken peer sends, with what the message must say. */
const refused: readonly (readonly [wire: string, what: RegExp, options?: ReplyDecoderOptions])[] = [
  ['x\r\n', /type of a reply, got "x" \(byte 0/],
  ['\r\n', /type of a reply/],
  [':1\r\n\0\r\n', /got "\\u0000" \(byte 4/],
  [':\r\n', /an integer/],
  [':1a\r\n', /an integer, got "1a"/],
  [':-\r\n', /an integer/],
  [':9223372036854775808\r\n', /an integer/],
  [':1\rx', /LF after CR, got "x" \(byte 3/],
  ['+a\rb\r\n', /LF after CR/],
  ['$1\r\nab\r\n', /CRLF after a bulk, got "b" \(byte 5/],
  ['$1\r\na\rb', /CRLF after a bulk, got "b" \(byte 6/],
  ['$1\r\na\r\r\n', /CRLF after a bulk, got "\\r" \(byte 6/],
  ['$x\r\n', /length or count/],
  ['$-2\r\n', /length or count/],
  ['$\r\n', /length or count/],
  ['$99999999999\r\n', /limit/],
  ['$536870889\r\n', /limit/],
  ['$536870913\r\n', /limit/, { bytes: true }],
  ['$11\r\n', /10 is the limit/, { bulkBytesMax: 10 }],
  ['*-2\r\n', /length or count/],
  ['*134217729\r\n', /limit/],
  ['*9223372036854775807\r\n', /length or count|limit/],
  ['%16777217\r\n', /limit/],
  ['~16777217\r\n', /limit/],
  ['|16777217\r\n', /limit/, { aggregates: 'array' }],
  ['*3\r\n', /2 is the limit/, { elementsMax: 2 }],
  ['*?\r\n:1\r\n:2\r\n:3\r\n', /more than 2/, { elementsMax: 2 }],
  ['#x\r\n', /'t' or 'f'/],
  ['#\r\n', /'t' or 'f'/],
  ['_x\r\n', /nothing/],
  [',\r\n', /a double/],
  [',1.2.3\r\n', /a double/],
  [',0x10\r\n', /a double/],
  [',infinit\r\n', /a double/],
  ['(1.5\r\n', /a big number/],
  ['(\r\n', /a big number/],
  ['=3\r\ntxt\r\n', /format/],
  ['=5\r\ntxt-a\r\n', /format/],
  ['>?\r\n', /count/],
  ['|?\r\n', /count/],
  ['*1\r\n>1\r\n:1\r\n', /push inside/],
  ['.\r\n', /outside of a streamed aggregate/],
  ['*1\r\n.\r\n', /outside of a streamed aggregate/],
  ['*?\r\n.x\r\n', /nothing after/],
  ['%?\r\n:1\r\n.\r\n', /ends with a key/],
  [';1\r\na\r\n', /outside of a streamed string/],
  ['$?\r\n:1\r\n', /';' in a streamed string/],
  ['$?\r\n$1\r\na\r\n', /';' in a streamed string/],
  ['$?\r\n;-1\r\n', /length or count/],
  ['$?\r\n;6\r\nabcdef\r\n;5\r\n', /limit/, { bulkBytesMax: 10 }],
  ['*1\r\n'.repeat(129), /more than 128 levels/],
  ['*?\r\n'.repeat(129), /more than 128 levels/],
  ['|1\r\n'.repeat(129), /more than 128 levels/],
  ['*1\r\n'.repeat(4), /more than 3 levels/, { depthMax: 3 }],
  [`+${long('x', 65_536)}`, /line of more than 65536/],
  ['+1234567890', /line of more than 10/, { lineBytesMax: 10 }],
];

describe('reply decoder refuses', () => {
  for (const [wire, what, options] of refused) {
    test(`${named(wire)}${options === undefined ? '' : ` with ${JSON.stringify(options)}`}`, () => {
      for (const pieces of waysToCut(bytesOf(wire))) {
        const last = decodeReplies(pieces, options).at(-1);
        ok(typeof last === 'string' && what.test(last), `${JSON.stringify(last)} does not match ${what}`);
      }
    });
  }

  test('a line at its limit is read, whole or cut', () => {
    const wire = bytesOf('+123456789\r\n+123456789\r\n');
    for (const pieces of waysToCut(wire)) {
      deepEqual(decodeReplies(pieces, { lineBytesMax: 10 }), [{ value: '123456789' }, { value: '123456789' }]);
    }
  });

  test('everything after an error', () => {
    const decoder = new ReplyDecoder();
    decoder.feed(bytesOf('*1\r\nx\r\n'));
    throws(() => decoder.next(), ProtocolError);
    equal(decoder.next(), false);
    decoder.feed(bytesOf('+OK\r\n'));
    equal(decoder.next(), false);
  });

  test('a chunk before the last one was read to its end', () => {
    for (const wire of ['+OK\r\n', '+OK\r\n:1\r\n']) {
      const decoder = new ReplyDecoder();
      decoder.feed(bytesOf(wire));
      do {
        throws(() => decoder.feed(bytesOf(wire)), /before the last one/);
        throws(() => decoder.read(bytesOf(wire)), /before the last one/);
        equal(decoder.readLone(bytesOf(wire)), undefined);
      } while (decoder.next());
      equal(decoder.readLone(bytesOf(wire)), wire === '+OK\r\n' ? 'OK' : undefined);
    }
  });

  test('to allocate what was only announced', () => {
    const before = process.memoryUsage().rss;
    const decoders: ReplyDecoder[] = [];
    for (let i = 0; i < 1000; i++) {
      const decoder = new ReplyDecoder({ bytes: i % 2 === 0 });
      decoder.feed(bytesOf('*134217728\r\n%8388608\r\n$536870888\r\nabc'));
      equal(decoder.next(), false);
      decoders.push(decoder);
    }
    const grownBytes = process.memoryUsage().rss - before;
    ok(grownBytes < 100e6, `${decoders.length} connections: ${grownBytes} bytes`);
  });
});

/** A random reply as bytes; ever so often broken. */
const wireTree = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      '+OK\r\n',
      '+hello\r\n',
      ':1\r\n',
      ':-77\r\n',
      ':1234567890123\r\n',
      '_\r\n',
      '$-1\r\n',
      '#t\r\n',
      ',1.5\r\n',
    ),
    fc.constantFrom(
      '-ERR x\r\n',
      '(12345678901234567890\r\n',
      '=5\r\ntxt:a\r\n',
      '!5\r\nERR y\r\n',
      '$?\r\n;2\r\nab\r\n;0\r\n',
    ),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => `$${bytes.length}\r\n${latin1(bytes)}\r\n`),
    fc.string({ unit: 'grapheme', minLength: 20, maxLength: 60 }).map((text) => {
      const bytes = Buffer.from(text);
      return `$${bytes.length}\r\n${bytes.toString('latin1')}\r\n`;
    }),
    fc.array(tie('node'), { maxLength: 4 }).map((nodes) => `*${nodes.length}\r\n${nodes.join('')}`),
    fc.array(tie('node'), { maxLength: 4 }).map((nodes) => `~?\r\n${nodes.join('')}.\r\n`),
    fc
      .array(fc.tuple(tie('node'), tie('node')), { maxLength: 3 })
      .map((pairs) => `%${pairs.length}\r\n${pairs.flat().join('')}`),
    fc.tuple(tie('node'), tie('node'), tie('node')).map((nodes) => `|1\r\n${nodes.join('')}`),
  ),
})).node;

const optionSets = fc.constantFrom<ReplyDecoderOptions>(
  {},
  { bytes: true },
  { bytes: true, ownsChunks: true },
  { aggregates: 'array' },
);

describe('properties of the reply decoder', () => {
  test('any cut of a stream decodes the same', () => {
    fc.assert(
      fc.property(fc.array(wireTree, { maxLength: 20 }), cuts, optionSets, (nodes, offsets, options) => {
        const wire = bytesOf(nodes.join(''));
        const whole = decodeReplies([wire], options);
        equal(whole.filter((reply) => typeof reply === 'string').length, 0);
        deepEqual(decodeReplies(cutAt(wire, offsets), options), whole);
        deepEqual(decodeReplies(cutEvery(wire, 1), options), whole);
        deepEqual(decodeBatches([wire], options), whole);
        deepEqual(decodeBatches(cutAt(wire, offsets), options), whole);
      }),
      { numRuns: 500 },
    );
  });

  test('a Buffer decodes as any other bytes', () => {
    fc.assert(
      fc.property(fc.array(wireTree, { maxLength: 20 }), optionSets, (nodes, options) => {
        const wire = bytesOf(nodes.join(''));
        const decoder = new ReplyDecoder(options);
        const chunk = Buffer.from(wire);
        decoder.feed(chunk);
        const found: unknown[] = [];
        while (decoder.next()) found.push(decoder.value);
        if (options.ownsChunks !== true) chunk.fill(0);
        deepEqual(
          found,
          decodeReplies([wire], options).map((reply) => (reply as DecodedReply).value),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('a reply stays until the next is asked for, and none comes twice, however its chunk is read', () => {
    const chunks: readonly (readonly [wire: string, ...values: unknown[]])[] = [
      ['+OK\r\n', 'OK'],
      [':1\r\n', 1],
      [':1\r\n:2\r\n', 1, 2],
      ['$'],
      ['1\r\na\r\n', 'a'],
      ['>1\r\n:1\r\n', [1]],
      ['$1\r\na\r\n', 'a'],
      [''],
    ];
    const decoder = new ReplyDecoder();
    for (const [wire, ...expected] of [...chunks, ...chunks]) {
      decoder.feed(bytesOf(wire));
      for (const value of expected) {
        equal(decoder.next(), true);
        deepEqual([decoder.value, decoder.value], [value, value]);
        equal(decoder.isPush, wire.startsWith('>'));
      }
      for (let i = 0; i < 3; i++) {
        equal(decoder.next(), false);
        deepEqual([decoder.value, decoder.isPush], [undefined, false]);
      }
    }
  });

  test('whole replies decode alike alone, together and in batches', () => {
    fc.assert(
      fc.property(fc.array(wireTree, { maxLength: 20 }), optionSets, (nodes, options) => {
        const together = decodeReplies([bytesOf(nodes.join(''))], options);
        const alone = nodes.map(bytesOf);
        deepEqual(decodeReplies(alone, options), together);
        deepEqual(decodeBatches(alone, options), together);
      }),
      { numRuns: 500 },
    );
  });

  const fragments = [
    '*2\r\n',
    '*?\r\n',
    '%1\r\n',
    '~?\r\n',
    '|1\r\n',
    '>1\r\n',
    '.\r\n',
    '$?\r\n',
    ';1\r\na\r\n',
    ';0\r\n',
    '$1\r\n',
  ];
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200, size: 'max' }).map(latin1),
    fc
      .array(fc.oneof(fc.constantFrom(...fragments, 'a', '\r\n', '\r', '\n', ':', '+', '-'), wireTree), {
        maxLength: 30,
        size: 'max',
      })
      .map((parts) => parts.join('')),
  );

  test('any bytes mean the same however they are cut, and throw nothing but ProtocolError', () => {
    fc.assert(
      fc.property(noise, cuts, optionSets, (text, offsets, options) => {
        const wire = bytesOf(text);
        const whole = decodeReplies([wire], options);
        deepEqual(decodeReplies(cutAt(wire, offsets), options), whole);
        deepEqual(decodeReplies(cutEvery(wire, 1), options), whole);
        deepEqual(decodeBatches([wire], options), whole);
        deepEqual(decodeBatches(cutAt(wire, offsets), options), whole);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('cost of the reply decoder', () => {
  function timeOf(pieces: readonly Uint8Array[], options: ReplyDecoderOptions = {}): { ms: number; value: unknown } {
    const decoder = new ReplyDecoder(options);
    let value: unknown;
    const start = performance.now();
    for (const piece of pieces) {
      decoder.feed(piece);
      while (decoder.next()) value = decoder.value;
    }
    return { ms: performance.now() - start, value };
  }

  test('a million elements cost the same per byte as a few, cut anywhere', { timeout: 60_000 }, () => {
    const wire = (count: number): Uint8Array<ArrayBuffer> => bytesOf(`*${count}\r\n${'$5\r\nvalue\r\n'.repeat(count)}`);
    for (const step of [64 * 1024, 1000, 37]) {
      timeOf(cutEvery(wire(100_000), step));
      const small = timeOf(cutEvery(wire(100_000), step));
      const large = timeOf(cutEvery(wire(1_000_000), step));
      equal((large.value as unknown[]).length, 1_000_000);
      // Ten times the bytes. Quadratic cost would be a hundred times the time, and minutes of it.
      ok(
        large.ms < 50 * Math.max(small.ms, 30),
        `pieces of ${step}: ${small.ms} ms, ten times as much: ${large.ms} ms`,
      );
    }
  });

  test('a big bulk byte by byte', () => {
    const size = 300_000;
    const pieces = cutEvery(bytesOf(`$${size}\r\n${'x'.repeat(size)}\r\n`), 1);
    for (const bytes of [true, false]) {
      const { ms, value } = timeOf(pieces, { bytes });
      equal((value as string | Uint8Array).length, size);
      ok(ms < 3000, `${ms} ms`);
    }
  });

  test('a bulk of several MiB of text that is not ASCII, in odd pieces', () => {
    const text = 'aé€😀'.repeat(400_000);
    const body = Buffer.from(text);
    const wire = Uint8Array.from(Buffer.concat([Buffer.from(`$${body.length}\r\n`), body, Buffer.from('\r\n')]));
    for (const step of [65_536, 4099, 1_000_003]) equal(timeOf(cutEvery(wire, step)).value, text);
  });

  test('a bulk of 512 MB in chunks, as bytes', { timeout: 60_000 }, () => {
    const sizeBytes = 512 * 1024 * 1024;
    const decoder = new ReplyDecoder({ bytes: true });
    const chunk = new Uint8Array(64 * 1024).fill(0x78);
    decoder.feed(bytesOf(`$${sizeBytes}\r\n`));
    equal(decoder.next(), false);
    for (let sent = 0; sent < sizeBytes; sent += chunk.length) {
      decoder.feed(chunk);
      equal(decoder.next(), false);
    }
    decoder.feed(bytesOf('\r\n'));
    equal(decoder.next(), true);
    equal((decoder.value as Uint8Array).length, sizeBytes);
  });
});
