import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { importsOf } from './imports.ts';
import { readManifest, readWorkspace, type PackageManifest, type WorkspacePackage } from './workspace.ts';

/** From the bottom up; an arrow goes down. A package says its layer with an nx tag, `layer:protocol`. */
export const layers = ['base', 'leaf', 'protocol', 'domain', 'kernel', 'lab', 'app'] as const;

/** Arrows within a row that the design allows. */
const allowedInRow: readonly (readonly [from: string, to: string])[] = [
  ['@kvartz/replication', '@kvartz/persistence'],
  ['@kvartz/cluster', '@kvartz/router'],
  ['kvartz', '@kvartz/node'],
  ['kvartz', '@kvartz/proxy'],
];

/**
 * Every import that points up or sideways, that reaches into the files of another package, or that no package.json
 * declares. Each problem is one line: `file:line: what is wrong; what to do`.
 */
export function findLayerProblems(root: string): string[] {
  const packages = readWorkspace(root);
  const byName = new Map(packages.map((one) => [one.manifest.name, one]));
  const shared = Object.keys(readManifest(join(root, 'package.json')).devDependencies ?? {});
  const problems: string[] = [];
  for (const one of packages) {
    problems.push(...declaredProblems(one, byName));
    for (const file of sourcesIn(root, one.folder)) problems.push(...fileProblems({ root, file, one, byName, shared }));
  }
  for (const file of sourcesIn(root, 'test')) problems.push(...fileProblems({ root, file, byName, shared }));
  return problems;
}

function sourcesIn(root: string, folder: string): string[] {
  return globSync(`${folder}/**/*.{ts,mjs}`, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).toSorted();
}

type ByName = ReadonlyMap<string, WorkspacePackage>;

/** Dependencies that package.json declares against the arrows. */
function declaredProblems({ manifest, folder }: WorkspacePackage, byName: ByName): string[] {
  const where = `${folder}/package.json:1`;
  if (layerOf(manifest) < 0) {
    return [
      `${where}: no known layer; give it an nx tag, one of ${layers.map((layer) => `layer:${layer}`).join(', ')}`,
    ];
  }
  const problems: string[] = [];
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const target = byName.get(name);
    if (target === undefined) continue;
    const problem = arrowProblem(manifest, target.manifest);
    if (problem !== undefined) problems.push(`${where}: ${problem}`);
    const version = manifest.dependencies?.[name] ?? manifest.devDependencies?.[name];
    if (version !== target.manifest.version) {
      problems.push(`${where}: ${name} is declared as ${version}; the workspace has ${target.manifest.version}`);
    }
  }
  return problems;
}

interface FileContext {
  readonly root: string;
  readonly file: string;
  /** Absent for the suites under test/, which may use every package by its name. */
  readonly one?: WorkspacePackage;
  readonly byName: ByName;
  /** What the root's devDependencies offer to tests and benches. */
  readonly shared: readonly string[];
}

function fileProblems(context: FileContext): string[] {
  const problems: string[] = [];
  for (const { specifier, line } of importsOf(readFileSync(join(context.root, context.file), 'utf8'))) {
    const problem = specifier.startsWith('.') ? relativeProblem(context, specifier) : namedProblem(context, specifier);
    if (problem !== undefined) problems.push(`${context.file}:${line}: ${problem}`);
  }
  return problems;
}

/** Relative imports stay inside their package; suites stay out of every package. */
function relativeProblem({ root, file, one, byName }: FileContext, specifier: string): string | undefined {
  const target = relative(root, resolve(root, dirname(file), specifier));
  if (one !== undefined && target.startsWith(`${one.folder}/`)) return undefined;
  const owner = [...byName.values()].find(({ folder }) => target.startsWith(`${folder}/`));
  if (owner !== undefined) {
    return `'${specifier}' reaches into the files of ${owner.manifest.name}; import what its index exports`;
  }
  // Tests of a package may share helpers with the suites under test/.
  if (one === undefined || (isTestFile(file) && target.startsWith('test/'))) return undefined;
  return `'${specifier}' leaves the package`;
}

function namedProblem(context: FileContext, specifier: string): string | undefined {
  if (isBuiltin(specifier)) return undefined;
  const { one, byName, file } = context;
  const name = packageNameOf(specifier);
  const target = byName.get(name);
  if (target !== undefined) {
    const subpath = `.${specifier.slice(name.length)}`;
    if (target.manifest.exports?.[subpath] === undefined) {
      return `'${specifier}' is not exported by ${name}; import what its package.json exports`;
    }
    if (one === undefined || one === target) return undefined;
    const arrow = arrowProblem(one.manifest, target.manifest);
    if (arrow !== undefined) return arrow;
  }
  if (isDeclared(context, name)) return undefined;
  const place = isTestFile(file) ? 'devDependencies' : 'dependencies';
  return `'${name}' is not declared; add it to the ${place} of ${one === undefined ? '' : `${one.folder}/`}package.json`;
}

function isDeclared({ one, byName, shared, file }: FileContext, name: string): boolean {
  if (one === undefined) return byName.has(name) || shared.includes(name);
  if (one.manifest.dependencies?.[name] !== undefined) return true;
  return isTestFile(file) && (one.manifest.devDependencies?.[name] !== undefined || shared.includes(name));
}

/** What is wrong with an arrow between two packages, if anything. */
function arrowProblem(from: PackageManifest, to: PackageManifest): string | undefined {
  const fromLayer = layerOf(from);
  const toLayer = layerOf(to);
  if (toLayer < fromLayer) return undefined;
  if (toLayer > fromLayer) return `${describe(from)} imports upwards from ${describe(to)}; arrows point down only`;
  if (allowedInRow.some(([a, b]) => a === from.name && b === to.name)) return undefined;
  return `${describe(from)} imports sideways from ${describe(to)}; move what both need to a layer below`;
}

function layerOf(manifest: PackageManifest): number {
  const tag = manifest.nx?.tags?.find((one) => one.startsWith('layer:'));
  return layers.findIndex((layer) => tag === `layer:${layer}`);
}

function describe(manifest: PackageManifest): string {
  return `${manifest.name} (${layers[layerOf(manifest)] ?? 'no layer'})`;
}

function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isTestFile(file: string): boolean {
  return /\.(test|bench|suite)\.ts$/.test(file) || /(^|\/)(test|testdata)\//.test(file);
}
