import type { ByteBuffer } from '@kvartz/base';
import type { EntryRef, Keyspace } from '@kvartz/engine';
import type { RdbVersion } from '../rdb/format.ts';
import { RdbWriter } from '../rdb/rdb-writer.ts';
import { ValueWriter } from './value-writer.ts';

/** Memory that is kept for the next payload. */
const keptBytesMax = 2 ** 20;
/** What reads fields with times. */
const timedVersion = 12;

/**
 * Writes payloads of DUMP: type, value, version u16, CRC-64 of all before it.
 *
 *   writer.write(keyspace, e);  use(writer.buffer, 0, writer.end);  writer.release();
 */
export class PayloadWriter {
  readonly #writer: RdbWriter;
  readonly #values: ValueWriter;

  constructor(version?: RdbVersion) {
    this.#writer = version === undefined ? new RdbWriter() : new RdbWriter({ version });
    this.#values = new ValueWriter(this.#writer);
  }

  get buffer(): ByteBuffer {
    return this.#writer.out.buffer;
  }

  get end(): number {
    return this.#writer.out.length;
  }

  write(keyspace: Keyspace, e: EntryRef): void {
    const { out, version } = this.#writer;
    out.clear();
    this.#values.writeValue(keyspace, e);
    const isTimed = keyspace.hashes.timed.soonestOf(e) < Infinity;
    const versionAt = out.open(2);
    out.buffer.dv.setUint16(versionAt, isTimed ? timedVersion : version, true);
    const sum = out.crc;
    const sumAt = out.open(8);
    out.buffer.dv.setBigUint64(sumAt, sum, true);
  }

  /** The payload has been used. */
  release(): void {
    if (this.buffer.sizeBytes > keptBytesMax) this.#writer.out.take();
  }
}
