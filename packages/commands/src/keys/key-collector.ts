import type { ByteBuffer } from '@kvartz/base';
import type { EntryRef, Keyspace, ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import { matchGlob } from '../glob.ts';

/** Room that a collector keeps when it is done. */
const refsKept = 4096;

/**
 * Takes the entries that a walk over a keyspace visits, drops those that a filter refuses, and writes the keys of the
 * others as an array: the walk must be over before the length of the array is known.
 */
export class KeyCollector {
  readonly visit: (entry: EntryRef) => void;
  /** Undefined between walks: a collector outlives the keyspaces it has seen. */
  #keyspace: Keyspace | undefined;
  #pattern: ByteBuffer | undefined;
  #patternStart = 0;
  #patternEnd = 0;
  /** Undefined: any. */
  #type: ValueType | undefined;
  #refs = new Uint32Array(64);
  #count = 0;

  constructor() {
    this.visit = (entry) => this.#add(entry);
  }

  /** Only keys that match the glob pattern in argument `pattern` (0: any), and only of this type (undefined: any). */
  begin(keyspace: Keyspace, args: Args, pattern: number, type?: ValueType): void {
    this.#keyspace = keyspace;
    this.#pattern = pattern === 0 ? undefined : args.buffer;
    this.#patternStart = args.start[pattern];
    this.#patternEnd = args.end[pattern];
    this.#type = type;
    this.#count = 0;
  }

  #add(entry: EntryRef): void {
    const keyspace = this.#keyspace!;
    if (this.#type !== undefined && keyspace.typeOf(entry) !== this.#type) return;
    if (this.#pattern !== undefined) {
      const key = keyspace.keyOf(entry);
      if (!matchGlob(this.#pattern.u8, this.#patternStart, this.#patternEnd, key.buffer.u8, key.start, key.end)) {
        return;
      }
    }
    if (this.#count === this.#refs.length) {
      const grown = new Uint32Array(this.#count * 2);
      grown.set(this.#refs);
      this.#refs = grown;
    }
    this.#refs[this.#count++] = entry;
  }

  /** Drops what has been taken. */
  clear(): void {
    this.#count = 0;
  }

  write(reply: ReplyWriter): void {
    const keyspace = this.#keyspace!;
    this.#keyspace = undefined;
    this.#pattern = undefined;
    reply.array(this.#count);
    for (let i = 0; i < this.#count; i++) {
      const key = keyspace.keyOf(this.#refs[i]);
      reply.bulk(key.buffer, key.start, key.end);
    }
    if (this.#refs.length > refsKept) this.#refs = new Uint32Array(refsKept);
  }
}
