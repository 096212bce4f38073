import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteWord, splitWords } from './quoting.ts';

describe('splitWords', () => {
  for (const [line, words] of [
    ['', []],
    ['   \t ', []],
    ['port 7000', ['port', '7000']],
    ['  port\t7000  ', ['port', '7000']],
    ['save ""', ['save', '']],
    ["save ''", ['save', '']],
    ['requirepass "a b"', ['requirepass', 'a b']],
    ["requirepass 'a \"b\" \\' c'", ['requirepass', 'a "b" \' c']],
    ["x 'a\\nb'", ['x', 'a\\nb']],
    ['x "\\x41\\xff\\n\\r\\t\\b\\a\\q\\""', ['x', 'A\xff\n\r\t\b\x07q"']],
    ['x "\\xg1"', ['x', 'xg1']],
    ['x a"b c"', ['x', 'ab c']],
    ['x "open', undefined],
    ["x 'open", undefined],
    ['x "closed"on', undefined],
    ["x 'closed'on", undefined],
    ['x "ends with backslash\\', undefined],
  ] as const) {
    test(`${JSON.stringify(line)} is ${JSON.stringify(words)}`, () => {
      expect(splitWords(line)).toEqual(words);
    });
  }
});

const byteString = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });

test('a quoted word is read as it was, whatever bytes it has', () => {
  fc.assert(
    fc.property(fc.array(byteString), (words) => {
      expect(splitWords(words.map(quoteWord).join(' '))).toEqual(words);
    }),
  );
});

test('a quoted word is one line of printable ASCII', () => {
  fc.assert(fc.property(byteString, (word) => /^[\x20-\x7e]*$/.test(quoteWord(word))));
});

test('any line is split or refused', () => {
  fc.assert(fc.property(byteString, (line) => void splitWords(line)));
});
