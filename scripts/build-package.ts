/**
 * `node scripts/build-package.ts packages/resp`: makes `dist`, the package as it is published: JavaScript and type
 * declarations under dist/src, and a package.json that points at them. `nx build` calls it in the order of dependencies,
 * because types of the packages below come from their dist.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readManifest, readWorkspace, type PackageManifest } from './workspace.ts';

const root = resolve(import.meta.dirname, '..');

/** The compiler options of one package, in a file of its own: paths cannot be given on the command line. */
function writeConfig(file: string, folder: string): void {
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      // dist/src beside dist/package.json, as in the sources: `../package.json` is the manifest in both.
      rootDir: folder,
      outDir: join(folder, 'dist'),
      typeRoots: [join(root, 'node_modules/@types')],
      paths: distPaths(),
    },
    include: [join(folder, 'src')],
    exclude: [join(folder, 'src/**/*.test.ts'), join(folder, 'src/**/*.bench.ts')],
  };
  writeFileSync(file, JSON.stringify(config));
}

/** Every subpath that a package of the workspace exports, mapped to the declarations in its dist. */
function distPaths(): Record<string, string[]> {
  const paths: Record<string, string[]> = {};
  for (const { manifest, folder } of readWorkspace(root)) {
    for (const [subpath, source] of Object.entries(manifest.exports ?? {})) {
      paths[`${manifest.name}${subpath.slice(1)}`] = [join(root, folder, 'dist', declarationOf(source))];
    }
  }
  return paths;
}

/** package.json as users see it: JavaScript in place of TypeScript, and nothing that only the workspace needs. */
function publishedManifest({ nx: _nx, devDependencies: _devDependencies, ...manifest }: PackageManifest): object {
  const entries = Object.entries(manifest.exports ?? {}).map(([subpath, source]) => [
    subpath,
    { types: declarationOf(source), default: scriptOf(source) },
  ]);
  return {
    ...manifest,
    private: undefined,
    exports: { ...Object.fromEntries(entries), './package.json': './package.json' },
    ...(manifest.exports?.['.'] !== undefined && { types: declarationOf(manifest.exports['.']) }),
    ...(manifest.bin !== undefined && {
      bin: Object.fromEntries(Object.entries(manifest.bin).map(([name, source]) => [name, scriptOf(source)])),
    }),
  };
}

/** The compiler rewrites the imports of scripts but not of declarations, whose readers may be older than it. */
function nameScripts(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/((?:\bfrom|\bimport\() ?['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'));
}

const scriptOf = (source: string): string => source.replace(/\.ts$/, '.js');
const declarationOf = (source: string): string => source.replace(/\.ts$/, '.d.ts');

function build(folder: string): void {
  const dist = join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const temporary = mkdtempSync(join(tmpdir(), 'kvartz-build-'));
  try {
    const config = join(temporary, 'tsconfig.json');
    writeConfig(config, folder);
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { stdio: 'inherit' });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  for (const file of globSync('src/**/*.d.ts', { cwd: dist })) nameScripts(join(dist, file));
  const manifest = readManifest(join(folder, 'package.json'));
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(publishedManifest(manifest), undefined, 2)}\n`);
  for (const file of [join(root, 'LICENSE'), join(folder, 'README.md')]) {
    if (existsSync(file)) copyFileSync(file, join(dist, file.slice(file.lastIndexOf('/') + 1)));
  }
  for (const source of Object.values(manifest.bin ?? {})) chmodSync(join(dist, scriptOf(source)), 0o755);
}

build(resolve(root, process.argv[2]));
