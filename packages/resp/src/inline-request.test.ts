import { ByteBuffer } from '@kvartz/base';
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'vitest';
import { bytesOf, latin1 } from '../test/support.ts';
import { Args } from './args.ts';
import { splitInlineRequest } from './inline-request.ts';

/** A line and its words; undefined where quotes are unbalanced. */
const table: readonly (readonly [line: string, words: readonly string[] | undefined])[] = [
  ['', []],
  [' \t\v\f\r ', []],
  ['a', ['a']],
  ['a  b', ['a', 'b']],
  ['a\tb\rc\nd', ['a', 'b', 'c', 'd']],
  ['a\vb \fc', ['a\vb', 'c']],
  ['""', ['']],
  ["''", ['']],
  ['"" \'\' ""', ['', '', '']],
  ['"a b"', ['a b']],
  ["'a b'", ['a b']],
  ['a"b c"', ['ab c']],
  ['a"b" c', ['ab', 'c']],
  ['"a"\v\'b\'', ['a', 'b']],
  ['"\\n\\r\\t\\b\\a"', ['\n\r\t\b\x07']],
  ['"\\\\ \\" \\\' \\q"', ['\\ " \' q']],
  ['"\\x41\\x4a\\xfF\\x00"', ['AJ\xff\0']],
  ['"\\x4" "\\xg1" "\\x"', ['x4', 'xg1', 'x']],
  ["'\\n \\' \\\\ '", ["\\n ' \\\\ "]],
  ["'\\\\'", undefined],
  ["'a\\x41'", ['a\\x41']],
  ['\\n', ['\\n']],
  ['"\'"', ["'"]],
  ["'\"'", ['"']],
  ['"', undefined],
  ["'", undefined],
  ['"a', undefined],
  ['"a\\"', undefined],
  ['"a\\', undefined],
  ["'a\\'", undefined],
  ['"a"b', undefined],
  ["'a'b", undefined],
  ['"a"\'b\'', undefined],
  ['ok "', undefined],
];

for (const [line, words] of table) {
  test(`inline request ${JSON.stringify(line)}`, () => {
    // Quotes around the line belong to no line.
    const input = ByteBuffer.from(bytesOf(`"${line}"`));
    const args = new Args(input, 0);
    const isBalanced = splitInlineRequest(input, 1, input.sizeBytes - 1, args);
    equal(isBalanced, words !== undefined);
    const { buffer, count, start, end } = args;
    const found = Array.from({ length: count }, (_, i) => latin1(buffer.u8.subarray(start[i], end[i])));
    if (words !== undefined) deepEqual(found, words);
  });
}
