import { ByteBuffer, copyBytes } from '@kvartz/base';
import { type Span, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';

const star = 0x2a;
const hash = 0x23;
const minus = 0x2d;
const greater = 0x3e;

/** Names of keys that are made of a pattern; grows with the longest. */
let name = new ByteBuffer(256);

/**
 * A pattern of BY or GET: `weight_*` leads from an element to the string under a key, `object_*->field` to a field of a hash, and
 * `#` to the element itself. The first star stands for the element. A pattern without a star leads nowhere.
 */
export class KeyPattern {
  readonly isElement: boolean;
  readonly hasStar: boolean;
  readonly #buffer: ByteBuffer;
  readonly #start: number;
  readonly #star: number;
  /** End of the part that makes the key. */
  readonly #keyEnd: number;
  /** The field is [fieldStart, end); 0: there is none. */
  readonly #fieldStart: number;
  readonly #end: number;

  /** The pattern in argument `i`. */
  constructor(args: Args, i: number) {
    const { u8 } = args.buffer;
    const start = args.start[i];
    const end = args.end[i];
    this.#buffer = args.buffer;
    this.#start = start;
    this.#end = end;
    this.isElement = end - start === 1 && u8[start] === hash;
    const at = u8.subarray(start, end).indexOf(star);
    this.hasStar = at >= 0;
    this.#star = start + at;
    const arrow = this.hasStar ? arrowIn(u8, this.#star + 1, end) : -1;
    this.#keyEnd = arrow < 0 ? end : arrow;
    this.#fieldStart = arrow < 0 ? 0 : arrow + 2;
  }

  /** What the pattern leads to from `buffer[start, end)`, valid until the next look at the keyspace; undefined: nothing. */
  valueFor(context: CommandContext, buffer: ByteBuffer, start: number, end: number): Span | undefined {
    if (!this.hasStar) return undefined;
    const { db } = context;
    // Before `name` is looked at: a longer one is another buffer.
    const length = this.#fillName(buffer, start, end);
    const entry = db.find(name, 0, length);
    if (entry === 0) {
      context.missedKey(name, 0, length);
      return undefined;
    }
    context.keyspaceHits++;
    const type = db.typeOf(entry);
    if (this.#fieldStart === 0) return type === ValueType.string ? db.stringOf(entry) : undefined;
    if (type !== ValueType.hash || !db.hashes.get(entry, this.#buffer, this.#fieldStart, this.#end)) return undefined;
    return db.hashes.value;
  }

  /** Puts the key's name into `name` and returns its length. */
  #fillName(buffer: ByteBuffer, start: number, end: number): number {
    const before = this.#star - this.#start;
    const behind = before + end - start;
    const length = behind + this.#keyEnd - this.#star - 1;
    if (length > name.sizeBytes) name = new ByteBuffer(length * 2);
    copyBytes(this.#buffer, this.#start, this.#star, name, 0);
    copyBytes(buffer, start, end, name, before);
    copyBytes(this.#buffer, this.#star + 1, this.#keyEnd, name, behind);
    return length;
  }
}

/** Where `->` stands with a field behind it; -1 when it does not. */
function arrowIn(u8: Uint8Array, start: number, end: number): number {
  for (let i = start; i + 1 < end; i++) if (u8[i] === minus && u8[i + 1] === greater) return i + 2 < end ? i : -1;
  return -1;
}
