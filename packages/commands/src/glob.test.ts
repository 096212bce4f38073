import { utf8Bytes } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchGlob } from './index.ts';

function matches(pattern: string, text: string, isCaseless = false): boolean {
  const p = utf8Bytes(pattern);
  const t = utf8Bytes(text);
  return matchGlob(p, 0, p.length, t, 0, t.length, isCaseless);
}

describe('matchGlob', () => {
  for (const [pattern, text, expected] of [
    ['*', '', true],
    ['**', '', false],
    ['', '', true],
    ['', 'a', false],
    ['a', 'a', true],
    ['a', 'A', false],
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['h*llo', 'heeeello', true],
    ['h*llo', 'hllo', true],
    ['*a', 'aaa', true],
    ['a*', 'a', true],
    ['a**', 'a', true],
    ['*a*b*c*', 'xaxbxcx', true],
    ['*a*b*c*', 'xaxcxbx', false],
    ['h[ae]llo', 'hallo', true],
    ['h[ae]llo', 'hillo', false],
    ['h[^e]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-c]llo', 'hbllo', true],
    ['h[c-a]llo', 'hbllo', true],
    ['[a-]', '_', true],
    ['[]', 'a', false],
    ['[\\]]', ']', true],
    ['[a-\\]', '\\', true],
    ['[^', 'x', true],
    ['[', '[', false],
    ['[abc', 'b', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['\\', '\\', true],
    ['a\\', 'a\\', true],
  ] as const)
    test(`'${pattern}' ${expected ? 'matches' : 'does not match'} '${text}'`, () =>
      expect(matches(pattern, text)).toBe(expected));

  test('letters of any case are equal where asked', () => {
    expect(matches('MAX*', 'maxmemory', true)).toBe(true);
    expect(matches('[A-C]x', 'bX', true)).toBe(true);
    expect(matches('[', '{', true)).toBe(false);
  });

  test('a pattern that makes others go back again and again takes no time', () => {
    const startMs = performance.now();
    expect(matches(`${'*a'.repeat(1000)}b`, 'a'.repeat(20_000))).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  test('it agrees with a regular expression', () => {
    const piece = fc.constantFrom('a', 'b', '?', '*', '[ab]', '[^a]', '[b-c]');
    const asRegExp = (parts: readonly string[]): RegExp => {
      return new RegExp(`^${parts.map((part) => ({ '?': '.', '*': '.*' })[part] ?? part).join('')}$`, 's');
    };
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
        (p, t) => {
          expect(matches(p.join(''), t.join(''))).toBe(asRegExp(p).test(t.join('')));
        },
      ),
    );
  });
});
