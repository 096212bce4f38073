import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Record<string, string>;
  readonly bin?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly nx?: { readonly tags?: readonly string[] };
}

/** One package of the workspace. */
export interface WorkspacePackage {
  readonly manifest: PackageManifest;
  /** Relative to the root: `packages/base`. */
  readonly folder: string;
}

export function readManifest(path: string): PackageManifest {
  return JSON.parse(readFileSync(path, 'utf8')) as PackageManifest;
}

/** All packages under packages/ and apps/, sorted by folder. */
export function readWorkspace(root: string): WorkspacePackage[] {
  return globSync('{packages,apps}/*/package.json', { cwd: root })
    .toSorted()
    .map((path) => ({ manifest: readManifest(join(root, path)), folder: dirname(path) }));
}
