/**
 * Memory of collections: Kvartz and redis-server (or $VALKEY_SERVER) filled with the same, one after the other.
 *
 *   node test/bench/collection-memory.ts [--scale 1] [--only hashes,sets,zset]
 *
 * `--scale 0.1` makes everything a tenth. What is compared is what the resident memory grew by.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { serverCommand } from '../support/server-command.ts';
import { bulkLoad } from './bulk-load.ts';
import { describeMachine } from './report.ts';
import { type ServerCommand, startServer } from './server-process.ts';

const ratioMax = 0.9;

const { values: options } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    only: { type: 'string' },
    json: { type: 'string', default: 'bench-collection-memory.json' },
  },
});
const scale = Number(options.scale);
if (!(scale > 0)) {
  console.error('collection-memory: --scale must be a number greater than 0');
  process.exit(2);
}

type Commands = Generator<(string | number)[]>;

const contents: Record<string, { readonly title: string; readonly commands: () => Commands }> = {
  hashes: { title: 'a million hashes of ten small fields', commands: () => hashes(1_000_000 * scale) },
  sets: { title: 'a million sets of ten integers', commands: () => sets(1_000_000 * scale) },
  zset: { title: 'a sorted set of a million members', commands: () => sortedSet(1_000_000 * scale) },
  lists: { title: 'a million lists of ten small items', commands: () => lists(1_000_000 * scale) },
  streams: { title: 'a hundred thousand streams of ten entries', commands: () => streams(100_000 * scale) },
};

function* hashes(count: number): Commands {
  for (let i = 0; i < count; i++) {
    const request: (string | number)[] = ['HSET', `hash:${i}`];
    for (let j = 0; j < 10; j++) request.push(`field:${j}`, `value:${i % 1000}`);
    yield request;
  }
}

function* sets(count: number): Commands {
  for (let i = 0; i < count; i++) {
    const request: (string | number)[] = ['SADD', `set:${i}`];
    for (let j = 0; j < 10; j++) request.push((i * 31 + j * 977) % 1_000_000);
    yield request;
  }
}

function* streams(count: number): Commands {
  for (let i = 0; i < count; i++) {
    for (let j = 1; j <= 10; j++) yield ['XADD', `stream:${i}`, j, 'sensor', j, 'temperature', `${i % 40}.5`];
  }
}

function* sortedSet(count: number): Commands {
  for (let i = 0; i < count; i += 10) {
    const request: (string | number)[] = ['ZADD', 'zset'];
    for (let j = i; j < i + 10; j++) request.push((j * 7919) % 1_000_003, `member:${j}`);
    yield request;
  }
}

function* lists(count: number): Commands {
  for (let i = 0; i < count; i++) {
    const request: (string | number)[] = ['RPUSH', `list:${i}`];
    for (let j = 0; j < 10; j++) request.push(`item:${j}`);
    yield request;
  }
}

async function grownBytes(command: ServerCommand, commands: Commands): Promise<number> {
  const server = await startServer(command);
  try {
    const before = server.residentBytes();
    await bulkLoad(server.port, commands);
    await sleep(500); // background work, such as a rehash, ends
    return server.residentBytes() - before;
  } finally {
    await server.stop();
  }
}

const names = options.only?.split(',') ?? Object.keys(contents);
const baselineArgv = (process.env['VALKEY_SERVER'] ?? 'redis-server').split(' ');
const results = [];
for (const name of names) {
  const content = contents[name];
  if (content === undefined) {
    console.error(`collection-memory: --only: no "${name}" here; there are ${Object.keys(contents).join(', ')}`);
    process.exit(2);
  }
  const kvartz = await grownBytes({ label: 'kvartz', argv: serverCommand(), core: undefined }, content.commands());
  const baseline = await grownBytes({ label: 'baseline', argv: baselineArgv, core: undefined }, content.commands());
  const ratio = kvartz / baseline;
  const millions = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const title = scale === 1 ? content.title : `${content.title}, times ${scale}`;
  console.log(
    `${title}: kvartz ${millions(kvartz)}, baseline ${millions(baseline)}, ratio ${ratio.toFixed(3)}: target <= ${ratioMax} ` +
      (ratio <= ratioMax ? 'met' : 'MISSED'),
  );
  results.push({ name, title, kvartz, baseline, ratio });
}
const report = { when: new Date().toISOString(), machine: describeMachine(), scale, results };
writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);
