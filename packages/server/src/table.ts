import type { ByteBuffer } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { CommandFlag, type CommandSpec } from '@kvartz/commands';
import { Gate } from './client.ts';
import type { RenamedCommand } from './config/index.ts';
import type { ServerContext } from './context.ts';
import type { Histogram } from './latency/histogram.ts';
import { ShortNames } from './short-names.ts';

/** A row of the table as the kernel runs it: the spec, what gates concern it, and what INFO counts. */
export class ServerCommand {
  readonly spec: CommandSpec<ServerContext>;
  readonly name: string;
  readonly arity: number;
  readonly flags: number;
  /** Bits of Gate that have to be looked at before this command runs. */
  readonly gateMask: number;
  readonly isWrite: boolean;
  /** Its time is taken at every call: it may be slow, and then belongs into the slow log. */
  readonly isTimed: boolean;
  readonly isSlowlogSkipped: boolean;
  readonly run: ((context: ServerContext, args: Args) => void) | undefined;
  readonly subcommands: ReadonlyMap<string, ServerCommand> | undefined;

  calls = 0;
  /** Microseconds. */
  usec = 0;
  rejectedCalls = 0;
  failedCalls = 0;
  /** How long calls took; undefined: none was timed yet. */
  latency: Histogram | undefined;

  constructor(spec: CommandSpec<ServerContext>) {
    this.spec = spec;
    this.name = spec.fullName;
    this.arity = spec.arity;
    this.flags = spec.flags;
    this.isWrite = (spec.flags & CommandFlag.write) !== 0;
    this.isTimed = (spec.flags & CommandFlag.fast) === 0 && !quickCommands.has(spec.fullName);
    this.isSlowlogSkipped = (spec.flags & CommandFlag.skip_slowlog) !== 0;
    this.gateMask = gatesOf(spec);
    this.run = spec.run;
    this.subcommands =
      spec.subcommands &&
      new Map([...spec.subcommands].map(([name, subcommand]) => [name, new ServerCommand(subcommand)]));
  }

  isArityRight(count: number): boolean {
    return this.arity >= 0 ? count === this.arity : count >= -this.arity;
  }

  resetStats(): void {
    this.calls = 0;
    this.usec = 0;
    this.rejectedCalls = 0;
    this.failedCalls = 0;
    this.latency = undefined;
    for (const subcommand of this.subcommands?.values() ?? []) subcommand.resetStats();
  }
}

function gatesOf(spec: CommandSpec<ServerContext>): number {
  let mask = Gate.multi | Gate.pauseAll | Gate.timed | Gate.silent | Gate.asking | Gate.noTouch;
  if (!(spec.flags & CommandFlag.no_auth)) mask |= Gate.auth;
  if (!(spec.flags & CommandFlag.loading)) mask |= Gate.loading;
  if (!allowedWhileSubscribed.has(spec.fullName)) mask |= Gate.subscribed;
  // CLIENT CACHING is about the command after it, and whatever else CLIENT does does not come between.
  if (!spec.fullName.startsWith('client|')) mask |= Gate.tracking;
  if (spec.flags & CommandFlag.denyoom) mask |= Gate.memory;
  if (spec.flags & (CommandFlag.write | CommandFlag.may_replicate)) mask |= Gate.pauseWrite;
  if (spec.flags & CommandFlag.write || spec.fullName === 'ping') mask |= Gate.misconf;
  if (spec.flags & CommandFlag.write) mask |= Gate.readonly | Gate.noReplicas;
  if (!(spec.flags & CommandFlag.stale)) mask |= Gate.stale;
  if (spec.keySpecs.length > 0 || spec.keysOf !== undefined) mask |= Gate.cluster;
  // EXEC is decided by what it has queued.
  if (spec.fullName === 'exec')
    mask |= Gate.pauseWrite | Gate.cluster | Gate.memory | Gate.misconf | Gate.readonly | Gate.noReplicas;
  return mask;
}

/** Quick although Redis does not flag them so: their time depends on what they are given, which the dispatch sees. */
const quickCommands = new Set(['set', 'mset', 'setex', 'psetex', 'del', 'getrange', 'setrange']);

const allowedWhileSubscribed = new Set([
  'ping',
  'subscribe',
  'unsubscribe',
  'psubscribe',
  'punsubscribe',
  'ssubscribe',
  'sunsubscribe',
  'quit',
  'reset',
]);

/** All commands by name, found by the bytes of the request without making a string. */
export class CommandTable {
  readonly #byName: ReadonlyMap<string, ServerCommand>;
  readonly #short: ShortNames;
  readonly #buckets: (ServerCommand | undefined)[];
  readonly #names: Uint8Array[];
  readonly #mask: number;

  /** `renamed`: directives `rename-command`; a command whose new name is empty is left out. */
  constructor(specs: readonly CommandSpec<ServerContext>[], renamed: readonly RenamedCommand[] = []) {
    const commands = new Map<string, ServerCommand>();
    for (const spec of specs) {
      if (commands.has(spec.fullName)) throw new Error(`two rows for the command ${spec.fullName}`);
      commands.set(spec.fullName, new ServerCommand(spec));
    }
    for (const one of renamed) rename(commands, one);
    this.#byName = commands;
    this.#short = new ShortNames(commands);
    // Eight buckets a name keep most probes at one; the table is built once.
    let size = 64;
    while (size < commands.size * 8) size *= 2;
    this.#mask = size - 1;
    this.#buckets = Array.from({ length: size }, () => undefined);
    this.#names = Array.from({ length: size }, () => noName);
    const encoder = new TextEncoder();
    for (const [fullName, command] of commands) {
      const name = encoder.encode(fullName);
      let at = hashName(name, 0, name.length) & this.#mask;
      while (this.#buckets[at] !== undefined) at = (at + 1) & this.#mask;
      this.#buckets[at] = command;
      this.#names[at] = name;
    }
  }

  /** The command that `[start, end)` names, in any case of letters; undefined when there is none. */
  find(buffer: ByteBuffer, start: number, end: number): ServerCommand | undefined {
    return this.#short.find(buffer, start, end) ?? this.#findByBytes(buffer.u8, start, end);
  }

  #findByBytes(bytes: Uint8Array, start: number, end: number): ServerCommand | undefined {
    let at = hashName(bytes, start, end) & this.#mask;
    for (;;) {
      const command = this.#buckets[at];
      if (command === undefined) return undefined;
      if (isName(this.#names[at], bytes, start, end)) return command;
      at = (at + 1) & this.#mask;
    }
  }

  /** By full lower-case name, `config|get` for a subcommand. */
  get(fullName: string): ServerCommand | undefined {
    const bar = fullName.indexOf('|');
    if (bar < 0) return this.#byName.get(fullName);
    return this.#byName.get(fullName.slice(0, bar))?.subcommands?.get(fullName.slice(bar + 1));
  }

  /** Top-level commands, in the order of their definition. */
  all(): IterableIterator<ServerCommand> {
    return this.#byName.values();
  }

  /** Subcommands too, each after its container. */
  *everyCommand(): Generator<ServerCommand> {
    for (const command of this.#byName.values()) {
      yield command;
      yield* command.subcommands?.values() ?? [];
    }
  }

  get count(): number {
    return this.#byName.size;
  }
}

function rename(commands: Map<string, ServerCommand>, { from, to, error }: RenamedCommand): void {
  const command = commands.get(from.toLowerCase());
  if (command === undefined) throw error('No such command in rename-command');
  commands.delete(from.toLowerCase());
  if (to === '') return;
  if (commands.has(to.toLowerCase())) throw error('Target command name already exists');
  commands.set(to.toLowerCase(), command);
}

const noName = new Uint8Array(0);

/** Setting bit 5 makes ASCII letters lower case; what else it changes is sorted out by `isName`. */
function hashName(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] | 0x20)) | 0;
  return hash ^ (hash >>> 15);
}

function isName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i];
    if (byte === name[i]) continue;
    if (byte < 0x41 || byte > 0x5a || byte + 0x20 !== name[i]) return false;
  }
  return true;
}
