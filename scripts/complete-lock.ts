/**
 * `npm run lock` after a change of dependencies: brings package-lock.json up to date, then adds an entry for every
 * optional package of another platform that npm has left out (a registry that mirrors only some platforms does not have
 * them). Without these entries `npm ci` refuses the lock file, and on those platforms would miss the package. They carry
 * no integrity, because nobody here has seen their content.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface LockEntry {
  version?: string;
  dev?: boolean;
  peer?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  readonly optionalDependencies?: Record<string, string>;
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

/** What a package's name says about its platform: `@oxlint/binding-linux-arm64-musl`. */
function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> | undefined {
  const words = name.split(/[-/]/);
  const os = systems.find((one) => words.includes(one));
  const cpu = processors.find((one) => words.includes(one));
  if (os === undefined || cpu === undefined) return undefined;
  const isMusl = words.some((word) => word.startsWith('musl'));
  const isGlibc = words.some((word) => word.startsWith('gnu'));
  return {
    os: [os],
    cpu: [cpu],
    ...(os === 'linux' && (isMusl ? { libc: ['musl'] } : isGlibc && { libc: ['glibc'] })),
  };
}

const root = resolve(import.meta.dirname, '..');
const lockFile = join(root, 'package-lock.json');
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: root, stdio: 'inherit' });
const lock = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Record<string, LockEntry> };

let addedCount = 0;
for (const owner of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    const platform = platformOf(name);
    if (lock.packages[path] !== undefined || platform === undefined || !/^\d/.test(version)) continue;
    const { dev, peer } = owner;
    lock.packages[path] = { version, ...(dev && { dev }), optional: true, ...(peer && { peer }), ...platform };
    addedCount++;
  }
}
// In the order that npm writes.
const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(lockFile, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2)}\n`);
console.log(`${addedCount} packages of other platforms added to package-lock.json`);
