import fc from 'fast-check';
import { equal } from 'node:assert/strict';
import { test } from 'vitest';
import { ChunkText, decodeText, textCut } from './chunk-text.ts';

const reference = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes that are often, but not always, UTF-8, and cut in the middle of characters. */
const textBytes = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => Buffer.from(text)),
      fc.string({ maxLength: 60 }).map((text) => Buffer.from(text)),
      fc.constantFrom(Buffer.from('\ufffd'), Buffer.from('\ufeff'), Buffer.from('😀'), Buffer.from('€')),
      fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)));

test('texts cut from a chunk are what each alone would be (property)', () => {
  fc.assert(
    fc.property(
      textBytes,
      fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 5 }))),
      fc.boolean(),
      (bytes, spans, asBuffer) => {
        const chunk = asBuffer ? Buffer.from(bytes) : bytes;
        const text = new ChunkText();
        let start = 0;
        for (const [length, gap] of spans) {
          const end = Math.min(start + length, chunk.length);
          equal(text.read(chunk, start, end, chunk.length), reference.decode(bytes.subarray(start, end)));
          start = Math.min(end + gap, chunk.length);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('decodeText is TextDecoder (property)', () => {
  fc.assert(
    fc.property(textBytes, fc.nat(), fc.nat(), (bytes, a, b) => {
      const start = Math.min(a, b) % (bytes.length + 1);
      const end = start + (Math.max(a, b) % (bytes.length - start + 1));
      const expected = reference.decode(bytes.subarray(start, end));
      equal(decodeText(bytes, start, end), expected);
      equal(decodeText(Buffer.from(bytes), start, end), expected);
    }),
    { numRuns: 1000 },
  );
});

test('text cut at textCut decodes to the same (property)', () => {
  fc.assert(
    fc.property(textBytes, fc.nat(), (bytes, offset) => {
      const cut = textCut(bytes, 0, offset % (bytes.length + 1));
      equal(decodeText(bytes, 0, cut) + decodeText(bytes, cut, bytes.length), reference.decode(bytes));
    }),
    { numRuns: 2000 },
  );
});

test('texts of all lengths, with and without windows, are what each alone would be', () => {
  const parts = ['v', 'value of a key, ', 'é', 'Größe: 12″ ', '😀'];
  const texts: string[] = [];
  for (const part of ['v', 'value of a key, ', ...parts]) {
    for (const length of [0, 1, 8, 9, 12, 13, 40, 128, 129, 1000, 4096, 4097, 9000]) {
      for (let i = 0; i < 8; i++) texts.push(`${i}${part.repeat(length / part.length)}`);
    }
  }
  for (const all of [texts, texts.toReversed(), texts.toSorted()]) {
    const bytes = all.map((text) => Buffer.from(text));
    const chunk = Uint8Array.from(Buffer.concat(bytes));
    const read = new ChunkText();
    let start = 0;
    for (const [i, text] of all.entries()) {
      const end = start + bytes[i].length;
      equal(read.read(chunk, start, end, chunk.length), text);
      start = end;
    }
  }
});
