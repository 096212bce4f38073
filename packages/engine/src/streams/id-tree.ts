import type { BlockRef } from '../arena.ts';
import {
  addEntries,
  appendEntries,
  capacityOf,
  closeEntry,
  createIdNode,
  entriesMax,
  entriesOf,
  entryWord,
  openEntry,
  refAt,
  setRefAt,
  wordOf,
  wordsOf,
} from './id-nodes.ts';
import { IdRoot, idRootBytes, IdWalk, initIdTree, levelsMax } from './id-walk.ts';
import { StreamId } from './stream-id.ts';

/** What a full node keeps when it is split, but at the tree's end. */
const halfEntries = (entriesMax + 1) >> 1;
/** A node with no more entries looks for a neighbour to become one with. */
const joinedMin = 17;
/** Two nodes become one when it is at most this full, so that the next insert does not split it again. */
const joinedMax = 38;

/**
 * B+trees from stream IDs to references: the nodes of a stream, and the lists of its pending entries. Blocks grow with what
 * they hold; IDs that come in order leave full leaves. One object serves all trees of an arena, one at a time.
 *
 * Invariant: no node is empty. (An empty tree has none.)
 */
export class IdTree extends IdWalk {
  /** By level from the leaf: the larger block, or the right part, that the insert will need; then a new root node. */
  readonly #spare = new Uint32Array(levelsMax + 1);
  /** The lowest ID of the node that was split off. */
  readonly #splitId = new StreamId();

  /** An empty tree; 0 when there is no memory. Its root may be freed once the tree is empty again (`clearIdTree`). */
  create(): BlockRef {
    const root = this.arena.alloc(idRootBytes);
    if (root !== 0) initIdTree(this.arena, root);
    return root;
  }

  /** Gives an ID a value, in place of the one it has. False: no memory, and nothing has changed. */
  set(root: BlockRef, id: StreamId, value: BlockRef): boolean {
    const { arena } = this;
    if (this.find(root, id)) {
      setRefAt(arena, this.nodes[this.height - 1], this.slots[this.height - 1], value);
      return true;
    }
    return this.add(root, id, value);
  }

  /** The same for an ID that `get` has just not found. */
  add(root: BlockRef, id: StreamId, value: BlockRef): boolean {
    if (!this.#insert(root, id, value)) return false;
    wordsOf(this.arena, root)[wordOf(this.arena, root) + IdRoot.count]++;
    return true;
  }

  /** Takes an ID out and returns its value; 0 when it is not there. */
  remove(root: BlockRef, id: StreamId): BlockRef {
    if (!this.find(root, id)) return 0;
    const { arena, nodes, slots } = this;
    const leaf = this.height - 1;
    const value = refAt(arena, nodes[leaf], slots[leaf]);
    wordsOf(arena, root)[wordOf(arena, root) + IdRoot.count]--;
    closeEntry(arena, nodes[leaf], slots[leaf]);
    for (let level = leaf; level >= 0; level--) {
      const node = nodes[level];
      const entries = entriesOf(arena, node);
      if (entries === 0) {
        arena.free(node);
        if (level === 0) initIdTree(arena, root);
        else closeEntry(arena, nodes[level - 1], slots[level - 1]);
      } else if (level === 0 || entries > joinedMin || !this.#join(level)) {
        this.#shrink(root, level, entries);
        break;
      }
    }
    this.#lower(root);
    return value;
  }

  #insert(root: BlockRef, id: StreamId, value: BlockRef): boolean {
    const { arena, height, nodes, slots } = this;
    if (height === 0) return this.#plant(root, id, value);
    if (!this.#reserve()) return false;
    this.#lowerBounds(id);
    let childId = id;
    let ref = value;
    for (let level = height - 1; level >= 0; level--) {
      const node = nodes[level];
      const spare = this.#spare[level];
      const slot = slots[level] + 1;
      if (spare === 0) {
        openEntry(arena, node, slot, childId, ref);
        return true;
      }
      const entries = entriesOf(arena, node);
      if (entries < entriesMax) {
        this.#moveTo(root, level, spare);
        openEntry(arena, spare, slot, childId, ref);
        return true;
      }
      const kept = this.#keptAt(level);
      appendEntries(arena, node, kept, entries, spare);
      addEntries(arena, node, kept - entries);
      if (slot > kept || kept === entries) openEntry(arena, spare, slot - kept, childId, ref);
      else openEntry(arena, node, slot, childId, ref);
      this.#splitId.readFrom(wordsOf(arena, spare), entryWord(arena, spare, 0));
      childId = this.#splitId;
      ref = spare;
    }
    this.#raise(root, ref);
    return true;
  }

  /** The first entry. */
  #plant(root: BlockRef, id: StreamId, value: BlockRef): boolean {
    const { arena } = this;
    const leaf = createIdNode(arena, 1);
    if (leaf === 0) return false;
    openEntry(arena, leaf, 0, id, value);
    const words = wordsOf(arena, root);
    const at = wordOf(arena, root);
    words[at + IdRoot.tree] = leaf;
    words[at + IdRoot.height] = 1;
    return true;
  }

  /** The root node has been split: a new one above both parts. */
  #raise(root: BlockRef, right: BlockRef): void {
    const { arena, height } = this;
    const words = wordsOf(arena, root);
    const at = wordOf(arena, root);
    const top = this.#spare[height];
    const left = words[at + IdRoot.tree];
    const id = new StreamId().readFrom(wordsOf(arena, left), entryWord(arena, left, 0));
    openEntry(arena, top, 0, id, left);
    openEntry(arena, top, 1, this.#splitId, right);
    words[at + IdRoot.tree] = top;
    words[at + IdRoot.height] = height + 1;
  }

  /** Allocates what the insert behind the position needs. False: nothing is allocated. */
  #reserve(): boolean {
    const { arena, height, nodes } = this;
    let level = height - 1;
    for (; level >= 0; level--) {
      const entries = entriesOf(arena, nodes[level]);
      this.#spare[level] = 0;
      if (entries < capacityOf(arena, nodes[level])) return true;
      const isSplit = entries === entriesMax;
      const spare = createIdNode(arena, isSplit ? entriesMax - this.#keptAt(level) + 1 : entries + 1);
      if (spare === 0) break;
      this.#spare[level] = spare;
      if (!isSplit) return true;
    }
    if (level < 0) {
      this.#spare[height] = createIdNode(arena, 2);
      if (this.#spare[height] !== 0) return true;
    }
    for (level++; level < height; level++) arena.free(this.#spare[level]);
    return false;
  }

  /** Entries that stay in a full node when it is split: all at the tree's end, so that nodes stay full. */
  #keptAt(level: number): number {
    const { arena, nodes, slots } = this;
    for (let l = level; l >= 0; l--) if (slots[l] !== entriesOf(arena, nodes[l]) - 1) return halfEntries;
    return entriesMax;
  }

  /** An ID below all others: the first entries above its leaf begin with it. */
  #lowerBounds(id: StreamId): void {
    const { arena, nodes } = this;
    for (let level = 0; level < this.height - 1; level++) {
      const words = wordsOf(arena, nodes[level]);
      const at = entryWord(arena, nodes[level], 0);
      if (id.compareTo(words, at) < 0) id.writeTo(words, at);
    }
  }

  /** Makes the node at `level` one with a neighbour. False: it stays, there being none, or none that is small enough. */
  #join(level: number): boolean {
    const { arena, nodes, slots } = this;
    const parent = nodes[level - 1];
    const slot = slots[level - 1];
    if (slot + 1 < entriesOf(arena, parent) && this.#joinAt(parent, slot)) return true;
    return slot > 0 && this.#joinAt(parent, slot - 1);
  }

  /** The child at `slot` takes the entries of the one behind it. */
  #joinAt(parent: BlockRef, slot: number): boolean {
    const { arena } = this;
    const left = refAt(arena, parent, slot);
    const right = refAt(arena, parent, slot + 1);
    const leftEntries = entriesOf(arena, left);
    const rightEntries = entriesOf(arena, right);
    const entries = leftEntries + rightEntries;
    if (entries > joinedMax) return false;
    if (entries > capacityOf(arena, left)) {
      const larger = createIdNode(arena, entries);
      if (larger === 0) return false;
      appendEntries(arena, left, 0, leftEntries, larger);
      arena.free(left);
      setRefAt(arena, parent, slot, larger);
      appendEntries(arena, right, 0, rightEntries, larger);
    } else appendEntries(arena, right, 0, rightEntries, left);
    arena.free(right);
    closeEntry(arena, parent, slot + 1);
    return true;
  }

  /** Two thirds empty: a smaller block, if there is memory for it. */
  #shrink(root: BlockRef, level: number, entries: number): void {
    const { arena } = this;
    if (entries * 3 > capacityOf(arena, this.nodes[level])) return;
    const smaller = createIdNode(arena, entries + (entries >> 1));
    if (smaller !== 0) this.#moveTo(root, level, smaller);
  }

  /** The node at `level` moves to another, empty block. */
  #moveTo(root: BlockRef, level: number, block: BlockRef): void {
    const { arena, nodes, slots } = this;
    appendEntries(arena, nodes[level], 0, entriesOf(arena, nodes[level]), block);
    arena.free(nodes[level]);
    nodes[level] = block;
    if (level > 0) setRefAt(arena, nodes[level - 1], slots[level - 1], block);
    else wordsOf(arena, root)[wordOf(arena, root) + IdRoot.tree] = block;
  }

  /** A root node with one child is one level too many. */
  #lower(root: BlockRef): void {
    const { arena } = this;
    const words = wordsOf(arena, root);
    const at = wordOf(arena, root);
    while (words[at + IdRoot.height] > 1) {
      const node = words[at + IdRoot.tree];
      if (entriesOf(arena, node) > 1) return;
      words[at + IdRoot.tree] = refAt(arena, node, 0);
      words[at + IdRoot.height]--;
      arena.free(node);
    }
  }
}
