import { deepEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { importsOf } from './imports.ts';

test('importsOf: every form, with its line', () => {
  const source = `import { a } from './a.ts';
import b, { type C } from "b";
import type { D } from '@kvartz/d';
import 'side-effect';
import {
  e,
  f,
} from './many.ts';
export { g } from './g.ts';
export type { H } from './h.ts';
import facts from './facts.json' with { type: 'json' };
const lazy = await import('./lazy.ts');
const typed: import('./typed.ts').T = lazy;
`;
  deepEqual(
    importsOf(source).map(({ specifier, line }) => `${line} ${specifier}`),
    [
      '1 ./a.ts',
      '2 b',
      '3 @kvartz/d',
      '4 side-effect',
      '8 ./many.ts',
      '9 ./g.ts',
      '10 ./h.ts',
      '11 ./facts.json',
      '12 ./lazy.ts',
      '13 ./typed.ts',
    ],
  );
});

test('importsOf: comments and other words do not count', () => {
  const source = `// import { a } from './a.ts';
/* import './b.ts'; */
const url = 'http://x/'; // import './c.ts'
export const from = 'import';
export function load(name: string) { return name + ' from "nowhere"'; }
`;
  deepEqual(importsOf(source), []);
});
