import { parseDouble } from '@kvartz/base';
import { isStream, isTimedPack, kindOf } from './kinds.ts';
import { packError } from './packed/pack-reader.ts';
import { PackReaders } from './packed/pack-readers.ts';
import { RdbBytes } from './rdb-bytes.ts';
import { RdbError } from './rdb-error.ts';
import { RdbEvent } from './rdb-event.ts';
import type { RdbField, RdbKey, RdbMember, RdbNote, RdbString, RdbValue } from './rdb-item.ts';
import type { RdbParser } from './rdb-parser.ts';
import { StreamCollector } from './stream-collector.ts';

/** Makes values of what a parser comes to. */
export class KeyCollector {
  readonly #parser: RdbParser;
  readonly #streams: StreamCollector;
  readonly #packs = new PackReaders();
  readonly #element = new RdbBytes();
  readonly #value = new RdbBytes();
  #key: Omit<RdbKey, 'type' | 'value'> | undefined;
  #strings: RdbString[] = [];
  #fields: RdbField[] = [];
  #members: RdbMember[] = [];

  constructor(parser: RdbParser) {
    this.#parser = parser;
    this.#streams = new StreamCollector(parser);
  }

  /** What this event has completed. */
  take(event: RdbEvent): RdbKey | RdbNote | undefined {
    try {
      return this.#take(event);
    } catch (error) {
      throw RdbError.inPackAt(this.#parser.offset, error);
    }
  }

  #take(event: RdbEvent): RdbKey | RdbNote | undefined {
    const parser = this.#parser;
    switch (event) {
      case RdbEvent.aux:
        return { type: 'aux', name: String(parser.key), value: String(parser.value) };
      case RdbEvent.functionLibrary:
        return { type: 'function', code: parser.value.toBytes() };
      case RdbEvent.string:
        this.#begin();
        return this.#end({ type: 'string', value: parser.value.toBytes() });
      case RdbEvent.moduleValue:
        this.#begin();
        return this.#end({ type: 'module', value: parser.moduleName });
      case RdbEvent.begin:
        this.#begin();
        return undefined;
      case RdbEvent.element:
        this.#takeElement();
        return undefined;
      case RdbEvent.blob:
        this.#begin();
        this.#takePack();
        return this.#end(this.#collected());
      case RdbEvent.node:
        if (isStream(parser.type)) this.#streams.take(event);
        else if (parser.isPlain) this.#strings.push(parser.value.toBytes());
        else this.#takePack();
        return undefined;
      case RdbEvent.end:
        return this.#end(isStream(parser.type) ? this.#streams.end() : this.#collected());
      default:
        if (event >= RdbEvent.streamHead && event <= RdbEvent.streamOwned) this.#streams.take(event);
        return undefined;
    }
  }

  #begin(): void {
    const { db, expireAtMs, freq, idleSeconds, key } = this.#parser;
    this.#key = {
      db,
      key: key.toBytes(),
      expireAtMs: expireAtMs === Infinity ? undefined : expireAtMs,
      idleSeconds: idleSeconds < 0 ? undefined : idleSeconds,
      freq: freq < 0 ? undefined : freq,
    };
    this.#strings = [];
    this.#fields = [];
    this.#members = [];
  }

  #end(value: RdbValue): RdbKey {
    return { ...this.#key!, ...value };
  }

  #collected(): RdbValue {
    switch (kindOf(this.#parser.type)) {
      case 'list':
        return { type: 'list', value: this.#strings };
      case 'set':
        return { type: 'set', value: this.#strings };
      case 'hash':
        return { type: 'hash', value: this.#fields };
      default:
        return { type: 'zset', value: this.#members };
    }
  }

  #takeElement(): void {
    const { element, fieldExpireAtMs, score, type, value } = this.#parser;
    const kind = kindOf(type);
    if (kind === 'hash') this.#addField(element, value, fieldExpireAtMs);
    else if (kind === 'zset') this.#members.push({ member: element.toBytes(), score });
    else this.#strings.push(element.toBytes());
  }

  #addField(field: RdbBytes, value: RdbBytes, expireAtMs: number): void {
    this.#fields.push({
      field: field.toBytes(),
      value: value.toBytes(),
      expireAtMs: expireAtMs === Infinity ? undefined : expireAtMs,
    });
  }

  #takePack(): void {
    const { type, value: pack } = this.#parser;
    const element = this.#element;
    const value = this.#value;
    const reader = this.#packs.of(type);
    const kind = kindOf(type);
    reader.begin(pack);
    while (reader.next(element)) {
      if (kind === 'list' || kind === 'set') {
        this.#strings.push(element.toBytes());
        continue;
      }
      // An integer stands in the memory of what it was read into.
      if (!reader.next(value)) throw packError('pack', pack.sizeBytes, 'a value behind each field', 'the end');
      if (kind === 'zset') {
        this.#members.push({
          member: element.toBytes(),
          score: parseDouble(value.buffer.u8, value.start, value.end),
        });
        continue;
      }
      const field = element.toBytes();
      const bytes = value.toBytes();
      let expireAtMs = 0;
      if (isTimedPack(type)) {
        if (!reader.next(value)) throw packError('pack', pack.sizeBytes, 'a time behind each value', 'the end');
        expireAtMs = Number(String(value));
      }
      this.#fields.push({ field, value: bytes, expireAtMs: expireAtMs === 0 ? undefined : expireAtMs });
    }
  }
}
