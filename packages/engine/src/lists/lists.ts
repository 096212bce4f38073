import { ByteBuffer, copyBytes } from '@kvartz/base';
import {
  bodyOf,
  bodyOffset,
  byteOf,
  bytesOf,
  Encoding,
  encodingMask,
  encodingShift,
  entryBytes,
  type EntryRef,
  freeEntry,
  headOf,
  isExternal,
  isWide,
  setBody,
  setEncoding,
  setWideBody,
  ValueType,
  wideBodyOf,
  writeEntry,
} from '../entry.ts';
import type { BlockRef } from '../arena.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import { packHeadBytes, Packs } from '../listpack.ts';
import { ElementForm } from '../listpack-element.ts';
import { Span } from '../span.ts';
import { createRoot } from './list-blocks.ts';
import { type ListShape, quicklistShape } from './list-shape.ts';
import { ListWalk } from './list-walk.ts';
import { countMatches, dropMatches } from './match.ts';
import { PackLimits } from './pack-limits.ts';
import { Place } from './place.ts';
import { Quicklist } from './quicklist.ts';

/** The highest limit of packs: what is longer is always plain. */
const packedBytesMax = 65_536;
const quicklistBits = Encoding.quicklist << encodingShift;
/** A list without a key. */
const detachedHead = ((Encoding.listpack << encodingShift) | ValueType.list | isWide | isExternal) >>> 0;

/**
 * The lists of a keyspace: one listpack while they are small, else a quicklist, which becomes a listpack again when one half
 * full pack is left (as in Redis 7.2). Methods take the entry of a list; indexes must be in range. False and 0: no memory,
 * nothing changed.
 *
 * A list that has become empty is still a list; its caller removes the entry.
 */
export class Lists {
  readonly walk: ListWalk;
  readonly #host: CollectionHost;
  readonly #packs: Packs;
  readonly #limits = new PackLimits();
  readonly #quicklist: Quicklist;
  readonly #digits = new ByteBuffer(32);
  readonly #value: Span;
  readonly #place: Place;
  readonly #form = new ElementForm(new ByteBuffer(16));
  /** What `#open` has found: the words in which the entry lies, and whether it is a quicklist. */
  #words: Uint32Array = new Uint32Array(0);
  #isQuicklist = false;
  /** An element that moves within its list. */
  #scratch = new ByteBuffer(1024);

  constructor(host: CollectionHost) {
    this.#host = host;
    this.#packs = new Packs(host.arena);
    this.#quicklist = new Quicklist(host.arena, this.#packs, this.#limits);
    this.#value = new Span(this.#digits);
    this.#place = new Place(this.#digits);
    this.walk = new ListWalk((e, index) => this.#locate(e, index));
  }

  count(e: EntryRef): number {
    return bodyOf(this.#host.arena, e);
  }

  /** Packs and their bytes: what DEBUG OBJECT tells of a list. Looks at every pack. */
  shapeOf(e: EntryRef): ListShape {
    const { arena } = this.#host;
    const root = wideBodyOf(arena, e);
    if (this.#encodingOf(e) === Encoding.quicklist) return quicklistShape(arena, root);
    return { packs: 1, packBytes: this.#packs.bytes(root) };
  }

  /**
   * Sets the key to a list of one element. When more will follow at once, `moreBytes` and `moreCount` tell of them, since
   * what will not stay a listpack does not begin as one.
   */
  create(
    key: ByteBuffer,
    ks: number,
    ke: number,
    buffer: ByteBuffer,
    start: number,
    end: number,
    moreBytes = 0,
    moreCount = 0,
  ): EntryRef {
    const list = this.detached();
    if (list === 0) return 0;
    if (this.grow(list, end - start + moreBytes, 1 + moreCount) && this.push(list, true, buffer, start, end)) {
      const e = this.attach(list, key, ks, ke);
      if (e !== 0) return e;
    }
    this.free(list);
    return 0;
  }

  /** Whether a listpack of so many bytes and elements may be part of a list as it is. */
  fitsPack(bytes: number, count: number): boolean {
    this.#limits.set(this.#host.limits.listMaxListpackSize);
    return bytes <= this.#limits.bytesMax && count <= this.#limits.countMax;
  }

  /** Sets the key to a list of the elements of a listpack that `fitsPack`, `count` of them, which is copied as it is. 0: no memory. */
  createOfPack(
    key: ByteBuffer,
    ks: number,
    ke: number,
    pack: ByteBuffer,
    start: number,
    end: number,
    count: number,
  ): EntryRef {
    const root = this.#copyPack(pack, start, end);
    if (root === 0) return 0;
    const e = this.#host.setCollection(key, ks, ke, ValueType.list, Encoding.listpack, root, count);
    if (e === 0) this.#host.arena.free(root);
    return e;
  }

  /** Puts the elements of such a listpack behind all others, in a pack of their own. False: no memory, as it was. */
  appendPack(e: EntryRef, pack: ByteBuffer, start: number, end: number, count: number): boolean {
    this.#host.changing(e);
    const { arena } = this.#host;
    const ref = this.#copyPack(pack, start, end);
    if (ref === 0) return false;
    this.#limits.set(this.#host.limits.listMaxListpackSize);
    const isRoomy = this.#encodingOf(e) === Encoding.quicklist || this.#enlarge(e, true);
    if (isRoomy && this.#quicklist.appendPack(wideBodyOf(arena, e), ref, count)) {
      setBody(arena, e, bodyOf(arena, e) + count);
      return true;
    }
    arena.free(ref);
    return false;
  }

  #copyPack(pack: ByteBuffer, start: number, end: number): BlockRef {
    const { arena } = this.#host;
    const ref = arena.alloc(end - start);
    if (ref !== 0) copyBytes(pack, start, end, bytesOf(arena, ref), byteOf(arena, ref));
    return ref;
  }

  /** An empty list that no key leads to: it is filled, and then attached or freed. */
  detached(): EntryRef {
    const { arena } = this.#host;
    const e = arena.alloc(entryBytes(detachedHead, 0));
    if (e === 0) return 0;
    const pack = this.#packs.create();
    if (pack === 0) {
      arena.free(e);
      return 0;
    }
    writeEntry(arena, e, detachedHead, this.#host.freshClock, Infinity, this.#digits, 0, 0);
    setBody(arena, e, 0);
    setWideBody(arena, e, pack);
    return e;
  }

  /** Puts a detached list under a key, whatever that held. The reference returned is its new one. */
  attach(list: EntryRef, key: ByteBuffer, ks: number, ke: number): EntryRef {
    const { arena } = this.#host;
    const root = wideBodyOf(arena, list);
    const encoding = this.#encodingOf(list);
    const e = this.#host.setCollection(key, ks, ke, ValueType.list, encoding, root, bodyOf(arena, list));
    if (e !== 0) arena.free(list);
    return e;
  }

  /** Frees a detached list. */
  free(list: EntryRef): void {
    freeEntry(this.#host.arena, list);
  }

  /**
   * Makes the list a quicklist if it would be too large for a listpack with so much more. To be called before several elements
   * are pushed, which then decide together; a single one is looked at by itself.
   */
  grow(e: EntryRef, bytes: number, count: number, isTail = true): boolean {
    this.#limits.set(this.#host.limits.listMaxListpackSize);
    return this.#encodingOf(e) === Encoding.quicklist || this.#fits(e, bytes, count) || this.#enlarge(e, isTail);
  }

  /** Whether a listpack stays one with so much more. */
  #fits(e: EntryRef, bytes: number, count: number): boolean {
    const { arena } = this.#host;
    const { bytesMax, countMax } = this.#limits;
    return this.#packs.bytes(wideBodyOf(arena, e)) + bytes <= bytesMax && bodyOf(arena, e) + count <= countMax;
  }

  /** Makes a listpack a quicklist. */
  #enlarge(e: EntryRef, isTail: boolean): boolean {
    const { arena } = this.#host;
    const pack = wideBodyOf(arena, e);
    const root = createRoot(arena);
    if (root === 0) return false;
    if (bodyOf(arena, e) === 0) arena.free(pack);
    else this.#quicklist.begin(root, isTail, pack);
    setEncoding(arena, e, Encoding.quicklist);
    setWideBody(arena, e, root);
    return true;
  }

  push(e: EntryRef, isTail: boolean, buffer: ByteBuffer, start: number, end: number): boolean {
    this.#host.changing(e);
    this.#limits.set(this.#host.limits.listMaxListpackSize);
    let at = this.#open(e);
    if (!this.#isQuicklist && !this.#fits(e, end - start, 1)) {
      if (!this.#enlarge(e, isTail)) return false;
      at = this.#open(e);
    }
    const words = this.#words;
    const root = words[at + 1];
    if (this.#isQuicklist) {
      if (!this.#quicklist.push(root, isTail, buffer, start, end)) return false;
    } else {
      const packs = this.#packs;
      const ref = isTail ? packs.append(root, buffer, start, end) : packs.prepend(root, buffer, start, end);
      if (ref === 0) return false;
      words[at + 1] = ref;
    }
    words[at]++;
    return true;
  }

  /** The first or the last element of a list that is not empty. */
  peek(e: EntryRef, isTail: boolean): Span {
    const at = this.#open(e);
    const root = this.#words[at + 1];
    if (this.#isQuicklist) return this.#quicklist.peek(root, isTail, this.#value, this.#digits);
    return this.#packs.read(root, isTail ? this.#packs.last(root) : packHeadBytes);
  }

  /** Removes `n` elements, which must be there, from one end. */
  drop(e: EntryRef, isTail: boolean, n: number): void {
    if (n === 0) return;
    this.#host.changing(e);
    const at = this.#open(e);
    const words = this.#words;
    const root = words[at + 1];
    words[at] -= n;
    if (this.#isQuicklist) {
      this.#quicklist.drop(root, isTail, n);
      if (this.#quicklist.mayBeOnePack(root)) this.#shrink(e);
      return;
    }
    const packs = this.#packs;
    words[at + 1] = packs.remove(root, isTail ? packs.seek(root, -n) : packHeadBytes, n);
  }

  /** Leaves the elements [from, to). */
  trim(e: EntryRef, from: number, to: number): void {
    this.drop(e, true, this.count(e) - to);
    this.drop(e, false, from);
  }

  at(e: EntryRef, index: number): Span {
    return this.#locate(e, index).read(this.#value, this.#digits);
  }

  set(e: EntryRef, index: number, buffer: ByteBuffer, start: number, end: number): boolean {
    const { arena } = this.#host;
    this.#host.changing(e);
    if (!this.grow(e, end - start, 1)) return false;
    const root = wideBodyOf(arena, e);
    if (this.#encodingOf(e) === Encoding.quicklist) {
      const isSet = this.#quicklist.replace(root, index, buffer, start, end);
      this.#shrink(e);
      return isSet;
    }
    const ref = this.#packs.replace(root, this.#packs.seek(root, index), buffer, start, end);
    if (ref !== 0) setWideBody(arena, e, ref);
    return ref !== 0;
  }

  /** Puts a new element before the one at `index`; the index behind the last is the end. */
  insert(e: EntryRef, index: number, buffer: ByteBuffer, start: number, end: number): boolean {
    const { arena } = this.#host;
    const count = bodyOf(arena, e);
    if (index === 0 || index === count) return this.push(e, index > 0, buffer, start, end);
    this.#host.changing(e);
    if (!this.grow(e, end - start, 1)) return false;
    const root = wideBodyOf(arena, e);
    if (this.#encodingOf(e) === Encoding.quicklist) {
      if (!this.#quicklist.insert(root, index, buffer, start, end)) return false;
    } else {
      const ref = this.#packs.insert(root, this.#packs.seek(root, index), buffer, start, end);
      if (ref === 0) return false;
      setWideBody(arena, e, ref);
    }
    setBody(arena, e, count + 1);
    return true;
  }

  /** Removes up to `max` elements that equal the value, the first or the last ones. Returns how many. */
  removeEqual(e: EntryRef, isBackward: boolean, max: number, buffer: ByteBuffer, start: number, end: number): number {
    const { arena, limits } = this.#host;
    this.#host.changing(e);
    this.#limits.set(limits.listMaxListpackSize);
    const root = wideBodyOf(arena, e);
    const count = bodyOf(arena, e);
    if (this.#encodingOf(e) === Encoding.quicklist) {
      const removed = this.#quicklist.removeEqual(root, count, isBackward, max, buffer, start, end);
      setBody(arena, e, count - removed);
      if (removed > 0) this.#shrink(e);
      return removed;
    }
    const form = this.#form;
    const { bytes, from, to } = this.#locate(e, 0);
    form.set(buffer, start, end);
    const skip = isBackward ? Math.max(0, countMatches(form, bytes, from, to, buffer, start) - max) : 0;
    const newTo = dropMatches(form, bytes, from, to, skip, max, buffer, start);
    const removed = (to - newTo) / form.totalBytes;
    if (removed === 0) return 0;
    this.#packs.close(root, newTo - from + packHeadBytes, count - removed);
    setWideBody(arena, e, this.#packs.fit(root));
    setBody(arena, e, count - removed);
    return removed;
  }

  /** Moves the first or last element to the other end of the same list. */
  rotate(e: EntryRef, fromTail: boolean): boolean {
    const { buffer, start, end } = this.peek(e, fromTail);
    const length = end - start;
    // A pack may be changed while it is read; a plain element lies in a block of its own, and stays there.
    const isPlain = length > packedBytesMax;
    if (!isPlain) {
      if (length > this.#scratch.sizeBytes) this.#scratch = new ByteBuffer(packedBytesMax);
      copyBytes(buffer, start, end, this.#scratch, 0);
    }
    const at = isPlain ? start : 0;
    if (!this.push(e, !fromTail, isPlain ? buffer : this.#scratch, at, at + length)) return false;
    this.drop(e, fromTail, 1);
    return true;
  }

  /** A quicklist of one pack that is half full becomes that pack. */
  #shrink(e: EntryRef): void {
    const { arena, limits } = this.#host;
    if (bodyOf(arena, e) === 0) return;
    this.#limits.set(limits.listMaxListpackSize);
    const root = wideBodyOf(arena, e);
    const pack = this.#quicklist.onlyPack(root);
    if (pack === 0) return;
    if (arena.viewCount !== 0) arena.views.listRootFreed(root);
    arena.free(root);
    setEncoding(arena, e, Encoding.listpack);
    setWideBody(arena, e, pack);
  }

  #locate(e: EntryRef, index: number): Place {
    const { arena } = this.#host;
    const root = wideBodyOf(arena, e);
    if (this.#encodingOf(e) === Encoding.quicklist) return this.#quicklist.locate(root, index);
    const base = byteOf(arena, root);
    const to = base + this.#packs.bytes(root) - 1;
    return this.#place.set(0, bytesOf(arena, root), base + packHeadBytes, to, bodyOf(arena, e), false, index);
  }

  /** Where in `#words` the body of the entry is: the number of elements, and behind it the root. */
  #open(e: EntryRef): number {
    const { arena } = this.#host;
    const words = arena.segments[e >>> arena.refShift].u32;
    const at = (e & arena.refMask) << 1;
    const head = words[at];
    this.#words = words;
    this.#isQuicklist = (head & encodingMask) === quicklistBits;
    return at + (bodyOffset(head) >>> 2);
  }

  #encodingOf(e: EntryRef): Encoding {
    return ((headOf(this.#host.arena, e) & encodingMask) >> encodingShift) as Encoding;
  }
}
