import { equal } from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { playStory } from './story.ts';

const folder = new URL('../testdata/', import.meta.url);

// UPDATE=1 writes what comes out, to be read before it is committed.
for (const name of readdirSync(folder).filter((file) => file.endsWith('.story.txt'))) {
  test(`story: ${name.replace('.story.txt', '').replaceAll('-', ' ')}`, async () => {
    const file = new URL(name, folder);
    const expected = readFileSync(file, 'utf8');
    const actual = await playStory(expected);
    if (process.env['UPDATE'] === '1') writeFileSync(file, actual);
    else equal(actual, expected);
  });
}
