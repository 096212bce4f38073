import type { Arena, BlockRef } from '../arena.ts';
import { bytesOf, Encoding } from '../entry.ts';
import { FreeBudget } from '../free-budget.ts';
import { elementBytes, integerElement } from '../listpack-element.ts';
import { addIntegerElement } from '../listpack-integer.ts';
import { clearIdTree } from './id-tree-value.ts';
import type { IdTree } from './id-tree.ts';
import { IdWalk, moveIdTree } from './id-walk.ts';
import { createStreamRoot, freeNode, rootWord, setRootWord, StreamWord } from './layout.ts';
import { entryBefore, EntryFlag, skipElements } from './node-head.ts';
import type { NodeWriter } from './node-writer.ts';
import { StreamId } from './stream-id.ts';

/** So many nodes are freed one by one, which takes a millisecond. */
const atOnceMax = 1000;

/**
 * Removes entries from the start of a stream: whole nodes first, then, if the trimming is exact, entries of the node that is then
 * first, which are flagged. Both ways return how many were removed, and leave the numbers in the root and the key's entry to
 * their caller.
 */
export class StreamTrim {
  readonly #arena: Arena;
  readonly #tree: IdTree;
  readonly #writer: NodeWriter;
  readonly #master = new StreamId();
  readonly #id = new StreamId();

  constructor(arena: Arena, tree: IdTree, writer: NodeWriter) {
    this.#arena = arena;
    this.#tree = tree;
    this.#writer = writer;
  }

  /** `count`: entries that the stream has. */
  toLength(root: BlockRef, count: number, length: number, isApproximate: boolean, max: number): number {
    let removed = 0;
    for (let nodes = 1; count - removed > length && this.#tree.seekFirst(root); nodes++) {
      const entries = this.#writer.headOf(this.#tree.value).count;
      if (max > 0 && removed + entries > max) break;
      if (count - removed - entries < length) {
        if (!isApproximate) removed += this.#flagFirst(root, count - removed - length, undefined);
        break;
      }
      this.#removeFirstNode(root);
      removed += entries;
      if (nodes === atOnceMax && max === 0) removed += this.#cutFront(root, count - removed, length, undefined);
    }
    return removed;
  }

  toId(root: BlockRef, count: number, id: StreamId, isApproximate: boolean, max: number): number {
    let removed = 0;
    for (let nodes = 1; this.#tree.seekFirst(root); nodes++) {
      const entries = this.#writer.headOf(this.#tree.value).count;
      if (max > 0 && removed + entries > max) break;
      if (this.#lastIdOf(this.#tree.value).compare(id) >= 0) {
        if (!isApproximate) removed += this.#flagFirst(root, Infinity, id);
        break;
      }
      this.#removeFirstNode(root);
      removed += entries;
      if (nodes === atOnceMax && max === 0) removed += this.#cutFront(root, count - removed, Infinity, id);
    }
    return removed;
  }

  /**
   * Takes all nodes away that are to go, whole, and has them freed in slices; what stays is put into a tree of its own. Returns how
   * many of the `count` entries were removed: 0 if more nodes stay than half of them, or there is no memory.
   */
  #cutFront(root: BlockRef, count: number, length: number, end: StreamId | undefined): number {
    const arena = this.#arena;
    const tree = this.#tree;
    let nodesLeft = tree.count(root) >>> 1;
    let kept = 0;
    let has = tree.seekLast(root);
    for (; has && nodesLeft > 0 && !this.#goes(tree.value, kept, length, end); nodesLeft--) {
      kept += this.#writer.headOf(tree.value).count;
      has = tree.previous();
    }
    if (!has || nodesLeft === 0) return 0;
    this.#master.copy(tree.id);
    const gone = createStreamRoot(arena);
    if (gone === 0) return 0;
    moveIdTree(arena, root, gone);
    const walk = new IdWalk(arena);
    walk.seekFloor(gone, this.#master);
    while (walk.next()) {
      if (tree.set(root, walk.id, walk.value)) continue;
      clearIdTree(arena, root, new FreeBudget(Infinity));
      moveIdTree(arena, gone, root);
      arena.free(gone);
      return 0;
    }
    walk.seekFloor(gone, this.#master);
    while (walk.next()) walk.replace(0);
    if (kept === 0) setRootWord(arena, root, StreamWord.tail, 0);
    if (arena.viewCount === 0 || !arena.views.keepsPart(root, Encoding.stream, gone)) {
      arena.lazyFree.addValue(Encoding.stream, gone, count - kept);
    }
    return count - kept;
  }

  /** Whether the node that the tree is at goes as a whole, where `kept` entries stand behind it. */
  #goes(node: BlockRef, kept: number, length: number, end: StreamId | undefined): boolean {
    return end === undefined ? kept >= length : this.#lastIdOf(node).compare(end) < 0;
  }

  #removeFirstNode(root: BlockRef): void {
    const arena = this.#arena;
    const node = this.#tree.remove(root, this.#master.copy(this.#tree.id));
    freeNode(arena, root, node);
    if (node === rootWord(arena, root, StreamWord.tail)) setRootWord(arena, root, StreamWord.tail, 0);
  }

  /** The ID of the last entry of the first node, deleted or not. */
  #lastIdOf(node: BlockRef): StreamId {
    const bytes = bytesOf(this.#arena, node);
    return this.#readId(node, entryBefore(bytes, this.#writer.headOf(node).end));
  }

  /** Reads the ID of the entry at byte `p` of the node that the tree is at. */
  #readId(node: BlockRef, p: number): StreamId {
    const bytes = bytesOf(this.#arena, node);
    const msAt = p + elementBytes(bytes, p);
    const id = this.#id.words;
    const master = this.#tree.id.words;
    addIntegerElement(bytes, msAt, master, id, 0);
    addIntegerElement(bytes, msAt + elementBytes(bytes, msAt), master, id, 2);
    return this.#id;
  }

  /** Flags up to `max` entries of the node that the tree is at, if there is an `end` those below it. */
  #flagFirst(root: BlockRef, max: number, end: StreamId | undefined): number {
    const arena = this.#arena;
    const node = this.#tree.value;
    if (arena.viewCount !== 0) arena.views.blockChanges(root, node);
    const bytes = bytesOf(arena, node);
    const head = this.#writer.headOf(node);
    let flagged = 0;
    for (let p = head.firstEntryAt; p < head.end && flagged < max;) {
      if (end !== undefined && this.#readId(node, p).compare(end) >= 0) break;
      const flags = bytes.u8[p];
      if ((flags & EntryFlag.deleted) === 0) {
        this.#writer.flagDeleted(node, p);
        flagged++;
      }
      p = skipElements(bytes, p, 3);
      const isSame = (flags & EntryFlag.sameFields) !== 0;
      const elements = isSame ? head.fieldCount : integerElement(bytes, p) * 2 + 1;
      p = skipElements(bytes, p, elements + 1);
    }
    if (flagged > 0) this.#writer.countDeleted(node, flagged);
    return flagged;
  }
}
