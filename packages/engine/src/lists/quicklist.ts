import { type ByteBuffer, copyBytes, equalBytes } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { packHeadBytes, type Packs } from '../listpack.ts';
import { elementBytes } from '../listpack-element.ts';
import { EndField, type EndWord, freePack, plainFlag, plainHeadBytes, RootWord } from './list-blocks.ts';
import { ListEnds } from './list-ends.ts';
import { countMatches, dropMatches } from './match.ts';
import type { PackLimits } from './pack-limits.ts';
import { Place } from './place.ts';

const { start: startField, end: endField, count: countField } = EndField;

/**
 * Lists of encoding quicklist; their blocks are drawn in list-blocks.ts. What happens at the ends is in list-ends.ts; here is
 * what happens at an index, in the pack that the tree finds for it.
 *
 * Indexes must be in range. False: no memory, and the list is as it was.
 */
export class Quicklist extends ListEnds {
  /** Where `locate` has been. */
  readonly place: Place;

  constructor(arena: Arena, packs: Packs, limits: PackLimits) {
    super(arena, packs, limits);
    this.place = new Place(packs.value.buffer);
  }

  /** Finds an element. */
  locate(root: BlockRef, index: number): Place {
    const words = this.wordsOf(root);
    const rootAt = this.wordOf(root);
    const headCount = words[rootAt + RootWord.head + countField] & ~plainFlag;
    if (index < headCount) return this.#locateInEnd(words, rootAt, RootWord.head, index);
    const treeCount = words[rootAt + RootWord.treeCount];
    if (index >= headCount + treeCount) {
      return this.#locateInEnd(words, rootAt, RootWord.tail, index - headCount - treeCount);
    }
    const tree = this.tree;
    tree.find(root, index - headCount);
    const { ref } = tree;
    const base = byteOf(this.arena, ref);
    const bytes = bytesOf(this.arena, ref);
    const sizeBytes = bytes.dv.getUint32(base, true);
    const from = base + (tree.isPlain ? plainHeadBytes : packHeadBytes);
    const to = tree.isPlain ? from + sizeBytes : base + sizeBytes - 1;
    return this.place.set(0, bytes, from, to, tree.count, tree.isPlain, index - headCount - tree.before);
  }

  #locateInEnd(words: Uint32Array, rootAt: number, end: EndWord, index: number): Place {
    const at = rootAt + end;
    const base = byteOf(this.arena, words[at]);
    const count = words[at + countField];
    const from = base + words[at + startField];
    const to = base + words[at + endField];
    const bytes = bytesOf(this.arena, words[at]);
    return this.place.set(end, bytes, from, to, count & ~plainFlag, count >= plainFlag, index);
  }

  replace(root: BlockRef, index: number, buffer: ByteBuffer, start: number, end: number): boolean {
    const place = this.locate(root, index);
    const isPlain = end - start > this.limits.bytesMax;
    if (isPlain !== place.isPlain) return this.#replaceByOther(root, index, buffer, start, end);
    if (isPlain) {
      const ref = this.createPlain(buffer, start, end);
      if (ref === 0) return false;
      freePack(this.arena, root, this.#refAt(root));
      this.#setAt(root, ref, 1, true);
      return true;
    }
    this.form.set(buffer, start, end);
    const more = this.form.totalBytes - elementBytes(place.bytes, place.p);
    if (more > 0 && place.to - place.from + packHeadBytes + 1 + more > this.limits.bytesMax && place.count > 1) {
      return this.#replaceByOther(root, index, buffer, start, end);
    }
    const offset = this.#flattenAt(root);
    const ref = this.packs.replace(this.#refAt(root), offset, buffer, start, end);
    if (ref === 0) return false;
    this.#setAt(root, ref, place.count, false);
    return true;
  }

  /** Puts the value before the element, and then removes that: nothing has been lost when the first fails. */
  #replaceByOther(root: BlockRef, index: number, buffer: ByteBuffer, start: number, end: number): boolean {
    if (!this.insert(root, index, buffer, start, end)) return false;
    this.remove(root, index + 1);
    return true;
  }

  /** Puts a new element before the one at `index`. */
  insert(root: BlockRef, index: number, buffer: ByteBuffer, start: number, end: number): boolean {
    if (index === 0) return this.push(root, false, buffer, start, end);
    const { bytesMax, countMax } = this.limits;
    const isPlain = end - start > bytesMax;
    this.form.set(buffer, start, end);
    const spareMax = bytesMax - packHeadBytes - 1 - this.form.totalBytes;
    for (;;) {
      const place = this.locate(root, index);
      if (!isPlain && !place.isPlain && place.to - place.from <= spareMax && place.count < countMax) {
        const offset = this.#flattenAt(root);
        const ref = this.packs.insert(this.#refAt(root), offset, buffer, start, end);
        if (ref === 0) return false;
        this.#setAt(root, ref, place.count + 1, false);
        return true;
      }
      // What follows is the tree's work.
      if (place.end !== 0) {
        if (!this.settle(root)) return false;
      } else if (place.at === 0 && (isPlain || place.isPlain || place.count === 1)) {
        return this.#insertBlock(root, index, isPlain, buffer, start, end);
      } else if (!this.#split(root, isPlain ? place.at : place.middle())) return false;
    }
  }

  /** A block for the new element, before the one that the tree has found; if there is room in the pack before, that. */
  #insertBlock(
    root: BlockRef,
    index: number,
    isPlain: boolean,
    buffer: ByteBuffer,
    start: number,
    end: number,
  ): boolean {
    const tree = this.tree;
    const packs = this.packs;
    const { bytesMax, countMax } = this.limits;
    if (!isPlain && tree.toPrevious()) {
      const isRoomy = !tree.isPlain && tree.count < countMax;
      if (isRoomy && packs.bytes(tree.ref) + this.form.totalBytes <= bytesMax) {
        this.changing(root, tree.ref);
        const ref = packs.append(tree.ref, buffer, start, end);
        if (ref !== 0) tree.change(root, ref, tree.count + 1);
        return ref !== 0;
      }
      this.locate(root, index);
    }
    let ref: BlockRef;
    if (isPlain) ref = this.createPlain(buffer, start, end);
    else {
      ref = this.arena.alloc(packHeadBytes + 1 + this.form.totalBytes);
      if (ref !== 0) {
        this.form.put(bytesOf(this.arena, ref), byteOf(this.arena, ref) + packHeadBytes, buffer, start);
        packs.close(ref, packHeadBytes + this.form.totalBytes, 1);
      }
    }
    if (ref === 0) return false;
    if (tree.insert(root, false, ref, 1, isPlain)) return true;
    this.arena.free(ref);
    return false;
  }

  /** Makes two packs of the one that the tree has found, the first with `count` elements. */
  #split(root: BlockRef, count: number): boolean {
    const arena = this.arena;
    const tree = this.tree;
    const packs = this.packs;
    const { ref, before } = tree;
    const at = packs.seek(ref, count);
    const rest = tree.count - count;
    const restBytes = packs.bytes(ref) - 1 - at;
    const right = arena.alloc(packHeadBytes + 1 + restBytes);
    if (right === 0) return false;
    const p = byteOf(arena, ref) + at;
    const target = byteOf(arena, right) + packHeadBytes;
    copyBytes(bytesOf(arena, ref), p, p + restBytes, bytesOf(arena, right), target);
    packs.close(right, packHeadBytes + restBytes, rest);
    if (!tree.insert(root, true, right, rest, false)) {
      arena.free(right);
      return false;
    }
    tree.find(root, before);
    this.changing(root, ref);
    packs.close(ref, at, count);
    tree.change(root, packs.fit(ref), count);
    return true;
  }

  remove(root: BlockRef, index: number): void {
    const place = this.locate(root, index);
    if (place.count === 1) {
      this.#removeAt(root);
      return;
    }
    this.changing(root, this.#refAt(root));
    const size = elementBytes(place.bytes, place.p);
    copyBytes(place.bytes, place.p + size, place.to, place.bytes, place.p);
    this.#shorten(root, place.to - size, place.count - 1);
  }

  /** Removes up to `max` elements that equal the value, from the front on or from the back. Returns how many. */
  removeEqual(
    root: BlockRef,
    total: number,
    isBackward: boolean,
    max: number,
    buffer: ByteBuffer,
    start: number,
    end: number,
  ): number {
    this.form.set(buffer, start, end);
    let removed = 0;
    let index = isBackward ? total - 1 : 0;
    while (removed < max && index >= 0 && index < total - removed) {
      const place = this.locate(root, index);
      const { count, at } = place;
      const dropped = this.#removeEqualHere(root, place, isBackward, max - removed, buffer, start, end);
      removed += dropped;
      index += isBackward ? -at - 1 : count - dropped;
    }
    return removed;
  }

  #removeEqualHere(
    root: BlockRef,
    place: Place,
    isBackward: boolean,
    max: number,
    buffer: ByteBuffer,
    start: number,
    end: number,
  ): number {
    const { bytes, from, to, count } = place;
    const form = this.form;
    if (place.isPlain) {
      if (!equalBytes(bytes, from, to, buffer, start, end)) return 0;
      this.#removeAt(root);
      return 1;
    }
    // Sizes are alike, so bytes tell how many have gone.
    const size = form.totalBytes;
    let skip = 0;
    if (this.arena.viewCount !== 0 && countMatches(form, bytes, from, to, buffer, start) > 0) {
      this.changing(root, this.#refAt(root));
    }
    if (isBackward && max < count) skip = Math.max(0, countMatches(form, bytes, from, to, buffer, start) - max);
    const newTo = dropMatches(form, bytes, from, to, skip, max, buffer, start);
    const dropped = (to - newTo) / size;
    if (dropped === count) this.#removeAt(root);
    else if (dropped > 0) this.#shorten(root, newTo, count - dropped);
    return dropped;
  }

  /** The pack that was located ends at `to` now. */
  #shorten(root: BlockRef, to: number, count: number): void {
    const { end } = this.place;
    if (end !== 0) {
      const words = this.wordsOf(root);
      const at = this.wordOf(root) + end;
      words[at + endField] = to - byteOf(this.arena, words[at]);
      words[at + countField] = count;
      return;
    }
    const { ref } = this.tree;
    this.packs.close(ref, to - byteOf(this.arena, ref), count);
    this.tree.change(root, this.packs.fit(ref), count);
  }

  /** Removes the whole block that was located. */
  #removeAt(root: BlockRef): void {
    const { end } = this.place;
    if (end !== 0) {
      this.release(root, this.wordOf(root) + end);
      return;
    }
    const { ref } = this.tree;
    this.tree.remove(root);
    freePack(this.arena, root, ref);
  }

  #refAt(root: BlockRef): BlockRef {
    const { end } = this.place;
    return end === 0 ? this.tree.ref : this.wordsOf(root)[this.wordOf(root) + end];
  }

  /** Another block where the located one was. */
  #setAt(root: BlockRef, ref: BlockRef, count: number, isPlain: boolean): void {
    const { end } = this.place;
    if (end === 0) {
      this.tree.change(root, ref, count, isPlain);
      return;
    }
    const words = this.wordsOf(root);
    const start = isPlain ? plainHeadBytes : packHeadBytes;
    const sizeBytes = this.packs.bytes(ref);
    const blockEnd = isPlain ? start + sizeBytes : sizeBytes - 1;
    this.setEnd(words, this.wordOf(root) + end, ref, start, blockEnd, isPlain ? (count | plainFlag) >>> 0 : count);
  }

  /** Makes the located pack a listpack; returns the position of the located element in it. */
  #flattenAt(root: BlockRef): number {
    const { end, p, from } = this.place;
    if (end !== 0) this.flatten(root, end);
    else this.changing(root, this.tree.ref);
    return packHeadBytes + p - from;
  }
}
