import { latin1Of, parseDouble } from '@kvartz/base';
import { Opcode, QuicklistNode, rdbVersionMax, RdbType } from './format.ts';
import { moduleNameOf, skipModuleValue } from './module-skip.ts';
import { RdbBytes } from './rdb-bytes.ts';
import { RdbEvent } from './rdb-event.ts';
import { RdbInput } from './rdb-input.ts';
import { RdbStreamState, StreamParser } from './stream-parser.ts';

export interface RdbParserOptions {
  /** Verify the sum at the end of the file. Default: yes. */
  readonly isChecksummed?: boolean;
  /** What comes is no file but a type and a value, as in the payload of DUMP without its last ten bytes. Default: no. */
  readonly isPayload?: boolean;
}

const State = { header: 0, item: 1, elements: 2, nodes: 3, stream: 4, module: 5, done: 6 } as const;
type State = (typeof State)[keyof typeof State];

const headerBytes = 9;
const checksumBytes = 8;
/** The first version with a sum at the end. */
const checksumVersion = 5;
/** In place of the length of a score that is written as text. */
const ScoreText = { nan: 253, infinity: 254, minusInfinity: 255 } as const;
/** Nothing to tell yet, but what was read is done with. */
const again = -1;

/**
 * Reads RDB files of all versions from pieces of any size.
 *
 *   parser.feed(chunk);
 *   for (let event = parser.next(); event !== RdbEvent.needMore; event = parser.next()) { ... }
 *
 * What an event tells stands in the fields below; RdbEvent says in which. Strings are views, valid until the next call; a chunk
 * must stay as it is until `next` has asked for more. Nothing is allocated for a key. Throws RdbError, and is of no use after that.
 */
export class RdbParser {
  /** Of the file. */
  version = 0;
  readonly key: RdbBytes = new RdbBytes();
  readonly element: RdbBytes = new RdbBytes();
  readonly value: RdbBytes = new RdbBytes();
  type: RdbType = RdbType.string;
  db = 0;
  /** Elements, nodes or keys. */
  count = 0;
  expiringCount = 0;
  score = 0;
  /** Of a field; Infinity: none. */
  fieldExpireAtMs = Infinity;
  isPlain = false;
  moduleName = '';
  readonly stream: RdbStreamState = new RdbStreamState();
  // Of the key.
  /** Infinity: none. */
  expireAtMs = Infinity;
  /** -1: not known. */
  idleSeconds = -1;
  freq = -1;

  readonly #input: RdbInput;
  readonly #streams: StreamParser;
  readonly #isPayload: boolean;
  #state: State;
  #left = 0;
  /** What the times of fields count from. */
  #fieldBaseMs = 0;
  /** What is passed over belongs to no key. */
  #isAux = false;
  /** What was said of the key holds for no other. */
  #isKeyDone = false;

  constructor({ isChecksummed = true, isPayload = false }: RdbParserOptions = {}) {
    this.#input = new RdbInput(isChecksummed && !isPayload);
    this.#streams = new StreamParser(this.#input, this.stream, this.element, this.value);
    this.#isPayload = isPayload;
    this.#state = isPayload ? State.item : State.header;
  }

  /** Bytes before what comes next. */
  get offset(): number {
    return this.#input.offset;
  }

  /** Whether all that has arrived is done with. */
  get isDrained(): boolean {
    return !this.#input.has(1);
  }

  feed(chunk: Uint8Array): void {
    this.#input.feed(chunk);
  }

  next(): RdbEvent {
    const input = this.#input;
    for (;;) {
      const event = this.#advance();
      if (event === RdbEvent.needMore) {
        input.rollback();
        return event;
      }
      input.commit();
      if (event !== again) return event;
    }
  }

  /** No more will come. Throws unless that was all. */
  finish(): void {
    const input = this.#input;
    if (this.#state !== State.done) throw input.error('more bytes', 'the end', 'truncated');
  }

  /** Reads another payload. */
  reset(): void {
    const input = this.#input;
    input.at = input.end;
    input.commit();
    this.#state = this.#isPayload ? State.item : State.header;
    this.#forgetKey();
  }

  #advance(): RdbEvent | typeof again {
    switch (this.#state) {
      case State.header:
        return this.#header();
      case State.item:
        return this.#isPayload ? this.#payload() : this.#item();
      case State.elements:
        return this.#nextElement();
      case State.nodes:
        return this.#node();
      case State.stream: {
        const event = this.#streams.next();
        return event === RdbEvent.end ? this.#endValue() : event;
      }
      case State.module:
        return this.#module();
      default:
        return RdbEvent.eof;
    }
  }

  #header(): RdbEvent | typeof again {
    const input = this.#input;
    if (!input.has(headerBytes)) return RdbEvent.needMore;
    const text = latin1Of(input.buffer.u8, input.at, input.at + headerBytes);
    const match = /^REDIS(\d{4})$/.exec(text);
    if (match === null) throw input.error('REDIS and a version', JSON.stringify(text));
    this.version = Number(match[1]);
    if (this.version < 1 || this.version > rdbVersionMax) {
      throw input.error(`a version from 1 to ${rdbVersionMax}`, match[1], 'unsupported');
    }
    input.at += headerBytes;
    this.#state = State.item;
    return again;
  }

  #payload(): RdbEvent | typeof again {
    const type = this.#input.byte();
    if (type < 0) return RdbEvent.needMore;
    this.key.setInteger(0);
    this.key.end = 0;
    return this.#beginValue(type);
  }

  #item(): RdbEvent | typeof again {
    const input = this.#input;
    const opcode = input.byte();
    if (opcode < 0) return RdbEvent.needMore;
    if (this.#isKeyDone) this.#forgetKey();
    if (opcode >= Opcode.slotInfo) return this.#opcode(opcode);
    return input.string(this.key) ? this.#beginValue(opcode) : RdbEvent.needMore;
  }

  #opcode(opcode: number): RdbEvent | typeof again {
    const input = this.#input;
    switch (opcode) {
      case Opcode.expireMs:
        if (!input.has(8)) return RdbEvent.needMore;
        this.expireAtMs = input.int64();
        return again;
      case Opcode.expireSeconds:
        if (!input.has(4)) return RdbEvent.needMore;
        this.expireAtMs = input.buffer.dv.getInt32(input.at, true) * 1000;
        input.at += 4;
        return again;
      case Opcode.idle: {
        const seconds = input.length();
        if (seconds < 0) return RdbEvent.needMore;
        this.idleSeconds = seconds;
        return again;
      }
      case Opcode.freq: {
        const freq = input.byte();
        if (freq < 0) return RdbEvent.needMore;
        this.freq = freq;
        return again;
      }
      case Opcode.selectDb: {
        const db = input.length();
        if (db < 0) return RdbEvent.needMore;
        this.db = db;
        return RdbEvent.selectDb;
      }
      case Opcode.resizeDb: {
        const count = input.length();
        const expiring = count < 0 ? -1 : input.length();
        if (expiring < 0) return RdbEvent.needMore;
        this.count = count;
        this.expiringCount = expiring;
        return RdbEvent.resizeDb;
      }
      case Opcode.slotInfo:
        for (let i = 0; i < 3; i++) if (input.length() < 0) return RdbEvent.needMore;
        return again;
      case Opcode.aux:
        return input.string(this.key) && input.string(this.value) ? RdbEvent.aux : RdbEvent.needMore;
      case Opcode.function:
        return input.string(this.value) ? RdbEvent.functionLibrary : RdbEvent.needMore;
      case Opcode.moduleAux:
        return this.#moduleAux();
      case Opcode.eof:
        return this.#eof();
      default:
        throw input.error('a library of functions', 'one of a release candidate of Redis 7.0', 'unsupported');
    }
  }

  #beginValue(type: number): RdbEvent | typeof again {
    const input = this.#input;
    this.type = type as RdbType;
    switch (type) {
      case RdbType.string:
        if (!input.string(this.value)) return RdbEvent.needMore;
        return this.#afterValue(RdbEvent.string);
      case RdbType.hashListpackEx:
        if (!this.#readFieldBase() || !input.string(this.value)) return RdbEvent.needMore;
        return this.#afterValue(RdbEvent.blob);
      case RdbType.hashZipmap:
      case RdbType.listZiplist:
      case RdbType.setIntset:
      case RdbType.zsetZiplist:
      case RdbType.hashZiplist:
      case RdbType.hashListpack:
      case RdbType.zsetListpack:
      case RdbType.setListpack:
      case RdbType.hashListpackExPreGa:
        return input.string(this.value) ? this.#afterValue(RdbEvent.blob) : RdbEvent.needMore;
      case RdbType.hashTimed:
        return this.#readFieldBase() ? this.#begin(State.elements) : RdbEvent.needMore;
      case RdbType.list:
      case RdbType.set:
      case RdbType.zsetText:
      case RdbType.hash:
      case RdbType.zset:
      case RdbType.hashTimedPreGa:
        return this.#begin(State.elements);
      case RdbType.listQuicklist:
      case RdbType.listQuicklist2:
        return this.#begin(State.nodes);
      case RdbType.stream:
      case RdbType.stream2:
      case RdbType.stream3:
        return this.#begin(State.stream);
      case RdbType.module:
        if (input.length() < 0) return RdbEvent.needMore;
        this.moduleName = moduleNameOf(input);
        this.#state = State.module;
        this.#isAux = false;
        return RdbEvent.moduleValue;
      case RdbType.modulePreGa:
        throw input.error(
          'a value',
          'one of a module of Redis 4.0 candidates, whose end only the module knows',
          'unsupported',
        );
      default:
        throw input.error('a type or an opcode', `byte ${type}`, 'unsupported');
    }
  }

  #begin(state: State): RdbEvent {
    const count = this.#input.length();
    if (count < 0) return RdbEvent.needMore;
    this.count = count;
    this.#left = count;
    this.#state = state;
    if (state === State.stream) this.#streams.begin(this.type, count);
    return RdbEvent.begin;
  }

  #readFieldBase(): boolean {
    if (!this.#input.has(8)) return false;
    this.#fieldBaseMs = this.#input.int64();
    return true;
  }

  #nextElement(): RdbEvent {
    if (this.#left === 0) return this.#endValue();
    const input = this.#input;
    switch (this.type) {
      case RdbType.hash:
        if (!input.string(this.element) || !input.string(this.value)) return RdbEvent.needMore;
        this.fieldExpireAtMs = Infinity;
        break;
      case RdbType.hashTimed:
      case RdbType.hashTimedPreGa: {
        const ttl = input.length();
        if (ttl < 0 || !input.string(this.element) || !input.string(this.value)) return RdbEvent.needMore;
        const fromMs = this.type === RdbType.hashTimed ? this.#fieldBaseMs - 1 : 0;
        this.fieldExpireAtMs = ttl === 0 ? Infinity : ttl + fromMs;
        break;
      }
      case RdbType.zset:
        if (!input.string(this.element) || !input.has(8)) return RdbEvent.needMore;
        this.score = input.buffer.dv.getFloat64(input.at, true);
        input.at += 8;
        break;
      case RdbType.zsetText:
        if (!input.string(this.element) || !this.#readScoreText()) return RdbEvent.needMore;
        break;
      default:
        if (!input.string(this.element)) return RdbEvent.needMore;
    }
    this.#left--;
    return RdbEvent.element;
  }

  #readScoreText(): boolean {
    const input = this.#input;
    const length = input.byte();
    if (length < 0) return false;
    if (length >= ScoreText.nan) {
      this.score = length === ScoreText.nan ? NaN : length === ScoreText.infinity ? Infinity : -Infinity;
      return true;
    }
    if (!input.has(length)) return false;
    const { u8 } = input.buffer;
    this.score = parseDouble(u8, input.at, input.at + length);
    if (Number.isNaN(this.score))
      throw input.error('a score', JSON.stringify(latin1Of(u8, input.at, input.at + length)));
    input.at += length;
    return true;
  }

  #node(): RdbEvent {
    if (this.#left === 0) return this.#endValue();
    const input = this.#input;
    this.isPlain = false;
    if (this.type === RdbType.listQuicklist2) {
      const container = input.length();
      if (container < 0) return RdbEvent.needMore;
      if (container !== QuicklistNode.plain && container !== QuicklistNode.packed) {
        throw input.error('a node of a list, plain (1) or packed (2)', String(container));
      }
      this.isPlain = container === QuicklistNode.plain;
    }
    if (!input.string(this.value)) return RdbEvent.needMore;
    this.#left--;
    return RdbEvent.node;
  }

  #moduleAux(): RdbEvent {
    const input = this.#input;
    if (input.length() < 0) return RdbEvent.needMore;
    this.moduleName = moduleNameOf(input);
    this.#state = State.module;
    this.#isAux = true;
    return RdbEvent.moduleAux;
  }

  #module(): RdbEvent | typeof again {
    const skipped = skipModuleValue(this.#input);
    if (skipped < 0) return RdbEvent.needMore;
    if (skipped > 0) {
      this.#state = this.#isPayload ? State.done : State.item;
      this.#isKeyDone ||= !this.#isAux;
    }
    return again;
  }

  #eof(): RdbEvent {
    const input = this.#input;
    if (this.version >= checksumVersion) {
      if (!input.has(checksumBytes)) return RdbEvent.needMore;
      const computed = input.crc;
      const stored = input.buffer.dv.getBigUint64(input.at, true);
      if (computed !== undefined && stored !== 0n && stored !== computed) {
        throw input.error(`the sum ${computed.toString(16)}`, stored.toString(16), 'checksum');
      }
      input.at += checksumBytes;
    }
    this.#state = State.done;
    return RdbEvent.eof;
  }

  #endValue(): RdbEvent {
    return this.#afterValue(RdbEvent.end);
  }

  #afterValue(event: RdbEvent): RdbEvent {
    this.#state = this.#isPayload ? State.done : State.item;
    this.#isKeyDone = true;
    return event;
  }

  #forgetKey(): void {
    this.expireAtMs = Infinity;
    this.idleSeconds = -1;
    this.freq = -1;
    this.#isKeyDone = false;
  }
}
