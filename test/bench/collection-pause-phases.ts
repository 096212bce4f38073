import { setTimeout as sleep } from 'node:timers/promises';
import { RawClient } from '../cluster/support/raw-client.ts';
import { bulkLoad } from './bulk-load.ts';
import type { PauseSummary, PauseWatch } from './pauses.ts';

export const collectionKinds = ['hash', 'set', 'zset', 'list', 'stream'] as const;
export type CollectionKind = (typeof collectionKinds)[number];

export interface PhasePauses {
  readonly phase: string;
  readonly seconds: number;
  readonly summary: PauseSummary;
}

type Words = (string | number)[];

const perCommand = 10;
/** A turn of the event loop runs a whole batch, which should be little beside the pauses that are looked for: 1 to 2 ms. */
const batchBytes = 16 * 1024;
/** So that code is compiled before what counts begins. */
const warmUpElementsMax = 50_000;

/** `add` and `remove` are of elements [from, from + perCommand); entries of a stream take a command each. */
const commandsOf: Record<
  CollectionKind,
  { add(key: string, from: number): Words | Words[]; remove(key: string, from: number): Words }
> = {
  hash: {
    add: (key, from) => ['HSET', key, ...each(from, (i) => [`field:${i}`, `value:${i}`])],
    remove: (key, from) => ['HDEL', key, ...each(from, (i) => [`field:${i}`])],
  },
  set: {
    add: (key, from) => ['SADD', key, ...each(from, (i) => [`member:${i}`])],
    remove: (key, from) => ['SREM', key, ...each(from, (i) => [`member:${i}`])],
  },
  zset: {
    add: (key, from) => ['ZADD', key, ...each(from, (i) => [(i * 7919) % 1_000_003, `member:${i}`])],
    remove: (key, from) => ['ZREM', key, ...each(from, (i) => [`member:${i}`])],
  },
  list: {
    add: (key, from) => ['RPUSH', key, ...each(from, (i) => [`item:${i}`])],
    remove: (key) => ['LTRIM', key, perCommand, -1],
  },
  stream: {
    add: (key, from) => each(from, (i) => [['XADD', key, `${i + 1}-0`, 'item', i]]),
    remove: (key, from) => ['XTRIM', key, 'MINID', `${from + perCommand + 1}-0`],
  },
};

/** What happens to one collection of so many elements, and the pauses of each part. */
export async function* collectionPauses(
  port: number,
  kind: CollectionKind,
  elements: number,
  pauses: PauseWatch,
): AsyncGenerator<PhasePauses> {
  const { add, remove } = commandsOf[kind];
  const load = (commands: Generator<Words>) => bulkLoad(port, commands, batchBytes);
  const fill = (key: string, count: number) => load(ranges(count, (from) => add(key, from)));
  const halve = (key: string, count: number) => load(ranges(count / 2, (from) => remove(key, from)));
  const client = await RawClient.connect(port);
  const untilFreed = async (): Promise<void> => {
    while (!(await client.ask('INFO', 'memory')).includes('lazyfree_pending_objects:0\r\n')) await sleep(20);
  };
  const phase = async (name: string, run: () => Promise<unknown>): Promise<PhasePauses> => {
    const startMs = performance.now();
    await run();
    const seconds = (performance.now() - startMs) / 1000;
    await sleep(250); // the monitor's last interval
    return { phase: name, seconds, summary: pauses.take() };
  };

  const warmUpElements = Math.min(warmUpElementsMax, elements);
  await fill('warm', warmUpElements);
  await halve('warm', warmUpElements);
  await phase('warming up', () => client.ask('UNLINK', 'warm'));

  yield await phase('growing', () => fill('key', elements));
  yield await phase('losing half', () => halve('key', elements));
  yield await phase('UNLINK', async () => {
    await client.ask('UNLINK', 'key');
    await untilFreed();
  });
  // Another database keeps FLUSHDB from resetting everything at once.
  await client.ask('SELECT', '1');
  await client.ask('SET', 'other', 'database');
  await client.ask('SELECT', '0');
  await phase('growing again', () => fill('key', elements));
  yield await phase('FLUSHDB ASYNC', async () => {
    await client.ask('FLUSHDB', 'ASYNC');
    await untilFreed();
  });
  await phase('growing again', () => fill('key', elements));
  yield await phase('FLUSHALL ASYNC', async () => {
    await client.ask('FLUSHALL', 'ASYNC');
    await sleep(1000);
  });
  client.close();
}

function* ranges(count: number, commandsFor: (from: number) => Words | Words[]): Generator<Words> {
  for (let from = 0; from < count; from += perCommand) {
    const commands = commandsFor(from);
    if (isSeveral(commands)) yield* commands;
    else yield commands;
  }
}

function isSeveral(commands: Words | Words[]): commands is Words[] {
  return Array.isArray(commands[0]);
}

function each<T>(from: number, wordsOf: (i: number) => T[]): T[] {
  const words: T[] = [];
  for (let i = from; i < from + perCommand; i++) words.push(...wordsOf(i));
  return words;
}
