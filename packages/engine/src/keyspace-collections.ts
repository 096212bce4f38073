import type { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from './arena.ts';
import { type CollectionLimits, defaultCollectionLimits } from './collection-limits.ts';
import {
  bodyOf,
  type Encoding,
  encodingShift,
  entryBytes,
  type EntryRef,
  isExternal,
  isWide,
  keyLengthBits,
  setBody,
  setWideBody,
  type ValueType,
  wideBodyOf,
  writeEntry,
} from './entry.ts';
import { Hashes } from './hashes/hashes.ts';
import { KeyspaceStrings } from './keyspace-strings.ts';
import { Lists } from './lists/lists.ts';
import { Sets } from './sets/sets.ts';
import { StreamGroups } from './streams/groups/groups.ts';
import { Streams } from './streams/streams.ts';
import { SortedSets } from './zsets/sorted-sets.ts';

/** What the collection types need of the keyspace that holds them. */
export interface CollectionHost {
  readonly arena: Arena;
  readonly limits: CollectionLimits;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  setCollection(
    key: ByteBuffer,
    ks: number,
    ke: number,
    type: ValueType,
    encoding: Encoding,
    root: BlockRef,
    count: number,
  ): EntryRef;
}

/** The chapter of a keyspace that deals with lists, hashes, sets, sorted sets and streams. */
export abstract class KeyspaceCollections extends KeyspaceStrings implements CollectionHost {
  /** May be changed at any time. */
  limits: CollectionLimits = defaultCollectionLimits();
  readonly lists: Lists = new Lists(this);
  readonly hashes: Hashes = new Hashes(this);
  readonly sets: Sets = new Sets(this);
  readonly sortedSets: SortedSets = new SortedSets(this);
  readonly streams: Streams = new Streams(this);
  readonly streamGroups: StreamGroups = new StreamGroups(this);

  /** Elements of a collection: fields, members, items. */
  countOf(e: EntryRef): number {
    this.check(e);
    return bodyOf(this.arena, e);
  }

  /** The first block of a collection's value, which its encoding explains. */
  rootOf(e: EntryRef): BlockRef {
    this.check(e);
    return wideBodyOf(this.arena, e);
  }

  /**
   * Sets the key to a collection, whatever it held, without an expiry. The value under `root` then belongs to the entry. 0
   * when there is no memory: then nothing has changed, and the value belongs to the caller.
   */
  setCollection(
    key: ByteBuffer,
    ks: number,
    ke: number,
    type: ValueType,
    encoding: Encoding,
    root: BlockRef,
    count: number,
  ): EntryRef {
    const { arena } = this;
    const old = this.locateLive(key, ks, ke);
    const head = (keyLengthBits(ke - ks) | (encoding << encodingShift) | type | isWide | isExternal) >>> 0;
    const e = arena.alloc(entryBytes(head, ke - ks));
    if (e === 0) return 0;
    writeEntry(arena, e, head, this.clockAfter(old), Infinity, key, ks, ke);
    setBody(arena, e, count);
    setWideBody(arena, e, root);
    if (this.index(e, old, Infinity)) return e;
    arena.free(e);
    return 0;
  }
}
