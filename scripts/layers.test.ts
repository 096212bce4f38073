/** The check finds a planted arrow of each wrong kind, and nothing in a tree that keeps the rules. */
import { deepEqual } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'vitest';
import { findLayerProblems } from './layers.ts';

const manifest = (name: string, layer: string, dependencies: string[] = [], devDependencies: string[] = []): string =>
  JSON.stringify({
    name,
    version: '1.0.0',
    exports: { '.': './src/index.ts', './extra': './src/extra.ts' },
    dependencies: Object.fromEntries(dependencies.map((one) => [one, '1.0.0'])),
    devDependencies: Object.fromEntries(devDependencies.map((one) => [one, '1.0.0'])),
    nx: { tags: [`layer:${layer}`] },
  });

const tree: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'root', version: '1.0.0', devDependencies: { vitest: '1.0.0' } }),
  'packages/base/package.json': manifest('@kvartz/base', 'base'),
  'packages/base/src/index.ts': 'export const a = 1;',
  'packages/engine/package.json': manifest('@kvartz/engine', 'leaf', ['@kvartz/base']),
  'packages/engine/src/index.ts': "import { a } from '@kvartz/base';\nexport { x } from './deep/x.ts';\n",
  'packages/engine/src/x.test.ts': "import { test } from 'vitest';\nimport fs from 'node:fs';\n",
  'packages/resp/package.json': manifest('@kvartz/resp', 'leaf', ['@kvartz/base']),
  'packages/router/package.json': manifest('@kvartz/router', 'protocol', ['@kvartz/base']),
  'packages/cluster/package.json': manifest('@kvartz/cluster', 'protocol', ['@kvartz/router']),
  'packages/cluster/src/index.ts': "import { r } from '@kvartz/router/extra';\n",
  'packages/server/package.json': manifest('@kvartz/server', 'kernel', ['@kvartz/engine']),
  'apps/node/package.json': manifest('@kvartz/node', 'app', ['@kvartz/server', '@kvartz/base']),
  'apps/node/src/main.ts': "import { a } from '@kvartz/base';\n",
  'test/suite/a.test.ts': "import '@kvartz/node';\nimport '../support/x.ts';\n",
};

/** The problems of the good tree with some files changed. */
function problemsWith(changes: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-layers-'));
  try {
    for (const [path, content] of Object.entries({ ...tree, ...changes })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return findLayerProblems(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('layers: a tree that keeps the rules has no problems', () => deepEqual(problemsWith({}), []));

describe('layers: planted problems', () => {
  const file = (path: string, code: string): Record<string, string> => ({ [path]: `\n${code}\n` });
  const rows: readonly (readonly [name: string, changes: Record<string, string>, expected: string])[] = [
    [
      'an import upwards',
      file('packages/engine/src/up.ts', "import { s } from '@kvartz/server';"),
      'packages/engine/src/up.ts:2: @kvartz/engine (leaf) imports upwards from @kvartz/server (kernel); arrows point down only',
    ],
    [
      'an import sideways',
      file('packages/engine/src/side.ts', "import type { S } from '@kvartz/resp';"),
      'packages/engine/src/side.ts:2: @kvartz/engine (leaf) imports sideways from @kvartz/resp (leaf); move what both need to a layer below',
    ],
    [
      'the wrong way of an arrow that a row allows',
      file('packages/router/src/side.ts', "export * from '@kvartz/cluster';"),
      'packages/router/src/side.ts:2: @kvartz/router (protocol) imports sideways from @kvartz/cluster (protocol); move what both need to a layer below',
    ],
    [
      'an import upwards by a test',
      file('packages/base/src/x.test.ts', "import '@kvartz/engine';"),
      'packages/base/src/x.test.ts:2: @kvartz/base (base) imports upwards from @kvartz/engine (leaf); arrows point down only',
    ],
    [
      'a package that is not declared',
      file('packages/router/src/x.ts', "import '@kvartz/resp';"),
      "packages/router/src/x.ts:2: '@kvartz/resp' is not declared; add it to the dependencies of packages/router/package.json",
    ],
    [
      'a registry package that is not declared',
      file('packages/base/src/x.ts', "import { pack } from 'msgpackr/pack';"),
      "packages/base/src/x.ts:2: 'msgpackr' is not declared; add it to the dependencies of packages/base/package.json",
    ],
    [
      'a tool of tests in shipped code',
      file('packages/base/src/x.ts', "import { test } from 'vitest';"),
      "packages/base/src/x.ts:2: 'vitest' is not declared; add it to the dependencies of packages/base/package.json",
    ],
    [
      'the files of another package',
      file('packages/engine/src/x.ts', "import '../../base/src/index.ts';"),
      "packages/engine/src/x.ts:2: '../../base/src/index.ts' reaches into the files of @kvartz/base; import what its index exports",
    ],
    [
      'the files of another package by its name',
      file('packages/engine/src/x.ts', "import '@kvartz/base/src/index.ts';"),
      "packages/engine/src/x.ts:2: '@kvartz/base/src/index.ts' is not exported by @kvartz/base; import what its package.json exports",
    ],
    [
      'the files of a package from a suite',
      file('test/suite/b.test.ts', "import '../../apps/node/src/main.ts';"),
      "test/suite/b.test.ts:2: '../../apps/node/src/main.ts' reaches into the files of @kvartz/node; import what its index exports",
    ],
    [
      'files outside of the package',
      file('packages/engine/src/x.ts', "import '../../../scripts/x.ts';"),
      "packages/engine/src/x.ts:2: '../../../scripts/x.ts' leaves the package",
    ],
    [
      'a declared dependency upwards',
      { 'packages/base/package.json': manifest('@kvartz/base', 'base', ['@kvartz/engine']) },
      'packages/base/package.json:1: @kvartz/base (base) imports upwards from @kvartz/engine (leaf); arrows point down only',
    ],
    [
      'a package without a layer',
      { 'packages/base/package.json': manifest('@kvartz/base', 'middle') },
      'packages/base/package.json:1: no known layer; give it an nx tag, one of layer:base, layer:leaf, layer:protocol, layer:domain, layer:kernel, layer:lab, layer:app',
    ],
  ];
  for (const [name, changes, expected] of rows)
    test(name, () => deepEqual(problemsWith(changes).slice(0, 1), [expected]));
});
