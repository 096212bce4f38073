/** `node scripts/check-layers.ts`: exits with 1 when an import goes against the arrows of the house. */
import { resolve } from 'node:path';
import { findLayerProblems } from './layers.ts';

const problems = findLayerProblems(resolve(import.meta.dirname, '..'));
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`${problems.length} imports against the layers; see docs/architecture.md`);
  process.exitCode = 1;
} else console.log('layers: all imports point down');
