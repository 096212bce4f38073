import { CommandFlag, type CommandSpec } from '@kvartz/commands';
import type { ServerContext } from '../../context.ts';

export type Spec = CommandSpec<ServerContext>;

/** As Redis prints them, in its order. What it keeps to itself (`protected`, `sentinel`) is left out. */
const SHOWN_FLAGS = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'may_replicate',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
] as const;

export function shownFlags(spec: Spec): string[] {
  const flags: string[] = SHOWN_FLAGS.filter((name) => (spec.flags & CommandFlag[name]) !== 0);
  if (hasMovableKeys(spec)) flags.push('movablekeys');
  if ((spec.flags & CommandFlag.allow_busy) !== 0) flags.push('allow_busy');
  return flags;
}

/** Some keys stand where the three numbers of COMMAND INFO do not say. */
function hasMovableKeys({ keySpecs }: Spec): boolean {
  return keySpecs.some((keySpec) => {
    const isSimple = keySpec.begin_search.index !== undefined && keySpec.find_keys.range !== undefined;
    return !isSimple || keySpec.flags.some((flag) => flag.toLowerCase() === 'incomplete');
  });
}

const CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];

export function shownCategories({ categories }: Spec): string[] {
  return CATEGORIES.filter((name) => categories.includes(name)).map((name) => `@${name}`);
}

const KEY_FLAGS = [
  'RO',
  'RW',
  'OW',
  'RM',
  'access',
  'update',
  'insert',
  'delete',
  'not_key',
  'incomplete',
  'variable_flags',
];

export function shownKeyFlags(flags: readonly string[]): string[] {
  const given = new Set(flags.map((flag) => flag.toLowerCase()));
  return KEY_FLAGS.filter((name) => given.has(name.toLowerCase()));
}
