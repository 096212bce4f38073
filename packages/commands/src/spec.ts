import type { Args } from '@kvartz/resp';
import type { CommandContext } from './context.ts';
import { CommandFlag, type CommandFlagName } from './flags.ts';
import facts from './facts/commands.json' with { type: 'json' };

/** Where a command's keys are, as Redis 7 describes it. https://redis.io/docs/latest/develop/reference/key-specs/ */
export interface KeySpec {
  readonly flags: readonly string[];
  readonly begin_search: {
    readonly index?: { readonly pos: number };
    readonly keyword?: { readonly keyword: string; readonly startfrom: number };
    readonly unknown?: null;
  };
  readonly find_keys: {
    readonly range?: { readonly lastkey: number; readonly step: number; readonly limit: number };
    readonly keynum?: { readonly keynumidx: number; readonly firstkey: number; readonly step: number };
    readonly unknown?: null;
  };
}

/** One argument as `COMMAND DOCS` describes it. */
export interface ArgumentSpec {
  readonly name: string;
  readonly type: string;
  readonly token?: string;
  readonly key_spec_index?: number;
  readonly optional?: boolean;
  readonly multiple?: boolean;
  readonly multiple_token?: boolean;
  readonly since?: string;
  readonly deprecated_since?: string;
  readonly display?: string;
  readonly arguments?: readonly ArgumentSpec[];
}

/** What the table of facts knows of a command; see `facts/commands.json`. */
export interface CommandFacts {
  readonly name: string;
  readonly container?: string;
  readonly group: string;
  readonly since: string;
  /** Arguments with the command's name; negative: at least so many. */
  readonly arity: number;
  readonly command_flags?: readonly string[];
  readonly command_tips?: readonly string[];
  readonly acl_categories?: readonly string[];
  readonly key_specs?: readonly KeySpec[];
  readonly get_keys_function?: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly deprecated_since?: string;
  readonly doc_flags?: readonly string[];
}

/** What a module of commands says of each of its rows; the rest comes from the facts. */
export interface CommandRow<C extends CommandContext> {
  /** `get`, or `config|get` for a subcommand. */
  readonly name: string;
  readonly summary: string;
  readonly complexity: string;
  /** Absent for a container that has only subcommands; COMMAND is both. */
  readonly run?: (context: C, args: Args) => void;
  /** Key positions where the key specs cannot say (`get_keys_function`): indexes of arguments. */
  readonly keysOf?: (args: Args) => readonly number[];
  /** What this request does with its keys, where the key specs say VARIABLE_FLAGS. */
  readonly keyFlagsOf?: (args: Args) => readonly string[];
  /** For commands that `facts/commands.json` does not know. */
  readonly facts?: CommandFacts;
}

/** One row of the table: the whole of what Kvartz knows about one command. */
export interface CommandSpec<C extends CommandContext = CommandContext> {
  /** Lower case; `config|get` for a subcommand. */
  readonly fullName: string;
  readonly summary: string;
  readonly complexity: string;
  readonly facts: CommandFacts;
  readonly arity: number;
  /** Bits of CommandFlag. */
  readonly flags: number;
  /** Lower case, with those that follow from the flags, as ACL CAT lists them. */
  readonly categories: readonly string[];
  readonly keySpecs: readonly KeySpec[];
  /** First key, last key and step in the sense of `COMMAND INFO`; 0, 0, 0 without keys. */
  readonly firstKey: number;
  readonly lastKey: number;
  readonly keyStep: number;
  /** These three numbers say where all keys of every request are, and nothing else is a key. */
  readonly areKeysFixed: boolean;
  readonly keysOf: ((args: Args) => readonly number[]) | undefined;
  readonly keyFlagsOf: ((args: Args) => readonly string[]) | undefined;
  readonly run: ((context: C, args: Args) => void) | undefined;
  /** By lower-case name after the bar. */
  readonly subcommands: Map<string, CommandSpec<C>> | undefined;
}

const factsByName = new Map<string, CommandFacts>(
  (facts as unknown as CommandFacts[]).map((row) => [
    row.container === undefined ? row.name : `${row.container}|${row.name}`,
    row,
  ]),
);

/** All facts, of commands that Kvartz has and of those that it does not have (yet). */
export const allCommandFacts: ReadonlyMap<string, CommandFacts> = factsByName;

/** Joins rows with their facts. A row whose name the facts do not know must bring its own. */
export function defineCommands<C extends CommandContext>(rows: readonly CommandRow<C>[]): CommandSpec<C>[] {
  const specs = new Map<string, CommandSpec<C>>();
  const top: CommandSpec<C>[] = [];
  const containers = new Set(rows.filter(({ name }) => name.includes('|')).map(({ name }) => name.split('|')[0]));
  for (const row of rows) {
    const known = row.facts ?? factsByName.get(row.name);
    if (known === undefined) throw new Error(`no facts for the command ${row.name}`);
    const spec = makeSpec(row, known, containers.has(row.name));
    specs.set(row.name, spec);
    const bar = row.name.indexOf('|');
    if (bar < 0) top.push(spec);
    else {
      const container = specs.get(row.name.slice(0, bar));
      if (container?.subcommands === undefined) throw new Error(`${row.name} stands before its container`);
      container.subcommands.set(row.name.slice(bar + 1), spec);
    }
  }
  return top;
}

function makeSpec<C extends CommandContext>(
  row: CommandRow<C>,
  known: CommandFacts,
  isContainer: boolean,
): CommandSpec<C> {
  let flags = 0;
  for (const name of known.command_flags ?? []) flags |= CommandFlag[name.toLowerCase() as CommandFlagName] ?? 0;
  const keySpecs = known.key_specs ?? [];
  const [firstKey, lastKey, keyStep] = legacyRange(keySpecs);
  return {
    fullName: row.name,
    summary: row.summary,
    complexity: row.complexity,
    facts: known,
    arity: known.arity,
    flags,
    categories: withImpliedCategories(known.acl_categories ?? [], flags),
    keySpecs,
    firstKey,
    lastKey,
    keyStep,
    areKeysFixed: isOneRange(keySpecs),
    keysOf: row.keysOf,
    keyFlagsOf: row.keyFlagsOf,
    run: row.run,
    subcommands: isContainer ? new Map() : undefined,
  };
}

/** The categories that Redis derives from flags (`setImplicitACLCategories`). */
function withImpliedCategories(explicit: readonly string[], flags: number): string[] {
  const all = new Set(explicit.map((name) => name.toLowerCase()));
  if (flags & CommandFlag.write) all.add('write');
  // Reading a key is @read; commands about scripts only look read-only.
  if (flags & CommandFlag.readonly && !all.has('scripting')) all.add('read');
  if (flags & CommandFlag.admin) all.add('admin').add('dangerous');
  if (flags & CommandFlag.pubsub) all.add('pubsub');
  if (flags & CommandFlag.fast) all.add('fast');
  if (flags & CommandFlag.blocking) all.add('blocking');
  if (!all.has('fast')) all.add('slow');
  return [...all];
}

/** First key, last key, step: what Redis derives from key specs for clients that know only ranges. */
function legacyRange(keySpecs: readonly KeySpec[]): [number, number, number] {
  let first = 0;
  let last = 0;
  let step = 0;
  for (const spec of keySpecs) {
    const begin = spec.begin_search.index;
    const range = spec.find_keys.range;
    if (begin === undefined || range === undefined) continue;
    const specLast = range.lastkey >= 0 ? begin.pos + range.lastkey : range.lastkey;
    if (first === 0) {
      [first, last, step] = [begin.pos, specLast, range.step];
      continue;
    }
    // Ranges that follow one another are one range; any other pair cannot be said in three numbers.
    if (begin.pos !== last + 1 && last >= 0) break;
    if (range.step !== step) break;
    last = specLast;
  }
  return [first, last, step];
}

/** Whether the specs are ranges at fixed places, one after another, that `legacyRange` makes one without losing any. */
function isOneRange(keySpecs: readonly KeySpec[]): boolean {
  let previousLast = 0;
  for (const [i, { flags, begin_search, find_keys }] of keySpecs.entries()) {
    if (begin_search.index === undefined || find_keys.range === undefined || find_keys.range.limit !== 0) return false;
    if (flags.includes('INCOMPLETE') || flags.includes('NOT_KEY')) return false;
    const { pos } = begin_search.index;
    const { lastkey, step } = find_keys.range;
    if (i > 0 && (previousLast < 0 || pos !== previousLast + 1 || step !== keySpecs[0].find_keys.range?.step))
      return false;
    previousLast = lastkey >= 0 ? pos + lastkey : lastkey;
  }
  return keySpecs.length > 0;
}
