import { ByteBuffer, latin1Bytes, latin1Of } from '@kvartz/base';
import { Args, encodeRequest, RequestDecoder } from '@kvartz/resp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EffectEncoder } from './effects.ts';

function delivered(encoder: EffectEncoder): string {
  let text = '';
  encoder.deliver({
    append: (bytes, start, end) => {
      text += latin1Of(bytes, start, end);
    },
  });
  return text;
}

const select0 = '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n';

test('an effect is the request, after a SELECT of its database', () => {
  const encoder = new EffectEncoder();
  encoder.addArgs(0, Args.of('SET', 'k', 'v'));
  expect(delivered(encoder)).toBe(`${select0}*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n`);
  expect(delivered(encoder)).toBe('');
});

test('SELECT is written when the database changes, and then only', () => {
  const encoder = new EffectEncoder();
  encoder.addArgs(0, Args.of('DEL', 'a'));
  delivered(encoder);
  encoder.addArgs(0, Args.of('DEL', 'b'));
  expect(delivered(encoder)).toBe('*2\r\n$3\r\nDEL\r\n$1\r\nb\r\n');
  encoder.addArgs(3, Args.of('DEL', 'c'));
  expect(delivered(encoder)).toBe('*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*2\r\n$3\r\nDEL\r\n$1\r\nc\r\n');
});

test('parts may be texts, numbers, bytes and arguments of the request', () => {
  const encoder = new EffectEncoder();
  const args = Args.of('SET', 'key', 'value', 'EX', '10');
  encoder.addParts(0, ['SET', { args, index: 1 }, Uint8Array.of(0xff), 'PXAT', 1_700_000_000_000]);
  expect(delivered(encoder)).toBe(
    `${select0}*5\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1\r\n\xff\r\n$4\r\nPXAT\r\n$13\r\n1700000000000\r\n`,
  );
});

test('a transaction is framed by MULTI and EXEC when it has effects, and leaves no trace when it has none', () => {
  const encoder = new EffectEncoder();
  encoder.begin();
  encoder.end();
  expect(delivered(encoder)).toBe('');
  encoder.begin();
  encoder.addArgs(0, Args.of('INCR', 'n'));
  encoder.addArgs(0, Args.of('INCR', 'n'));
  encoder.end();
  const incr = '*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n';
  expect(delivered(encoder)).toBe(`${select0}*1\r\n$5\r\nMULTI\r\n${incr}${incr}*1\r\n$4\r\nEXEC\r\n`);
});

test('values larger than the buffer pass whole', () => {
  const encoder = new EffectEncoder();
  const value = 'x'.repeat(3_000_000);
  encoder.addArgs(0, Args.of('SET', 'k', value));
  expect(delivered(encoder)).toBe(`${select0}*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3000000\r\n${value}\r\n`);
});

test('half a transaction is not handed over', () => {
  const encoder = new EffectEncoder();
  encoder.addArgs(0, Args.of('SET', 'a', '1'));
  encoder.begin();
  encoder.addArgs(0, Args.of('INCR', 'n'));
  expect(delivered(encoder)).toBe('');
  encoder.end();
  expect(delivered(encoder)).toMatch(/^\*2\r\n\$6\r\nSELECT[^]*INCR[^]*EXEC\r\n$/);
});

test('a new stream selects its database again', () => {
  const encoder = new EffectEncoder();
  encoder.addArgs(0, Args.of('INCR', 'n'));
  delivered(encoder);
  encoder.forgetDatabase();
  encoder.addArgs(0, Args.of('INCR', 'n'));
  expect(delivered(encoder)).toBe(`${select0}*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n`);
});

const anyWord = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.integer({ min: 0, max: 1200 }).map((n) => new Uint8Array(n)),
);

/** Requests as a client may send them: as they would be encoded, or as a line. */
const anyRequest = fc.tuple(fc.array(anyWord, { minLength: 1, maxLength: 5 }), fc.boolean());

function sent([words, isLine]: [Uint8Array[], boolean]): Uint8Array {
  return isLine ? latin1Bytes(`${words.map((word) => `x${word.length}`).join(' ')}\r\n`) : encodeRequest(words);
}

test('what is copied as it came is what encoding it gives, in whatever form and chunks it came', () => {
  fc.assert(
    fc.property(fc.array(anyRequest, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(300)), (requests, steps) => {
      const stream = ByteBuffer.from(Buffer.concat(requests.map(sent)));
      const encoder = new EffectEncoder();
      const decoder = new RequestDecoder({
        argsMax: 100,
        bulkBytesMax: 10_000,
        inlineBytesMax: 10_000,
        queryBytesMax: 100_000,
      });
      let expected = select0;
      for (let at = 0, i = 0; at < stream.sizeBytes; i++) {
        const to = Math.min(stream.sizeBytes, at + 1 + (steps[i] ?? 1000));
        decoder.feed(stream, at, to);
        while (decoder.next()) {
          const { args } = decoder;
          const words = Array.from({ length: args.count }, (_, j) => args.buffer.u8.slice(args.start[j], args.end[j]));
          expected += latin1Of(encodeRequest(words));
          encoder.addArgs(0, args);
        }
        at = to;
      }
      expect(delivered(encoder)).toBe(expected);
    }),
  );
});

test('a line behind what looks like the head of a request is not taken for one', () => {
  const stream = ByteBuffer.from(latin1Bytes('GET *12345\r\nFLUSHALL\r\nGET *9\r\n$8\r\nFLUSHALL\r\n'));
  const encoder = new EffectEncoder();
  const decoder = new RequestDecoder({ argsMax: 9, bulkBytesMax: 99, inlineBytesMax: 99, queryBytesMax: 999 });
  decoder.feed(stream, 0, stream.sizeBytes);
  while (decoder.next()) encoder.addArgs(0, decoder.args);
  const words = [['GET', '*12345'], ['FLUSHALL'], ['GET', '*9'], ['$8'], ['FLUSHALL']];
  expect(delivered(encoder)).toBe(select0 + words.map((request) => latin1Of(encodeRequest(request))).join(''));
});
