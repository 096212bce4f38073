import type { KeySpec } from '@kvartz/commands';
import type { Args, ReplyWriter } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import { shownCategories, shownFlags, shownKeyFlags, type Spec } from './facts.ts';
import { findSpec } from './find.ts';

/** COMMAND, and COMMAND INFO without names. */
export function all({ kernel, reply }: ServerContext): void {
  reply.array(kernel.table.count);
  for (const command of kernel.table.all()) replyInfo(reply, command.spec);
}

/** COMMAND INFO [name ...]: null for a name that there is not. */
export function info(context: ServerContext, args: Args): void {
  if (args.count === 2) return all(context);
  const { kernel, reply } = context;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const spec = findSpec(kernel.table, args, i);
    if (spec === undefined) reply.null();
    else replyInfo(reply, spec);
  }
}

/** Name, arity, flags, first key, last key, step, categories, tips, key specs, subcommands. */
function replyInfo(reply: ReplyWriter, spec: Spec): void {
  reply.array(10);
  reply.bulkText(spec.fullName);
  reply.integer(spec.arity);
  replySimples(reply, shownFlags(spec));
  reply.integer(spec.firstKey);
  reply.integer(spec.lastKey);
  reply.integer(spec.keyStep);
  replySimples(reply, shownCategories(spec));
  const tips = spec.facts.command_tips ?? [];
  reply.set(tips.length);
  for (const tip of tips) reply.bulkText(tip.toLowerCase());
  reply.set(spec.keySpecs.length);
  for (const keySpec of spec.keySpecs) replyKeySpec(reply, keySpec);
  const subcommands = [...(spec.subcommands?.values() ?? [])];
  if (subcommands.length === 0) reply.set(0);
  else reply.array(subcommands.length);
  for (const subcommand of subcommands) replyInfo(reply, subcommand);
}

export function replySimples(reply: ReplyWriter, names: readonly string[]): void {
  reply.set(names.length);
  for (const name of names) reply.simple(name);
}

function replyKeySpec(reply: ReplyWriter, keySpec: KeySpec): void {
  reply.map(3);
  reply.bulkText('flags');
  replySimples(reply, shownKeyFlags(keySpec.flags));
  reply.bulkText('begin_search');
  replySearch(reply, ...beginSearch(keySpec));
  reply.bulkText('find_keys');
  replySearch(reply, ...findKeys(keySpec));
}

type SearchFields = readonly (readonly [name: string, value: string | number])[];

function beginSearch({ begin_search: { index, keyword } }: KeySpec): [string, SearchFields] {
  if (index !== undefined) return ['index', [['index', index.pos]]];
  if (keyword === undefined) return ['unknown', []];
  return [
    'keyword',
    [
      ['keyword', keyword.keyword],
      ['startfrom', keyword.startfrom],
    ],
  ];
}

function findKeys({ find_keys: { keynum, range } }: KeySpec): [string, SearchFields] {
  if (range !== undefined) {
    return [
      'range',
      [
        ['lastkey', range.lastkey],
        ['keystep', range.step],
        ['limit', range.limit],
      ],
    ];
  }
  if (keynum === undefined) return ['unknown', []];
  return [
    'keynum',
    [
      ['keynumidx', keynum.keynumidx],
      ['firstkey', keynum.firstkey],
      ['keystep', keynum.step],
    ],
  ];
}

function replySearch(reply: ReplyWriter, type: string, fields: SearchFields): void {
  reply.map(2);
  reply.bulkText('type');
  reply.bulkText(type);
  reply.bulkText('spec');
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.bulkText(name);
    if (typeof value === 'number') reply.integer(value);
    else reply.bulkText(value);
  }
}
