import { ByteBuffer } from '@kvartz/base';
import { RdbType, type RdbVersion } from './format.ts';
import type { RdbField, RdbKey, RdbNote, RdbString, RdbValue } from './rdb-item.ts';
import { RdbWriter, type RdbWriterOptions } from './rdb-writer.ts';
import { StreamWriter } from './stream-writer.ts';

const pieceBytes = 2 ** 16;
/** The first version with times of fields. */
const timedVersion = 12;

/**
 * A file of these keys, in pieces. Values are written element by element: whoever loads them chooses their encodings. Keys of one
 * database should come together. Throws RangeError at a module's value, and at times of fields below version 12.
 */
export async function* writeRdb(
  items: AsyncIterable<RdbKey | RdbNote> | Iterable<RdbKey | RdbNote>,
  options?: RdbWriterOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const writer = new RdbWriter(options);
  const keys = new ItemWriter(writer);
  writer.header();
  for await (const item of items) {
    keys.write(item);
    if (writer.out.length >= pieceBytes) yield writer.out.take();
  }
  writer.eof();
  yield writer.out.take();
}

/** Writes whole keys of a library user. */
class ItemWriter {
  readonly #writer: RdbWriter;
  readonly #streams: StreamWriter;
  #db = -1;

  constructor(writer: RdbWriter) {
    this.#writer = writer;
    this.#streams = new StreamWriter(writer);
  }

  write(item: RdbKey | RdbNote): void {
    const writer = this.#writer;
    if (item.type === 'aux') return writer.aux(item.name, item.value);
    if (item.type === 'function') {
      const code = ByteBuffer.from(item.code);
      return writer.functionLibrary(code, 0, code.sizeBytes);
    }
    if (item.db !== this.#db) {
      writer.selectDb(item.db);
      this.#db = item.db;
    }
    if (item.expireAtMs !== undefined) writer.expireMs(item.expireAtMs);
    if (item.idleSeconds !== undefined) writer.idle(item.idleSeconds);
    if (item.freq !== undefined) writer.freq(item.freq);
    writer.type(typeOf(item, writer.version));
    this.#string(item.key);
    this.#value(item);
  }

  #value(item: RdbValue): void {
    const writer = this.#writer;
    switch (item.type) {
      case 'string':
        this.#string(item.value);
        break;
      case 'list':
      case 'set':
        writer.length(item.value.length);
        for (const element of item.value) this.#string(element);
        break;
      case 'hash':
        this.#hash(item.value);
        break;
      case 'zset':
        writer.length(item.value.length);
        for (const { member, score } of item.value) {
          this.#string(member);
          writer.double(score);
        }
        break;
      case 'stream':
        this.#streams.write(item.value);
        break;
      default:
        throw new RangeError(`the value of module ${item.value} cannot be written`);
    }
  }

  #hash(fields: readonly RdbField[]): void {
    const writer = this.#writer;
    const isTimed = hasTimes(fields);
    const baseMs = fields.reduce((least, { expireAtMs = Infinity }) => Math.min(least, expireAtMs), Infinity);
    if (isTimed) writer.int64(baseMs);
    writer.length(fields.length);
    for (const { expireAtMs, field, value } of fields) {
      if (isTimed) writer.length(expireAtMs === undefined ? 0 : expireAtMs - baseMs + 1);
      this.#string(field);
      this.#string(value);
    }
  }

  #string(bytes: RdbString): void {
    const buffer = bufferOf(bytes);
    this.#writer.string(buffer, bytes.byteOffset, bytes.byteOffset + bytes.length);
  }
}

function typeOf(item: RdbValue, version: RdbVersion): RdbType {
  switch (item.type) {
    case 'string':
    case 'list':
    case 'set':
    case 'zset':
      return RdbType[item.type];
    case 'hash':
      if (!hasTimes(item.value)) return RdbType.hash;
      if (version < timedVersion)
        throw new RangeError(`fields that expire need version ${timedVersion}, not ${version}`);
      return RdbType.hashTimed;
    case 'stream':
      return StreamWriter.typeFor(version);
    default:
      return RdbType.module;
  }
}

function hasTimes(fields: readonly RdbField[]): boolean {
  return fields.some(({ expireAtMs }) => expireAtMs !== undefined);
}

let viewed = new ByteBuffer(0);

/** The memory that the bytes lie in; strings that follow each other mostly share it. */
function bufferOf(bytes: RdbString): ByteBuffer {
  if (viewed.u8.buffer !== bytes.buffer) viewed = new ByteBuffer(bytes.buffer);
  return viewed;
}
