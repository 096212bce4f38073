import type { ByteBuffer } from '@kvartz/base';
import type { BlockRef } from '../arena.ts';
import { bodyOf, Encoding, type EntryRef, setBody, ValueType, wideBodyOf } from '../entry.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import { IdTree } from './id-tree.ts';
import {
  countAppended,
  createStreamRoot,
  freeNode,
  readRootId,
  rootWord,
  setRootWord,
  StreamWord,
  writeRootId,
} from './layout.ts';
import { type FieldTexts, NodeWriter } from './node-writer.ts';
import { StreamId } from './stream-id.ts';
import { StreamLoad } from './stream-load.ts';
import { StreamTrim } from './stream-trim.ts';
import { StreamWalk } from './stream-walk.ts';

/** Redis's bound for what one entry, and one node, may hold. */
export const streamEntryBytesMax = 2 ** 30;

const zero = new StreamId();

/**
 * The streams of a keyspace: entries in nodes (node-head.ts) under a tree (id-tree.ts), and a root (layout.ts) with what Redis
 * keeps of a stream. Methods take the entry of a stream. A stream without entries is a stream, and stays.
 */
export class Streams {
  readonly walk: StreamWalk;
  readonly load: StreamLoad;
  readonly #host: CollectionHost;
  readonly #tree: IdTree;
  readonly #writer: NodeWriter;
  readonly #trim: StreamTrim;
  readonly #master = new StreamId();
  readonly #own: StreamWalk;

  constructor(host: CollectionHost) {
    const { arena } = host;
    this.#host = host;
    this.#tree = new IdTree(arena);
    this.#writer = new NodeWriter(arena);
    this.#trim = new StreamTrim(arena, this.#tree, this.#writer);
    this.walk = new StreamWalk(arena);
    this.load = new StreamLoad(host, this.#tree);
    this.#own = new StreamWalk(arena);
  }

  /** Sets the key to a stream without entries; 0: no memory. */
  create(key: ByteBuffer, ks: number, ke: number): EntryRef {
    const { arena } = this.#host;
    const root = createStreamRoot(arena);
    if (root === 0) return 0;
    const e = this.#host.setCollection(key, ks, ke, ValueType.stream, Encoding.stream, root, 0);
    if (e === 0) arena.free(root);
    return e;
  }

  /** Entries. */
  count(e: EntryRef): number {
    return bodyOf(this.#host.arena, e);
  }

  /** Nodes that the entries are in. */
  nodeCount(e: EntryRef): number {
    return this.#tree.count(this.root(e));
  }

  root(e: EntryRef): BlockRef {
    return wideBodyOf(this.#host.arena, e);
  }

  /** Consumer groups; 0: there are none. */
  groups(e: EntryRef): BlockRef {
    return rootWord(this.#host.arena, this.root(e), StreamWord.groups);
  }

  setGroups(e: EntryRef, groups: BlockRef): void {
    this.#host.changing(e);
    setRootWord(this.#host.arena, this.root(e), StreamWord.groups, groups);
  }

  /** The highest ID that an entry has had, or that XSETID has set. */
  lastId(e: EntryRef, into: StreamId): StreamId {
    return readRootId(this.#host.arena, this.root(e), StreamWord.lastId, into);
  }

  setLastId(e: EntryRef, id: StreamId): void {
    this.#host.changing(e);
    writeRootId(this.#host.arena, this.root(e), StreamWord.lastId, id);
  }

  /** The ID of the first entry; 0-0 when there is none. */
  firstId(e: EntryRef, into: StreamId): StreamId {
    return readRootId(this.#host.arena, this.root(e), StreamWord.firstId, into);
  }

  /** The highest ID that XDEL has removed. */
  maxDeletedId(e: EntryRef, into: StreamId): StreamId {
    return readRootId(this.#host.arena, this.root(e), StreamWord.maxDeletedId, into);
  }

  setMaxDeletedId(e: EntryRef, id: StreamId): void {
    this.#host.changing(e);
    writeRootId(this.#host.arena, this.root(e), StreamWord.maxDeletedId, id);
  }

  /** Entries that the stream has had since the start: a 64-bit number as two words. */
  entriesAddedHigh(e: EntryRef): number {
    return rootWord(this.#host.arena, this.root(e), StreamWord.entriesAdded);
  }

  entriesAddedLow(e: EntryRef): number {
    return rootWord(this.#host.arena, this.root(e), StreamWord.entriesAdded + 1);
  }

  setEntriesAdded(e: EntryRef, high: number, low: number): void {
    this.#host.changing(e);
    const { arena } = this.#host;
    setRootWord(arena, this.root(e), StreamWord.entriesAdded, high);
    setRootWord(arena, this.root(e), StreamWord.entriesAdded + 1, low);
  }

  /** The ID of the last entry that is there, 0-0 when there is none. */
  lastEntryId(e: EntryRef, into: StreamId): StreamId {
    const walk = this.#own;
    walk.seekAll(this.root(e), true);
    return walk.next() ? into.copy(walk.id) : into.setMin();
  }

  has(e: EntryRef, id: StreamId): boolean {
    this.#own.seek(this.root(e), id, id, false);
    return this.#own.next();
  }

  /**
   * Appends an entry of `fieldCount` fields with their values, texts from `first` on, which must not take more than
   * `streamEntryBytesMax`. Its ID must be above the last one. False: no memory, and nothing has changed.
   */
  append(e: EntryRef, id: StreamId, texts: FieldTexts, first: number, fieldCount: number): boolean {
    const { arena } = this.#host;
    this.#host.changing(e);
    const root = this.root(e);
    const writer = this.#writer;
    writer.measure(texts, first, fieldCount * 2);
    const tail = this.#tailOf(root);
    const nodeBytesMax = this.#nodeBytesMax;
    if (tail === 0 || writer.isFull(tail, nodeBytesMax, this.#nodeEntriesMax, texts, first, fieldCount * 2)) {
      if (!this.#appendNode(root, tail, id, texts, first, fieldCount)) return false;
    } else {
      const block = writer.withRoom(tail, nodeBytesMax);
      if (block === 0) return false;
      if (block !== tail) this.#moveTail(root, tail, block);
      else if (arena.viewCount !== 0) arena.views.blockChanges(root, tail);
      writer.append(block, this.#master, id, texts, first, fieldCount);
    }
    const count = bodyOf(arena, e) + 1;
    setBody(arena, e, count);
    countAppended(arena, root, id, count === 1);
    return true;
  }

  /** Removes an entry; false: it is not there. */
  remove(e: EntryRef, id: StreamId): boolean {
    this.#host.changing(e);
    const { arena } = this.#host;
    const root = this.root(e);
    const walk = this.#own;
    walk.seek(root, id, id, false);
    if (!walk.next()) return false;
    const { nodeRef } = walk;
    const writer = this.#writer;
    const count = bodyOf(arena, e) - 1;
    if (writer.headOf(nodeRef).count === 1) {
      this.#tree.remove(root, walk.masterId);
      freeNode(arena, root, nodeRef);
      if (nodeRef === rootWord(arena, root, StreamWord.tail)) setRootWord(arena, root, StreamWord.tail, 0);
    } else {
      if (arena.viewCount !== 0) arena.views.blockChanges(root, nodeRef);
      writer.flagDeleted(nodeRef, walk.entryAt);
      writer.countDeleted(nodeRef, 1);
    }
    setBody(arena, e, count);
    this.#noteRemoval(root);
    if (id.compare(this.firstId(e, this.#master)) === 0) this.#findFirst(e);
    return true;
  }

  /**
   * Removes the first entries until `length` are left. Approximately: by whole nodes, and not more than `max` (0: any number).
   * Returns how many were removed.
   */
  trimToLength(e: EntryRef, length: number, isApproximate: boolean, max: number): number {
    this.#host.changing(e);
    const count = bodyOf(this.#host.arena, e);
    return this.#trimmed(e, this.#trim.toLength(this.root(e), count, length, isApproximate, max));
  }

  /** The same until no ID below `id` is left. */
  trimToId(e: EntryRef, id: StreamId, isApproximate: boolean, max: number): number {
    this.#host.changing(e);
    return this.#trimmed(e, this.#trim.toId(this.root(e), this.count(e), id, isApproximate, max));
  }

  #trimmed(e: EntryRef, removed: number): number {
    if (removed === 0) return 0;
    const { arena } = this.#host;
    setBody(arena, e, bodyOf(arena, e) - removed);
    this.#noteRemoval(this.root(e));
    this.#findFirst(e);
    return removed;
  }

  #noteRemoval(root: BlockRef): void {
    const { arena } = this.#host;
    setRootWord(arena, root, StreamWord.removals, rootWord(arena, root, StreamWord.removals) + 1);
  }

  /** The first entry is another one. */
  #findFirst(e: EntryRef): void {
    const walk = this.#own;
    walk.seekAll(this.root(e), false);
    writeRootId(this.#host.arena, this.root(e), StreamWord.firstId, walk.next() ? walk.id : zero);
  }

  /** The last node, with its ID in `#master`; 0: there is none. */
  #tailOf(root: BlockRef): BlockRef {
    const { arena } = this.#host;
    const known = rootWord(arena, root, StreamWord.tail);
    if (known !== 0) {
      readRootId(arena, root, StreamWord.tailId, this.#master);
      return known;
    }
    const tree = this.#tree;
    if (!tree.seekLast(root)) return 0;
    this.#master.copy(tree.id);
    this.#setTail(root, tree.value, tree.id);
    return tree.value;
  }

  #setTail(root: BlockRef, ref: BlockRef, id: StreamId): void {
    const { arena } = this.#host;
    setRootWord(arena, root, StreamWord.tail, ref);
    writeRootId(arena, root, StreamWord.tailId, id);
  }

  get #nodeBytesMax(): number {
    const { streamNodeMaxBytes } = this.#host.limits;
    return streamNodeMaxBytes === 0 ? streamEntryBytesMax : Math.min(streamNodeMaxBytes, streamEntryBytesMax);
  }

  get #nodeEntriesMax(): number {
    const { streamNodeMaxEntries } = this.#host.limits;
    return streamNodeMaxEntries === 0 ? Infinity : streamNodeMaxEntries;
  }

  #appendNode(
    root: BlockRef,
    tail: BlockRef,
    id: StreamId,
    texts: FieldTexts,
    first: number,
    fieldCount: number,
  ): boolean {
    const writer = this.#writer;
    const node = writer.create(texts, first, fieldCount, this.#nodeBytesMax);
    if (node === 0) return false;
    if (!this.#tree.set(root, id, node)) {
      this.#host.arena.free(node);
      return false;
    }
    if (tail !== 0) {
      const fitted = writer.fitted(tail);
      if (fitted !== tail) this.#moveTail(root, tail, fitted);
    }
    this.#setTail(root, node, id);
    return true;
  }

  /** The node whose ID is `#master` has got another block. */
  #moveTail(root: BlockRef, tail: BlockRef, block: BlockRef): void {
    this.#tree.get(root, this.#master);
    this.#tree.replace(block);
    freeNode(this.#host.arena, root, tail);
    setRootWord(this.#host.arena, root, StreamWord.tail, block);
  }
}
