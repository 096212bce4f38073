import { ByteBuffer, copyBytes } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { packHeadBytes, type Packs } from '../listpack.ts';
import {
  elementBytes,
  ElementForm,
  isShortText,
  previousElement,
  putShortText,
  readElement,
} from '../listpack-element.ts';
import type { Span } from '../span.ts';
import { createPlain, EndField, freePack, type EndWord, plainFlag, plainHeadBytes, RootWord } from './list-blocks.ts';
import type { PackLimits } from './pack-limits.ts';
import { PackTree } from './pack-tree.ts';

const { start: startField, end: endField, count: countField, capacity: capacityField } = EndField;

/**
 * The two ends of a list of encoding quicklist: open packs, in which pushing and popping moves nothing, and what passes between
 * them and the tree. An end that is empty takes the next pack from the tree, or elements from the other end, when it is asked.
 */
export class ListEnds {
  protected readonly arena: Arena;
  protected readonly packs: Packs;
  protected readonly tree: PackTree;
  protected readonly limits: PackLimits;
  protected readonly form = new ElementForm(new ByteBuffer(16));

  constructor(arena: Arena, packs: Packs, limits: PackLimits) {
    this.arena = arena;
    this.packs = packs;
    this.limits = limits;
    this.tree = new PackTree(arena);
  }

  push(root: BlockRef, isTail: boolean, buffer: ByteBuffer, start: number, end: number): boolean {
    if (end - start > this.limits.bytesMax) return this.#pushPlain(root, isTail, buffer, start, end);
    const form = this.form;
    const isShort = isShortText(buffer, start, end);
    if (!isShort) form.set(buffer, start, end);
    const size = isShort ? end - start + 2 : form.totalBytes;
    const words = this.wordsOf(root);
    const at = this.wordOf(root) + endOf(isTail);
    if (!this.#hasRoom(words, at, isTail, size) && !this.#makeRoom(root, isTail, size)) return false;
    const ref = words[at];
    this.changing(root, ref);
    const side = isTail ? endField : startField;
    const offset = isTail ? words[at + endField] : words[at + startField] - size;
    const target = bytesOf(this.arena, ref);
    const p = byteOf(this.arena, ref) + offset;
    if (isShort) putShortText(target, p, buffer, start, end);
    else form.put(target, p, buffer, start);
    words[at + side] = isTail ? offset + size : offset;
    words[at + countField]++;
    return true;
  }

  /** Whether the end can take so many bytes more as it is. */
  #hasRoom(words: Uint32Array, at: number, isTail: boolean, size: number): boolean {
    const count = words[at + countField];
    const start = words[at + startField];
    const end = words[at + endField];
    if (count === 0 || count >= plainFlag || count >= this.limits.countMax) return false;
    if (end - start + packHeadBytes + 1 + size > this.limits.bytesMax) return false;
    return isTail ? end + size < words[at + capacityField] : start >= packHeadBytes + size;
  }

  /** Moves what the end holds aside, or into the tree, so that it can take so many bytes more. */
  #makeRoom(root: BlockRef, isTail: boolean, size: number): boolean {
    const words = this.wordsOf(root);
    const at = this.wordOf(root) + endOf(isTail);
    if (words[at] === 0) this.#adoptIfRoomy(root, isTail, size);
    const count = words[at + countField];
    if (count > 0 && count < plainFlag && count < this.limits.countMax) {
      const packBytes = words[at + endField] - words[at + startField] + packHeadBytes + 1 + size;
      if (packBytes <= this.limits.bytesMax) {
        if (packBytes > words[at + capacityField]) return this.#enlarge(root, isTail, packBytes);
        this.changing(root, words[at]);
        this.#moveTo(words, at, words[at], words[at + capacityField], isTail);
        return true;
      }
    }
    if (count > 0 && !this.#seal(root, isTail)) return false;
    return this.#open(words, at, isTail, size);
  }

  /** A new, empty open pack. */
  #open(words: Uint32Array, at: number, isTail: boolean, size: number): boolean {
    const ref = this.#allocOpen(packHeadBytes + 1 + size, size);
    if (ref === 0) return false;
    const capacity = this.arena.blockBytes(ref);
    words[at] = ref;
    words[at + startField] = isTail ? packHeadBytes : capacity - 1;
    words[at + endField] = words[at + startField];
    words[at + countField] = 0;
    words[at + capacityField] = capacity;
    return true;
  }

  #enlarge(root: BlockRef, isTail: boolean, packBytes: number): boolean {
    const words = this.wordsOf(root);
    const at = this.wordOf(root) + endOf(isTail);
    const old = words[at];
    const ref = this.#allocOpen(packBytes, packBytes);
    if (ref === 0) return false;
    this.#moveTo(words, at, ref, this.arena.blockBytes(ref), isTail);
    freePack(this.arena, root, old);
    return true;
  }

  /** A block for an open pack: as large as the pack may become; if that cannot be had, as it must be. */
  #allocOpen(packBytes: number, elementSize: number): BlockRef {
    const { bytesMax, countMax } = this.limits;
    const full = Math.min(bytesMax, packHeadBytes + 1 + elementSize * countMax);
    const ref = packBytes < full ? this.arena.alloc(full) : 0;
    return ref === 0 ? this.arena.alloc(packBytes) : ref;
  }

  /** Moves the elements of an end to the inner side of a block, which may be the one they are in. */
  #moveTo(words: Uint32Array, at: number, ref: BlockRef, capacity: number, isTail: boolean): void {
    const arena = this.arena;
    const from = byteOf(arena, words[at]);
    const start = words[at + startField];
    const end = words[at + endField];
    const target = isTail ? packHeadBytes : capacity - 1 - (end - start);
    copyBytes(bytesOf(arena, words[at]), from + start, from + end, bytesOf(arena, ref), byteOf(arena, ref) + target);
    words[at] = ref;
    words[at + startField] = target;
    words[at + endField] = target + end - start;
    words[at + capacityField] = capacity;
  }

  #pushPlain(root: BlockRef, isTail: boolean, buffer: ByteBuffer, start: number, end: number): boolean {
    const words = this.wordsOf(root);
    const at = this.wordOf(root) + endOf(isTail);
    const ref = this.createPlain(buffer, start, end);
    if (ref === 0) return false;
    if (words[at] !== 0 && !this.#seal(root, isTail)) {
      this.arena.free(ref);
      return false;
    }
    this.setEnd(words, at, ref, plainHeadBytes, plainHeadBytes + end - start, (1 | plainFlag) >>> 0);
    return true;
  }

  protected createPlain(buffer: ByteBuffer, start: number, end: number): BlockRef {
    const ref = createPlain(this.arena, end - start);
    if (ref === 0) return 0;
    copyBytes(buffer, start, end, bytesOf(this.arena, ref), byteOf(this.arena, ref) + plainHeadBytes);
    return ref;
  }

  protected setEnd(words: Uint32Array, at: number, ref: BlockRef, start: number, end: number, count: number): void {
    words[at] = ref;
    words[at + startField] = start;
    words[at + endField] = end;
    words[at + countField] = count;
    words[at + capacityField] = this.arena.blockBytes(ref);
  }

  /** Puts a pack that was a list of its own at one end of a new list. */
  begin(root: BlockRef, isTail: boolean, pack: BlockRef): void {
    const at = this.wordOf(root) + endOf(isTail);
    const end = this.packs.bytes(pack) - 1;
    this.setEnd(this.wordsOf(root), at, pack, packHeadBytes, end, this.packs.count(pack));
  }

  /** Makes a listpack the last pack. False: no memory, and it is still the caller's. */
  appendPack(root: BlockRef, pack: BlockRef, count: number): boolean {
    if (this.wordsOf(root)[this.wordOf(root) + RootWord.tail] !== 0 && !this.#seal(root, true)) return false;
    return this.tree.push(root, true, pack, count, false);
  }

  /** False when packs are left in the tree and at an end: `onlyPack` then has nothing to find. */
  mayBeOnePack(root: BlockRef): boolean {
    const words = this.wordsOf(root);
    const at = this.wordOf(root);
    if (words[at + RootWord.tree] === 0) return true;
    return words[at + RootWord.head] === 0 && words[at + RootWord.tail] === 0;
  }

  /** The only pack of a list, as a listpack, if it is small enough to be one; 0: it is not. The root is then the caller's. */
  onlyPack(root: BlockRef): BlockRef {
    const words = this.wordsOf(root);
    const rootAt = this.wordOf(root);
    const tree = this.tree;
    if (words[rootAt + RootWord.tree] !== 0) {
      if (words[rootAt + RootWord.head] !== 0 || words[rootAt + RootWord.tail] !== 0) return 0;
      tree.findEdge(root, false);
      if (tree.count !== tree.countIn(root)) return 0;
      this.#adopt(root, false);
    }
    const isTail = words[rootAt + RootWord.head] === 0;
    if (!isTail && words[rootAt + RootWord.tail] !== 0) return 0;
    const at = rootAt + endOf(isTail);
    const count = words[at + countField];
    const { shrunkBytesMax, shrunkCountMax } = this.limits;
    if (count === 0 || count >= plainFlag || count > shrunkCountMax) return 0;
    if (words[at + endField] - words[at + startField] + packHeadBytes + 1 > shrunkBytesMax) return 0;
    this.flatten(root, isTail ? RootWord.tail : RootWord.head);
    return this.packs.fit(words[at]);
  }

  /** The first or the last element, which is then the one that `drop` takes. */
  peek(root: BlockRef, isTail: boolean, span: Span, digits: ByteBuffer): Span {
    const words = this.wordsOf(root);
    const at = this.#sourceOf(root, isTail);
    const bytes = bytesOf(this.arena, words[at]);
    const base = byteOf(this.arena, words[at]);
    const end = base + words[at + endField];
    if (words[at + countField] < plainFlag) {
      const p = isTail ? previousElement(bytes, end) : base + words[at + startField];
      return readElement(bytes, p, span, digits);
    }
    span.buffer = bytes;
    span.start = base + plainHeadBytes;
    span.end = end;
    return span;
  }

  /** Removes `n` elements from one end. */
  drop(root: BlockRef, isTail: boolean, n: number): void {
    const words = this.wordsOf(root);
    const own = this.wordOf(root) + endOf(isTail);
    const ownCount = words[own + countField];
    if (n < ownCount && ownCount < plainFlag) {
      this.#dropFrom(words, own, isTail, n);
      return;
    }
    const tree = this.tree;
    for (let left = n; left > 0;) {
      const at = this.#sourceOf(root, isTail);
      const count = words[at + countField] & ~plainFlag;
      if (left < count) {
        this.#dropFrom(words, at, isTail, left);
        return;
      }
      this.release(root, at);
      left -= count;
      const treeCount = tree.countIn(root);
      if (left === 0 || treeCount === 0) continue;
      if (left >= treeCount) {
        tree.clear(root);
        left -= treeCount;
        continue;
      }
      tree.find(root, isTail ? treeCount - 1 - left : left);
      left -= isTail ? treeCount - tree.before - tree.count : tree.before;
      tree.cut(root, isTail);
    }
  }

  #dropFrom(words: Uint32Array, at: number, isTail: boolean, n: number): void {
    const bytes = bytesOf(this.arena, words[at]);
    const base = byteOf(this.arena, words[at]);
    let p = base + words[at + (isTail ? endField : startField)];
    for (let i = 0; i < n; i++) p = isTail ? previousElement(bytes, p) : p + elementBytes(bytes, p);
    words[at + (isTail ? endField : startField)] = p - base;
    words[at + countField] -= n;
  }

  /** The words of the end that holds the first or last element: the one at that end if it can be filled. */
  #sourceOf(root: BlockRef, isTail: boolean): number {
    const words = this.wordsOf(root);
    const rootAt = this.wordOf(root);
    if (words[rootAt + endOf(isTail)] !== 0) return rootAt + endOf(isTail);
    if (words[rootAt + RootWord.tree] === 0) return rootAt + endOf(!isTail);
    this.tree.findEdge(root, isTail);
    this.#adopt(root, isTail);
    return rootAt + endOf(isTail);
  }

  /** Makes the pack of an end a listpack, in its block. */
  protected flatten(root: BlockRef, end: EndWord): void {
    const words = this.wordsOf(root);
    const at = this.wordOf(root) + end;
    this.changing(root, words[at]);
    if (words[at + startField] !== packHeadBytes) this.#moveTo(words, at, words[at], words[at + capacityField], true);
    this.packs.close(words[at], words[at + endField], words[at + countField]);
  }

  /** Moves both ends into the tree. */
  protected settle(root: BlockRef): boolean {
    const words = this.wordsOf(root);
    const at = this.wordOf(root);
    return (
      (words[at + RootWord.head] === 0 || this.#seal(root, false)) &&
      (words[at + RootWord.tail] === 0 || this.#seal(root, true))
    );
  }

  /** Moves an end into the tree, which leaves the end empty. */
  #seal(root: BlockRef, isTail: boolean): boolean {
    const words = this.wordsOf(root);
    const at = this.wordOf(root) + endOf(isTail);
    const isPlain = words[at + countField] >= plainFlag;
    if (!isPlain) {
      this.flatten(root, endOf(isTail));
      const ref = this.#trim(words[at]);
      if (ref !== words[at]) {
        words[at] = ref;
        words[at + capacityField] = this.arena.blockBytes(ref);
      }
    }
    if (!this.tree.push(root, isTail, words[at], words[at + countField] & ~plainFlag, isPlain)) return false;
    clearEnd(words, at);
    return true;
  }

  /** What goes into the tree will not grow: a block of another size is not kept for an eighth. */
  #trim(ref: BlockRef): BlockRef {
    const arena = this.arena;
    const packBytes = this.packs.bytes(ref);
    if (packBytes * 8 >= arena.blockBytes(ref) * 7) return ref;
    const moved = arena.alloc(packBytes);
    if (moved === 0) return ref;
    const p = byteOf(arena, ref);
    copyBytes(bytesOf(arena, ref), p, p + packBytes, bytesOf(arena, moved), byteOf(arena, moved));
    arena.free(ref);
    return moved;
  }

  /** Takes the slot that the tree has found, at its edge, as the end. */
  #adopt(root: BlockRef, isTail: boolean): void {
    const { ref, count, isPlain } = this.tree;
    const sizeBytes = this.packs.bytes(ref);
    const start = isPlain ? plainHeadBytes : packHeadBytes;
    const end = isPlain ? start + sizeBytes : sizeBytes - 1;
    const at = this.wordOf(root) + endOf(isTail);
    this.setEnd(this.wordsOf(root), at, ref, start, end, isPlain ? (count | plainFlag) >>> 0 : count);
    this.tree.remove(root);
  }

  /** An end that is empty takes the pack beside it, if that has room. */
  #adoptIfRoomy(root: BlockRef, isTail: boolean, size: number): void {
    const tree = this.tree;
    if (tree.countIn(root) === 0) return;
    tree.findEdge(root, isTail);
    if (tree.isPlain || tree.count >= this.limits.countMax) return;
    if (this.packs.bytes(tree.ref) + size <= this.limits.bytesMax) this.#adopt(root, isTail);
  }

  /** Frees the pack of the end whose words begin at `at`. */
  protected release(root: BlockRef, at: number): void {
    const words = this.wordsOf(root);
    freePack(this.arena, root, words[at]);
    clearEnd(words, at);
  }

  /** A pack of the list is about to be changed where it is. */
  protected changing(root: BlockRef, ref: BlockRef): void {
    if (this.arena.viewCount !== 0) this.arena.views.blockChanges(root, ref);
  }

  protected wordsOf(ref: BlockRef): Uint32Array {
    return this.arena.segments[ref >>> this.arena.refShift].u32;
  }

  protected wordOf(ref: BlockRef): number {
    return (ref & this.arena.refMask) << 1;
  }
}

function endOf(isTail: boolean): EndWord {
  return isTail ? RootWord.tail : RootWord.head;
}

function clearEnd(words: Uint32Array, at: number): void {
  words[at] = 0;
  words[at + startField] = 0;
  words[at + endField] = 0;
  words[at + countField] = 0;
  words[at + capacityField] = 0;
}
