import { type ByteBuffer, copyBytes } from '@kvartz/base';
import { bodyOf, byteOf, bytesOf, type EntryRef, setBody, wideBodyOf } from '../entry.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import type { IdTree } from './id-tree.ts';
import { setRootWord, StreamWord, writeRootId } from './layout.ts';
import { nodeSlackBytes } from './node-head.ts';
import type { StreamId } from './stream-id.ts';

/** Fills streams with nodes that come from a file, whose bytes the caller has found to be right. */
export class StreamLoad {
  readonly #host: CollectionHost;
  readonly #tree: IdTree;

  constructor(host: CollectionHost, tree: IdTree) {
    this.#host = host;
    this.#tree = tree;
  }

  /** A further node, above all others, with so many entries that are not deleted. False: no memory, as it was. */
  appendNode(e: EntryRef, id: StreamId, bytes: ByteBuffer, start: number, end: number, entries: number): boolean {
    const { arena } = this.#host;
    this.#host.changing(e);
    const root = wideBodyOf(arena, e);
    const node = arena.alloc(end - start + nodeSlackBytes);
    if (node === 0) return false;
    copyBytes(bytes, start, end, bytesOf(arena, node), byteOf(arena, node));
    if (!this.#tree.set(root, id, node)) {
      arena.free(node);
      return false;
    }
    setRootWord(arena, root, StreamWord.tail, 0);
    setBody(arena, e, bodyOf(arena, e) + entries);
    return true;
  }

  setFirstId(e: EntryRef, id: StreamId): void {
    const { arena } = this.#host;
    this.#host.changing(e);
    writeRootId(arena, wideBodyOf(arena, e), StreamWord.firstId, id);
  }
}
