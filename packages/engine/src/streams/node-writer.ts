import { ByteBuffer, copyBytes, equalBytes } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { packHeadBytes } from '../listpack.ts';
import { elementBytes, ElementForm, packEnd, shortString } from '../listpack-element.ts';
import { int32ElementBytes, integerElementBytesMax, putInt32Element, putIntegerElement } from '../listpack-integer.ts';
import { entryHeadElements, EntryFlag, NodeHead, nodeSlackBytes } from './node-head.ts';
import type { StreamId } from './stream-id.ts';

/**
 * Fields and values of a new entry by turns: text `i` is `buffer.u8[start[i], end[i])`, and each lies behind the one before. The
 * arguments of a command are such.
 */
export interface FieldTexts {
  readonly buffer: ByteBuffer;
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/** Head and end of a listpack, and the numbers of a master entry. */
const masterBytesMax = packHeadBytes + 1 + 6 * 4;
/** Numbers of an entry, and what a longer `count` takes. */
const entryBytesMax = 2 + 2 * integerElementBytesMax + 6 + 6 + 1;
/** Elements of a listpack that nobody has counted. */
const uncounted = 0xffff;
/** A count below this can grow by one without taking another byte. */
const shortMax = 127;
/** What grows grows by no more than this at a time. */
const spareBytesMax = 2 ** 20;

/** Writes the nodes of streams, which node-head.ts draws. */
export class NodeWriter {
  readonly #arena: Arena;
  /** What `measure` has found: bytes of the texts at most, and what they take as elements at most. */
  #spanBytes = 0;
  #elementBytesMax = 0;
  readonly #head = new NodeHead();
  /** The node whose numbers `#head` has; 0: they are out of date. */
  #headRef: BlockRef = 0;
  readonly #form = new ElementForm(new ByteBuffer(16));

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Looks at `count` texts from `first` on, before one of the methods that take them. */
  measure(texts: FieldTexts, first: number, count: number): void {
    const spanBytes = texts.end[first + count - 1] - texts.start[first];
    this.#spanBytes = spanBytes;
    // What stands around a text; an integer is never longer than its text.
    this.#elementBytesMax = spanBytes + count * (spanBytes < 64 ? 2 : spanBytes < 4096 ? 4 : 10);
  }

  bytes(ref: BlockRef): number {
    return bytesOf(this.#arena, ref).dv.getUint32(byteOf(this.#arena, ref), true);
  }

  /** Reads the head of a node. Valid until the next call of any method. */
  headOf(ref: BlockRef): NodeHead {
    if (this.#arena.isChecked) this.#arena.assertLive(ref);
    this.#headRef = 0;
    return this.#head.read(bytesOf(this.#arena, ref), byteOf(this.#arena, ref));
  }

  /** A new node of one entry, whose ID will be the node's, with room for more up to `bytesMax`; 0: no memory. */
  create(texts: FieldTexts, first: number, fieldCount: number, bytesMax: number): BlockRef {
    const ref = this.#alloc(masterBytesMax + entryBytesMax + this.#elementBytesMax + nodeSlackBytes, bytesMax);
    if (ref === 0) return 0;
    const bytes = bytesOf(this.#arena, ref);
    const base = byteOf(this.#arena, ref);
    let p = putInt32Element(bytes, base + packHeadBytes, 1);
    p = putInt32Element(bytes, p, 0);
    p = putInt32Element(bytes, p, fieldCount);
    for (let i = 0; i < fieldCount; i++) p = this.#putText(bytes, p, texts, first + i * 2);
    p = putInt32Element(bytes, p, 0);
    p = putInt32Element(bytes, p, EntryFlag.sameFields);
    p = putInt32Element(bytes, p, 0);
    p = putInt32Element(bytes, p, 0);
    for (let i = 0; i < fieldCount; i++) p = this.#putText(bytes, p, texts, first + i * 2 + 1);
    p = putInt32Element(bytes, p, fieldCount + entryHeadElements);
    close(bytes, base, p, fieldCount * 2 + 4 + entryHeadElements + 1);
    return ref;
  }

  /** Whether the texts go into another node. Deleted entries count: only the node's end gives their room back. */
  isFull(
    ref: BlockRef,
    bytesMax: number,
    entriesMax: number,
    texts: FieldTexts,
    first: number,
    count: number,
  ): boolean {
    if (this.#arena.isChecked) this.#arena.assertLive(ref);
    const base = byteOf(this.#arena, ref);
    const head = this.#head.readNumbers(bytesOf(this.#arena, ref), base);
    this.#headRef = ref;
    if (head.count + head.deleted >= entriesMax) return true;
    const packBytes = head.end + 1 - base;
    return packBytes + this.#spanBytes >= bytesMax && packBytes + textBytes(texts, first, count) >= bytesMax;
  }

  /** A block for the same node with room for an entry that was measured; the node's own if it has the room; 0: no memory. */
  withRoom(ref: BlockRef, bytesMax: number): BlockRef {
    const arena = this.#arena;
    const needBytes = this.bytes(ref) + entryBytesMax + this.#elementBytesMax + nodeSlackBytes;
    if (needBytes <= arena.blockBytes(ref)) return ref;
    const larger = this.#alloc(needBytes, bytesMax);
    if (larger !== 0) this.#copy(ref, larger);
    return larger;
  }

  /** A smaller block for a node that will not grow any more; its own when nothing is gained, or there is no memory. */
  fitted(ref: BlockRef): BlockRef {
    const arena = this.#arena;
    const needBytes = this.bytes(ref) + nodeSlackBytes;
    const blockBytes = arena.blockBytes(ref);
    if (needBytes > blockBytes - (blockBytes >>> 3)) return ref;
    const smaller = arena.alloc(needBytes);
    if (smaller === 0) return ref;
    this.#copy(ref, smaller);
    return smaller;
  }

  /** Appends an entry to a node that has room. `master` is the node's ID. */
  append(ref: BlockRef, master: StreamId, id: StreamId, texts: FieldTexts, first: number, fieldCount: number): void {
    const arena = this.#arena;
    const bytes = bytesOf(arena, ref);
    const base = byteOf(arena, ref);
    const head = this.#headRef === ref ? this.#head : this.#head.readNumbers(bytes, base);
    this.#headRef = 0;
    const isSame =
      head.fieldCount === fieldCount && this.#hasFields(bytes, head.firstFieldAt, texts, first, fieldCount);
    if (head.count < shortMax) bytes.u8[base + packHeadBytes] = head.count + 1;
    else this.#setCounts(bytes, base, head, head.count + 1, head.deleted);
    let p = head.end;
    bytes.u8[p++] = isSame ? EntryFlag.sameFields : 0;
    bytes.u8[p++] = 1;
    p = putDifference(bytes, p, id.words, master.words, 0);
    p = putDifference(bytes, p, id.words, master.words, 2);
    if (isSame) {
      for (let i = 0; i < fieldCount; i++) p = this.#putText(bytes, p, texts, first + i * 2 + 1);
    } else {
      p = putInt32Element(bytes, p, fieldCount);
      for (let i = 0; i < fieldCount * 2; i++) p = this.#putText(bytes, p, texts, first + i);
    }
    const elements = entryHeadElements + (isSame ? fieldCount : fieldCount * 2 + 1);
    p = putInt32Element(bytes, p, elements);
    const before = bytes.dv.getUint16(base + 4, true);
    close(bytes, base, p, before === uncounted ? uncounted : before + elements + 1);
  }

  /** Flags the entry at byte `at` as deleted. The numbers at the head have to follow: `countDeleted`. */
  flagDeleted(ref: BlockRef, at: number): void {
    bytesOf(this.#arena, ref).u8[at] |= EntryFlag.deleted;
  }

  /** So many entries have been flagged as deleted. Positions behind the head may move. */
  countDeleted(ref: BlockRef, count: number): void {
    const bytes = bytesOf(this.#arena, ref);
    const base = byteOf(this.#arena, ref);
    this.#headRef = 0;
    const head = this.#head.readNumbers(bytes, base);
    this.#setCounts(bytes, base, head, head.count - count, head.deleted + count);
  }

  #setCounts(bytes: ByteBuffer, base: number, head: NodeHead, count: number, deleted: number): void {
    const countAt = base + packHeadBytes;
    const by = int32ElementBytes(count) + int32ElementBytes(deleted) - (head.fieldsAt - countAt);
    if (by !== 0) {
      copyBytes(bytes, head.fieldsAt, head.end + 1, bytes, head.fieldsAt + by);
      bytes.dv.setUint32(base, head.end + 1 + by - base, true);
      head.end += by;
    }
    putInt32Element(bytes, putInt32Element(bytes, countAt, count), deleted);
  }

  /** Whether the texts' fields are the elements from `p` on. */
  #hasFields(bytes: ByteBuffer, p: number, texts: FieldTexts, first: number, fieldCount: number): boolean {
    const form = this.#form;
    const { buffer, end, start } = texts;
    for (let i = first; i < first + fieldCount * 2; i += 2) {
      const length = end[i] - start[i];
      if (length < 64 && bytes.u8[p] === (shortString | length)) {
        // A text that could be an integer would be no string here.
        if (!equalBytes(bytes, p + 1, p + 1 + length, buffer, start[i], end[i])) return false;
        p += length + 2;
        continue;
      }
      form.set(buffer, start[i], end[i]);
      if (!form.isAt(bytes, p, buffer, start[i])) return false;
      p += elementBytes(bytes, p);
    }
    return true;
  }

  #putText(bytes: ByteBuffer, p: number, texts: FieldTexts, i: number): number {
    const start = texts.start[i];
    const length = texts.end[i] - start;
    const first = texts.buffer.u8[start];
    if (length < 64 && (first > 0x39 || length === 0)) {
      // No integer begins like this.
      bytes.u8[p] = shortString | length;
      copyBytes(texts.buffer, start, start + length, bytes, p + 1);
      bytes.u8[p + 1 + length] = length + 1;
      return p + length + 2;
    }
    const form = this.#form;
    form.set(texts.buffer, texts.start[i], texts.end[i]);
    form.put(bytes, p, texts.buffer, texts.start[i]);
    return p + form.totalBytes;
  }

  /** With as much again in reserve, as far as the node may grow. */
  #alloc(needBytes: number, bytesMax: number): BlockRef {
    const spareBytes = Math.min(needBytes, spareBytesMax, Math.max(0, bytesMax + entryBytesMax - needBytes));
    const roomy = this.#arena.alloc(needBytes + spareBytes);
    return roomy === 0 && spareBytes > 0 ? this.#arena.alloc(needBytes) : roomy;
  }

  #copy(ref: BlockRef, target: BlockRef): void {
    const arena = this.#arena;
    const base = byteOf(arena, ref);
    copyBytes(bytesOf(arena, ref), base, base + this.bytes(ref), bytesOf(arena, target), byteOf(arena, target));
  }
}

/** The 64-bit number of `words[at]` minus that of `from[at]`, modulo 2^64. */
function putDifference(bytes: ByteBuffer, p: number, words: Uint32Array, from: Uint32Array, at: number): number {
  const low = words[at + 1] - from[at + 1];
  if (low >= 0 && low < 128 && words[at] === from[at]) {
    bytes.u8[p] = low;
    bytes.u8[p + 1] = 1;
    return p + 2;
  }
  return putIntegerElement(bytes, p, words[at] - from[at] - (low < 0 ? 1 : 0), low);
}

/** Makes the elements that end at `p` a listpack. */
function close(bytes: ByteBuffer, base: number, p: number, elements: number): void {
  bytes.u8[p] = packEnd;
  bytes.dv.setUint32(base, p + 1 - base, true);
  bytes.dv.setUint16(base + 4, Math.min(elements, uncounted), true);
}

function textBytes(texts: FieldTexts, first: number, count: number): number {
  let bytes = 0;
  for (let i = first; i < first + count; i++) bytes += texts.end[i] - texts.start[i];
  return bytes;
}
