import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { Pipeline } from './support/pipeline.ts';
import { type Reply, textOfReply } from './support/reply.ts';

/** What COMMAND INFO says of one command, without the hints of later versions and the notes on key specs. */
interface CommandInfo {
  readonly name: string;
  readonly arity: string;
  readonly flags: readonly string[];
  readonly keys: readonly string[];
  readonly categories: readonly string[];
  readonly keySpecs: readonly unknown[];
  readonly subcommands: readonly CommandInfo[];
}

type Values = string | readonly Values[];

/** Where our facts are of a later version than 7.0: `command field: ours / theirs`. */
const known: readonly string[] = [
  sinterstoreKeys('OW', 'RW'),
  ...['zrank', 'zrevrank'].map((name) => `${name} arity: "-3" / "3"`),
  'pfcount flags: ["readonly","may_replicate"] / ["readonly"]',
  'blmove flags: ["write","denyoom","blocking"] / ["write","denyoom","noscript","blocking"]',
  ...['blpop', 'brpop'].map((name) => `${name} flags: ["write","blocking"] / ["write","noscript","blocking"]`),
  'brpoplpush flags: ["write","denyoom","blocking"] / ["write","denyoom","noscript","blocking"]',
  ...['bzpopmax', 'bzpopmin'].map((name) => {
    return `${name} flags: ["write","blocking","fast"] / ["write","noscript","blocking","fast"]`;
  }),
  ...['publish', 'spublish'].map((name) => {
    return `${name} flags: ["pubsub","loading","stale","fast","may_replicate"] / ["pubsub","loading","stale","fast"]`;
  }),
  'command|getkeys arity: "-3" / "-4"',
  'command|getkeysandflags arity: "-3" / "-4"',
  'wait flags: ["blocking"] / ["noscript"]',
  'wait categories: ["@blocking","@connection","@slow"] / ["@connection","@slow"]',
  ...['info', 'myid', 'nodes'].map((name) => `cluster|${name} flags: ["loading","stale"] / ["stale"]`),
  'cluster|setslot flags: ["admin","stale","may_replicate","no_async_loading"] / ["admin","stale","no_async_loading"]',
  ...['shards', 'slots'].map((name) => `cluster|${name} flags: ["loading","stale"] / ["stale"]`),
];

describeWith(['redis-server'], 'COMMAND INFO', () => {
  let nodes: readonly TestNode[] = [];
  beforeAll(async () => {
    nodes = await Promise.all([TestNode.start(), TestNode.start([], ['redis-server'])]);
  });
  afterAll(async () => {
    for (const node of nodes) await node.remove();
  });

  test('every command of Kvartz has the arity, flags, keys and categories that redis-server gives it', async () => {
    const [ours, theirs] = await Promise.all(nodes.map(({ port }) => Pipeline.connect(port)));
    const names = (await ours.send([['COMMAND', 'LIST']]))[0].items.map(textOfReply);
    const requests = names.filter((name) => !name.includes('|')).map((name) => ['COMMAND', 'INFO', name]);
    expect(requests.length).toBeGreaterThan(60);
    const replies = [await ours.send(requests), await theirs.send(requests)];
    const found = replies[1].flatMap((reply, i) => {
      // A command that 7.0 does not have.
      if (reply.items[0].items.length === 0) return [];
      return differences(commandInfo(valuesOf(replies[0][i].items[0])), commandInfo(valuesOf(reply.items[0])));
    });
    expect(found).toEqual(known);
    ours.close();
    theirs.close();
  });
});

/** Its target is overwritten without being read, which 7.0 does not say. */
function sinterstoreKeys(ours: string, theirs: string): string {
  const range = (flags: readonly string[], at: string, lastkey: string): Values => [
    'flags',
    flags,
    'begin_search',
    ['type', 'index', 'spec', ['index', at]],
    'find_keys',
    ['type', 'range', 'spec', ['lastkey', lastkey, 'keystep', '1', 'limit', '0']],
  ];
  const specs = (flag: string): string =>
    JSON.stringify([range([flag, 'update'], '1', '0'), range(['RO', 'access'], '2', '-1')]);
  return `sinterstore keySpecs: ${specs(ours)} / ${specs(theirs)}`;
}

/** As `known` lists them; of subcommands only those that both have. */
function differences(ours: CommandInfo, theirs: CommandInfo): string[] {
  const fields = ['arity', 'flags', 'keys', 'categories', 'keySpecs'] as const;
  const own = fields.flatMap((field) => {
    const [mine, yours] = [JSON.stringify(ours[field]), JSON.stringify(theirs[field])];
    return mine === yours ? [] : [`${ours.name} ${field}: ${mine} / ${yours}`];
  });
  const inSubcommands = ours.subcommands.flatMap((subcommand) => {
    const same = theirs.subcommands.find(({ name }) => name === subcommand.name);
    return same === undefined ? [] : differences(subcommand, same);
  });
  return [...own, ...inSubcommands];
}

function commandInfo(values: Values): CommandInfo {
  const [name, arity, flags, first, last, step, categories, , keySpecs, subcommands] = values as readonly Values[];
  return {
    name: name as string,
    arity: arity as string,
    flags: flags as string[],
    keys: [first, last, step] as string[],
    categories: (categories as string[]).toSorted(),
    keySpecs: (keySpecs as Values[]).map(withoutNotes),
    subcommands: (subcommands as Values[]).map(commandInfo),
  };
}

function withoutNotes(keySpec: Values): Values {
  return keySpec[0] === 'notes' ? keySpec.slice(2) : keySpec;
}

function valuesOf(reply: Reply): Values {
  return '*~%'.includes(reply.kind) ? reply.items.map(valuesOf) : textOfReply(reply);
}
