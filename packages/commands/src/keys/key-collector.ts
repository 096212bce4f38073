import type { ByteBuffer } from '@kvartz/base';
import { type EntryRef, type Keyspace, ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import { matchGlob } from '../glob.ts';
import { typeName } from './names.ts';

/** Room that a collector keeps when it is done. */
const refsKept = 4096;

/**
 * Takes the entries that a walk over a keyspace visits, drops those that a filter refuses, and writes the keys of the
 * others as an array: the walk must be over before the length of the array is known.
 */
export class KeyCollector {
  readonly visit: (entry: EntryRef) => void;
  #keyspace!: Keyspace;
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

  begin(keyspace: Keyspace): void {
    this.#keyspace = keyspace;
    this.#pattern = undefined;
    this.#type = undefined;
    this.#count = 0;
  }

  /** Only keys that match the glob pattern in argument `i`. */
  filterByPattern(args: Args, i: number): void {
    this.#patternStart = args.start[i];
    this.#patternEnd = args.end[i];
    this.#pattern = args.buffer;
  }

  /** Only keys of the type in argument `i`; false when there is no such type. */
  filterByType(args: Args, i: number): boolean {
    this.#type = Object.values(ValueType).find((type) => isKeyword(args, i, typeName(type)));
    return this.#type !== undefined;
  }

  #add(entry: EntryRef): void {
    const keyspace = this.#keyspace;
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

  write(reply: ReplyWriter): void {
    reply.array(this.#count);
    for (let i = 0; i < this.#count; i++) {
      const key = this.#keyspace.keyOf(this.#refs[i]);
      reply.bulk(key.buffer, key.start, key.end);
    }
    this.#pattern = undefined;
    if (this.#refs.length > refsKept) this.#refs = new Uint32Array(refsKept);
  }
}
