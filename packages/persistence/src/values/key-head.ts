import { ByteBuffer } from '@kvartz/base';
import { type EntryRef, type Keyspace, NO_EXPIRY } from '@kvartz/engine';
import type { RdbType } from '../rdb/format.ts';
import type { RdbWriter } from '../rdb/rdb-writer.ts';
import type { AccessKind } from './value-writer.ts';

/** What a file says of a key beside its value, kept as it is when this is made. */
export class KeyHead {
  readonly #key: ByteBuffer;
  readonly #expireAtMs: number;
  readonly #access: AccessKind;
  /** Seconds since it was used, or how often it is. */
  readonly #used: number;

  constructor(keyspace: Keyspace, e: EntryRef, access: AccessKind) {
    const { buffer, end, start } = keyspace.keyOf(e);
    this.#key = ByteBuffer.from(buffer.u8.slice(start, end));
    this.#expireAtMs = keyspace.expireAtMs(e);
    this.#access = access;
    if (access === 'lru') this.#used = Math.floor(keyspace.idleMs(e) / 1000);
    else this.#used = access === 'lfu' ? keyspace.lfuCounter(e) : 0;
  }

  /** Writes all that stands before the value. */
  write(writer: RdbWriter, type: RdbType): void {
    if (this.#expireAtMs !== NO_EXPIRY) writer.expireMs(this.#expireAtMs);
    if (this.#access === 'lru') writer.idle(this.#used);
    else if (this.#access === 'lfu') writer.freq(this.#used);
    writer.type(type);
    writer.string(this.#key, 0, this.#key.sizeBytes);
  }
}
