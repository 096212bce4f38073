import { type ByteBuffer, latin1Of, Prng, textOf, utf8Bytes } from '@kvartz/base';
import { Arena, type EntryRef, Keyspace, type Span, StreamId, ValueType } from '@kvartz/engine';
import { Args, ReplyDecoder, type ReplyValue, ReplyWriter } from '@kvartz/resp';
import { type CommandContext, type CommandSpec, dataCommands, type EffectPart, type KeyEvent } from '../src/index.ts';

export type RequestPart = string | number | Uint8Array;

export interface TestContextOptions {
  readonly nowMs?: number;
  readonly databaseCount?: number;
  readonly isClusterEnabled?: boolean;
  readonly bulkBytesMax?: number;
  /** Memory that the arena may take. */
  readonly limitBytes?: number;
  readonly protocol?: 2 | 3;
}

/** What a request has told the server, in words: `set a` (a touch), `expire a` (a notification), `missed a`. */
export type Told = string;

/** Databases and the commands on them, without a server: requests go in as strings, replies come out as values. */
export class TestContext implements CommandContext {
  readonly reply = new ReplyWriter();
  readonly databases: Keyspace[];
  readonly random = new Prng(1);
  readonly isClusterEnabled: boolean;
  mustObey = false;
  bulkBytesMax: number;
  hllSparseBytesMax = 3000;
  dbIndex = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredFields = 0;
  isPropagating = true;
  /** Set it to run a command as if it had waited. */
  readyKey = 0;
  /** Since the last call of `takeTold`. */
  told: Told[] = [];
  /** What replicas and the AOF would get, in order, with the database each request runs in. */
  effects: { readonly dbIndex: number; readonly args: Args }[] = [];
  /** Names of the commands that have run. */
  readonly used = new Set<string>();

  readonly #decoder = new ReplyDecoder({ aggregates: 'array' });
  #given: (readonly EffectPart[])[] | undefined;
  #dirty = 0;
  #nowMs = 0;

  constructor(options: TestContextOptions = {}) {
    const { limitBytes } = options;
    const arena = new Arena({
      segmentBytes: 1024 * 1024,
      checked: true,
      ...(limitBytes !== undefined && { limitBytes }),
    });
    this.databases = Array.from({ length: options.databaseCount ?? 16 }, () => {
      return new Keyspace({
        arena,
        hashKey: [1, 2],
        onExpired: (keyspace, { buffer, start, end }) => {
          const dbIndex = this.databases.indexOf(keyspace);
          this.effects.push({ dbIndex, args: Args.of('DEL', buffer.u8.slice(start, end)) });
        },
        onFieldExpired: (keyspace, key, field) => {
          this.expiredFields++;
          const name = key.buffer.u8.slice(key.start, key.end);
          const dbIndex = this.databases.indexOf(keyspace);
          this.effects.push({ dbIndex, args: Args.of('HDEL', name, field.buffer.u8.slice(field.start, field.end)) });
        },
        onFieldsExpired: (_, { buffer, end, start }, isGone) => {
          this.told.push(`hexpired ${textOf(buffer.u8, start, end)}`);
          if (isGone) this.told.push(`del ${textOf(buffer.u8, start, end)}`);
        },
      });
    });
    this.isClusterEnabled = options.isClusterEnabled ?? false;
    this.bulkBytesMax = options.bulkBytesMax ?? 512 * 1024 * 1024;
    this.reply.protocol = options.protocol ?? 2;
    this.nowMs = options.nowMs ?? 1_700_000_000_000;
  }

  get db(): Keyspace {
    return this.databases[this.dbIndex];
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  set nowMs(nowMs: number) {
    this.#nowMs = nowMs;
    for (const database of this.databases) database.nowMs = nowMs;
  }

  /** Runs one request and returns its reply; an error reply is a ReplyError. */
  run(...parts: readonly RequestPart[]): ReplyValue {
    return this.runArgs(Args.of(...parts.map((part) => (typeof part === 'number' ? String(part) : part))));
  }

  runArgs(args: Args): ReplyValue {
    this.reply.position = 0;
    this.execute(args);
    const { buffer, position } = this.reply;
    this.#decoder.feed(buffer.u8.slice(0, position));
    if (!this.#decoder.next()) throw new Error(`no whole reply in '${latin1Of(buffer.u8, 0, position)}'`);
    const { value } = this.#decoder;
    if (this.#decoder.next()) throw new Error(`two replies in '${latin1Of(buffer.u8, 0, position)}'`);
    return value;
  }

  /** Appends the reply to `reply`, as a server does. */
  execute(args: Args): void {
    const spec = commandOf(args);
    this.used.add(spec.fullName);
    if (spec.arity >= 0 ? args.count !== spec.arity : args.count < -spec.arity) {
      return this.reply.error(`ERR wrong number of arguments for '${spec.fullName}' command`);
    }
    const dirty = this.#dirty;
    this.#given = undefined;
    spec.run!(this, args);
    const given = this.#given as (readonly EffectPart[])[] | undefined;
    if (given !== undefined) for (const parts of given) this.#addEffect(Args.of(...parts.map(bytesOfPart)));
    else if (this.#dirty !== dirty) this.#addEffect(args.clone());
  }

  #addEffect(args: Args): void {
    this.effects.push({ dbIndex: this.dbIndex, args });
  }

  takeTold(): Told[] {
    const told = this.told;
    this.told = [];
    return told;
  }

  /** Effects since the last call, as text. */
  takeEffects(): string[] {
    const texts = this.effects.map(({ args }) => {
      return Array.from({ length: args.count }, (_, i) => textOf(args.buffer.u8, args.start[i], args.end[i])).join(' ');
    });
    this.effects = [];
    return texts;
  }

  missed(args: Args, index: number): void {
    this.missedKey(args.buffer, args.start[index], args.end[index]);
  }

  missedKey(key: ByteBuffer, start: number, end: number): void {
    this.keyspaceMisses++;
    this.told.push(`missed ${textOf(key.u8, start, end)}`);
  }

  touch(args: Args, index: number, event: KeyEvent): void {
    this.#dirty++;
    this.notify(args, index, event);
  }

  touchKey(dbIndex: number, key: ByteBuffer, start: number, end: number, event: KeyEvent): void {
    this.#dirty++;
    this.told.push(`${event.name} ${dbIndex}:${textOf(key.u8, start, end)}`);
  }

  countChanges(count: number): void {
    this.#dirty += count;
  }

  wake(args: Args, index: number): void {
    this.told.push(`wake ${textOf(args.buffer.u8, args.start[index], args.end[index])}`);
  }

  notify(args: Args, index: number, event: KeyEvent): void {
    this.told.push(`${event.name} ${textOf(args.buffer.u8, args.start[index], args.end[index])}`);
  }

  touchDatabase(dbIndex: number, otherIndex = dbIndex): void {
    this.#dirty++;
    this.told.push(`database ${dbIndex} ${otherIndex}`);
  }

  touchAllDatabases(): void {
    this.#dirty++;
    this.told.push('all databases');
  }

  /** Nobody waits here: as inside MULTI. */
  block(
    _args: Args,
    _keys: readonly number[],
    _type: ValueType,
    _timeoutMs: number,
    refusal: 'null' | 'nullArray',
  ): void {
    if (refusal === 'null') this.reply.null();
    else this.reply.nullArray();
  }

  propagate(...parts: readonly EffectPart[]): void {
    (this.#given ??= []).push(parts);
  }

  propagateNothing(): void {
    this.#given ??= [];
  }

  /** Every live key of every database with all there is to know about it, sorted: two servers that agree, agree on this. */
  dataSet(): string[] {
    const lines: string[] = [];
    for (const [index, database] of this.databases.entries()) {
      database.forEach((entry) => {
        const key = database.keyOf(entry);
        const name = latin1Of(key.buffer.u8, key.start, key.end);
        lines.push(`${index}:${name}=${contentOf(database, entry)}@${database.expireAtMs(entry)}`);
      });
    }
    return lines.toSorted();
  }
}

/** The value as text, with the elements of what has no order sorted. */
function contentOf(database: Keyspace, entry: EntryRef): string {
  if (database.typeOf(entry) === ValueType.set) {
    const members: string[] = [];
    for (const walk = database.sets.walk(entry); walk.next();) {
      const { buffer, start, end } = walk.text();
      members.push(latin1Of(buffer.u8, start, end));
    }
    return `set ${members.toSorted().join(' ')}`;
  }
  if (database.typeOf(entry) === ValueType.list) {
    const elements: string[] = [];
    const { lists } = database;
    const { walk } = lists;
    for (walk.seek(entry, lists.count(entry), 0, false); walk.next();) {
      const { buffer, start, end } = walk.read();
      elements.push(latin1Of(buffer.u8, start, end));
    }
    return `list ${elements.join(' ')}`;
  }
  if (database.typeOf(entry) === ValueType.zset) {
    const members: string[] = [];
    const { sortedSets } = database;
    const { member } = sortedSets;
    for (sortedSets.seek(entry, 0); sortedSets.next();) {
      members.push(`${sortedSets.score} ${latin1Of(member.buffer.u8, member.start, member.end)}`);
    }
    return `zset ${members.join(' ')}`;
  }
  if (database.typeOf(entry) === ValueType.hash) {
    const fields: string[] = [];
    for (const walk = database.hashes.walk(entry); walk.next();) {
      const { expireAtMs, field, value } = walk;
      const name = latin1Of(field.buffer.u8, field.start, field.end);
      fields.push(`${name}=${latin1Of(value.buffer.u8, value.start, value.end)}@${expireAtMs}`);
    }
    return `hash ${fields.toSorted().join(' ')}`;
  }
  if (database.typeOf(entry) === ValueType.stream) return streamContent(database, entry);
  const value = database.stringOf(entry);
  return latin1Of(value.buffer.u8, value.start, value.end);
}

const textOfSpan = ({ buffer, start, end }: Span): string => latin1Of(buffer.u8, start, end);

/** Entries, IDs and groups; not when consumers were seen, which is not repeated elsewhere. */
function streamContent(database: Keyspace, e: EntryRef): string {
  const { streams } = database;
  const { walk } = streams;
  const entries: string[] = [];
  walk.seekAll(streams.root(e), false);
  while (walk.next()) {
    const texts = [String(walk.id)];
    while (walk.nextField()) texts.push(textOfSpan(walk.field), textOfSpan(walk.value));
    entries.push(texts.join(' '));
  }
  const id = new StreamId();
  const ids = [streams.lastId(e, id), streams.firstId(e, id), streams.maxDeletedId(e, id)].map(String);
  const added = `${streams.entriesAddedHigh(e)}:${streams.entriesAddedLow(e)}`;
  return `stream ${entries.join(', ')}; ${ids.join(' ')} ${added}; ${groupsContent(database, e).join('; ')}`;
}

function groupsContent({ streamGroups }: Keyspace, e: EntryRef): string[] {
  const { pending } = streamGroups;
  const id = new StreamId();
  return Array.from({ length: streamGroups.count(e) }, (_, i) => {
    const group = streamGroups.at(e, i);
    const texts = [textOfSpan(streamGroups.nameOf(group)), String(streamGroups.lastId(group, id))];
    texts.push(String(streamGroups.entriesRead(group)));
    for (let j = 0; j < streamGroups.consumerCount(group); j++) {
      texts.push(textOfSpan(streamGroups.consumerName(streamGroups.consumerAt(group, j))));
    }
    for (let has = pending.seekFirst(group); has; has = pending.next()) {
      const owner = textOfSpan(streamGroups.consumerName(pending.ownerOf(pending.entry)));
      const [ms, deliveries] = [pending.deliveredMs(pending.entry), pending.deliveries(pending.entry)];
      texts.push(`${String(pending.id)} ${owner} ${ms} ${deliveries}`);
    }
    return texts.join(', ');
  });
}

const byName = new Map<string, CommandSpec>(dataCommands.map((spec) => [spec.fullName, spec]));

function commandOf(args: Args): CommandSpec {
  const name = nameAt(args, 0);
  const spec = byName.get(name);
  if (spec === undefined) throw new Error(`no command '${name}'`);
  if (spec.subcommands === undefined || args.count < 2) return spec;
  const subcommand = spec.subcommands.get(nameAt(args, 1));
  if (subcommand === undefined) throw new Error(`no command '${name} ${nameAt(args, 1)}'`);
  return subcommand;
}

function nameAt(args: Args, i: number): string {
  return textOf(args.buffer.u8, args.start[i], args.end[i]).toLowerCase();
}

function bytesOfPart(part: EffectPart): Uint8Array {
  if (typeof part === 'string' || typeof part === 'number') return utf8Bytes(String(part));
  if (part instanceof Uint8Array) return part;
  const { args, index } = part;
  return args.buffer.u8.slice(args.start[index], args.end[index]);
}
