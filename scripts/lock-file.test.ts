/** The lock file installs anywhere: from any registry, and on any platform that the dependencies know. */
import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'vitest';

interface LockEntry {
  readonly resolved?: string;
  readonly optionalDependencies?: Record<string, string>;
}

const file = join(resolve(import.meta.dirname, '..'), 'package-lock.json');
const packages = Object.entries(
  (JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockEntry> }).packages,
);

test('package-lock.json names no host', () => {
  deepEqual(
    packages.filter(([, { resolved }]) => resolved?.includes('://')).map(([path]) => path),
    [],
  );
});

test('package-lock.json knows every optional package of an exact version (else: npm run lock)', () => {
  const names = new Set(
    packages.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)),
  );
  const missing = packages
    .flatMap(([, { optionalDependencies = {} }]) => Object.entries(optionalDependencies))
    .filter(([name, version]) => /^\d/.test(version) && !names.has(name));
  deepEqual(missing, []);
});
