/** The same replies to ReplyDecoder and to `redis-parser`, the parser of ioredis: the values must be the same. */
import fc from 'fast-check';
import { deepEqual } from 'node:assert/strict';
import { test } from 'vitest';
// @ts-expect-error -- it has no types
import RedisParser from 'redis-parser';
import { ReplyError } from '../src/index.ts';
import { anyText, bytesOf, cutAt, cuts, decodeBatches, decodeReplies, type DecodedReply } from './support.ts';

/** A bulk of text, its bytes one to a character. */
function bulk(text: string): string {
  const bytes = Buffer.from(text);
  return `$${bytes.length}\r\n${bytes.toString('latin1')}\r\n`;
}

const line = fc.string({ maxLength: 30 }).filter((text) => !/[\r\n]/.test(text));
const wireTree = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('+OK\r\n', ':1\r\n', ':0\r\n', '$-1\r\n', '$0\r\n\r\n', '*-1\r\n', '*0\r\n'),
    fc.maxSafeInteger().map((n) => `:${n}\r\n`),
    fc.integer({ min: 0, max: 999_999 }).map((n) => `:${n}\r\n`),
    line.map((text) => `+${text}\r\n`),
    line.map((text) => `-ERR ${text}\r\n`),
    fc.string({ maxLength: 100 }).map(bulk),
    anyText({ maxLength: 100 }).map(bulk),
    fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.integer({ min: 100, max: 600 })).map(([part, times]) => {
      return bulk(part.repeat(times));
    }),
    fc.array(tie('node'), { maxLength: 5 }).map((nodes) => `*${nodes.length}\r\n${nodes.join('')}`),
  ),
})).node;

/** Bytes of either as an array, errors of either as their message. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (value instanceof Error) return { error: value.message };
  return Array.isArray(value) ? value.map(plain) : value;
}

function parsed(pieces: readonly Uint8Array[], returnBuffers: boolean): unknown[] {
  const values: unknown[] = [];
  const found = (value: unknown): number => values.push(plain(value));
  const parser = new RedisParser({ returnReply: found, returnError: found, returnBuffers });
  for (const piece of pieces) parser.execute(Buffer.from(piece));
  return values;
}

/** Ours, with statuses as redis-parser has them: as bytes when bulks are. */
function decoded(replies: readonly (DecodedReply | string)[], bytes: boolean): unknown[] {
  const convert = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(convert);
    return bytes && typeof value === 'string' ? Buffer.from(value) : value;
  };
  return replies.map((reply) => plain(convert((reply as DecodedReply).value)));
}

for (const bytes of [false, true]) {
  test(`values are those of redis-parser, as ${bytes ? 'bytes' : 'text'} (property)`, () => {
    fc.assert(
      fc.property(fc.array(wireTree, { maxLength: 60, size: 'max' }), cuts, (nodes, offsets) => {
        const pieces = cutAt(bytesOf(nodes.join('')), offsets).filter((piece) => piece.length > 0);
        const expected = parsed(pieces, bytes);
        deepEqual(decoded(decodeReplies(pieces, { bytes }), bytes), expected);
        deepEqual(decoded(decodeBatches(pieces, { bytes }), bytes), expected);
      }),
      { numRuns: 500 },
    );
  });
}

test('its errors have the same message, ours a code besides', () => {
  deepEqual(parsed([bytesOf('-MOVED 1 a:1\r\n')], false), [{ error: 'MOVED 1 a:1' }]);
  deepEqual(decodeReplies([bytesOf('-MOVED 1 a:1\r\n')]), [{ value: new ReplyError('MOVED 1 a:1') }]);
});
