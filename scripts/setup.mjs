/**
 * Installs dependencies when they are missing or older than package-lock.json. `npm start` and `npm test` call it on
 * machines that have only Node 20 and npm, so it uses nothing that is newer or installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, 'package-lock.json');
/** npm writes it last, so an install that was interrupted does not count. */
const installedLockFile = join(root, 'node_modules/.package-lock.json');
/** The runtime that the workspace pins: the `node` package brings it. */
const runtime = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');

if (!isInstalled()) {
  console.error('Installing dependencies (npm ci) ...');
  const isWindows = process.platform === 'win32';
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    // Dependencies go to standard error, so that the output of what follows stays its own.
    stdio: ['ignore', 2, 2],
    shell: isWindows,
    env: withoutNpmState(process.env),
  });
  if (error !== undefined) fail(`npm could not be started: ${error.message}`);
  if (status !== 0) fail(`npm ci failed with exit code ${status}; see above`);
}
const { stdout, error } = spawnSync(runtime, ['--version'], { encoding: 'utf8' });
if (error !== undefined) fail(`the pinned Node is missing (${runtime}): run 'npm ci' without --ignore-scripts`);
if (Number(stdout.slice(1).split('.')[0]) < 22) fail(`expected the pinned Node 22.18 or later, found ${stdout.trim()}`);

function isInstalled() {
  if (!existsSync(installedLockFile) || !existsSync(runtime)) return false;
  return statSync(installedLockFile).mtimeMs >= statSync(lockFile).mtimeMs;
}

/** npm hands its own settings to scripts; those of the outer command are not meant for the install. */
function withoutNpmState(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_(lifecycle|package|command)/.test(name)));
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
