import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { program } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'kvartz-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The message with which the command line is refused. */
async function refusal(...args: string[]): Promise<string> {
  let printed = '';
  const kvartz = program().exitOverride();
  for (const command of [kvartz, ...kvartz.commands])
    command
      .exitOverride()
      .configureOutput({ writeErr: (text) => (printed += text), writeOut: (text) => (printed += text) });
  try {
    await kvartz.parseAsync(args, { from: 'user' });
  } catch (error) {
    return printed === '' ? (error as Error).message : printed;
  }
  return 'not refused';
}

for (const [what, args, message] of [
  [
    'replicas, which are not there yet',
    ['--replicas', '1'],
    /^--replicas: replication is not there yet, so only 0 works$/,
  ],
  [
    'a number of masters that is none',
    ['--masters', 'three'],
    /'--masters <count>' argument 'three' is invalid. It must be a whole number from 1 to 1000/,
  ],
  ['no masters', ['--masters', '0'], /It must be a whole number from 1 to 1000/],
  ['a port that is none', ['--base-port', '70000'], /It must be a whole number from 1 to 65535/],
  [
    'a port without a bus port',
    ['--base-port', '60000', '--dir', join(folder, 'high')],
    /the last port may be 55535 at most/,
  ],
  ['an option that is none', ['--slaves', '1'], /unknown option '--slaves'/],
  [
    'a server program that is not there',
    ['--node-path', '/nowhere/node.js'],
    /there is no server program at \/nowhere\/node\.js/,
  ],
] as const)
  test(`kvartz up refuses ${what}`, async () => expect(await refusal('up', ...args)).toMatch(message));

test('kvartz up does not start a second cluster over a first one of another size', async () => {
  const plan = { version: 1, masters: 3, basePort: 7000, formed: true };
  writeFileSync(join(folder, 'cluster.json'), JSON.stringify(plan));
  expect(await refusal('up', '--dir', folder, '--masters', '5')).toBe(
    `${folder} holds a cluster of 3 masters from port 7000 on; ` +
      'leave out --masters and --base-port to resume it, or choose another --dir',
  );
});

test('kvartz up does not touch a folder whose cluster.json it cannot read', async () => {
  for (const text of ['{"version":2}', '[]', 'garbage']) {
    writeFileSync(join(folder, 'cluster.json'), text);
    expect(await refusal('up', '--dir', folder)).toMatch(
      /cluster\.json is not a cluster description this version can read/,
    );
  }
});

test('--version and --help', async () => {
  expect(await refusal('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await refusal('--help')).toMatch(/run a local cluster of real processes/);
});
