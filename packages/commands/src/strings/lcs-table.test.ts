import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LcsTable } from './lcs-table.ts';

const bytesOf = fc.uint8Array({ max: 3, maxLength: 30 });

function isSubsequence(part: Uint8Array, whole: Uint8Array): boolean {
  let at = 0;
  for (const byte of whole) if (at < part.length && byte === part[at]) at++;
  return at === part.length;
}

/** By the definition, without a table. */
function lengthOf(a: Uint8Array, b: Uint8Array): number {
  let previous = b.length === 0 ? [0] : Array.from({ length: b.length + 1 }, () => 0);
  for (const byte of a) {
    const row = [0];
    for (const [j, other] of b.entries())
      row.push(byte === other ? previous[j] + 1 : Math.max(previous[j + 1], row[j]));
    previous = row;
  }
  return previous[b.length];
}

test('the text is a subsequence of both and as long as can be', () => {
  fc.assert(
    fc.property(bytesOf, bytesOf, (a, b) => {
      const table = new LcsTable(a, b);
      const text = table.text();
      expect(text.length).toBe(lengthOf(a, b));
      expect(table.length).toBe(text.length);
      expect(isSubsequence(text, a) && isSubsequence(text, b)).toBe(true);
    }),
  );
});

test('matches are runs of equal bytes, from the end to the beginning, that make up the text', () => {
  fc.assert(
    fc.property(bytesOf, bytesOf, (a, b) => {
      const table = new LcsTable(a, b);
      const parts = table.matches();
      for (const [i, { aStart, bStart, length }] of parts.entries()) {
        expect(a.slice(aStart, aStart + length)).toEqual(b.slice(bStart, bStart + length));
        if (i > 0) expect(aStart + length <= parts[i - 1].aStart && bStart + length <= parts[i - 1].bStart).toBe(true);
      }
      expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(table.length);
    }),
  );
});
