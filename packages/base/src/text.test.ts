import { deepEqual, equal, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { asciiBytes, latin1Of, textOf, utf8Bytes } from './text.ts';

test('textOf: reads what utf8Bytes writes', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
      const bytes = utf8Bytes(text);
      equal(textOf(bytes), text);
      equal(textOf(bytes, 0, bytes.length), text);
    }),
  ));

test('textOf: the short path and the decoder agree on any bytes', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 47 }), (bytes) => {
      equal(textOf(bytes), new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    }),
  ));

test('textOf: keeps a byte order mark', () => {
  equal(textOf(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), '\ufeffa');
});

test('textOf: a range', () => {
  equal(textOf(asciiBytes('SET key'), 4, 7), 'key');
});

test('latin1Of: one character per byte, and nothing is lost', () =>
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      deepEqual(
        [...latin1Of(bytes)].map((c) => c.charCodeAt(0)),
        [...bytes],
      );
    }),
  ));

test('asciiBytes: refuses what is not ASCII', () => {
  deepEqual([...asciiBytes('aZ\x7f')], [0x61, 0x5a, 0x7f]);
  throws(() => asciiBytes('é'), { code: 'ERR_ASSERTION' });
});
