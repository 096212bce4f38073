/** Links between documents lead somewhere. */
import { deepEqual } from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

test('docs: every relative link names a file that exists', () => {
  const broken: string[] = [];
  for (const file of globSync(['*.md', 'docs/**/*.md', '{packages,apps}/*/*.md'], { cwd: root })) {
    const text = readFileSync(join(root, file), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
    for (const [, target] of text.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)[^)]*\)/g)) {
      if (!existsSync(join(root, dirname(file), target))) broken.push(`${file}: ${target}`);
    }
  }
  deepEqual(broken, []);
});

test('docs: every package has a README', () => {
  const without = globSync('{packages,apps}/*/package.json', { cwd: root })
    .map(dirname)
    .filter((folder) => !existsSync(join(root, folder, 'README.md')));
  deepEqual(without, []);
});
