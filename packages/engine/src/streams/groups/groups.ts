import type { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../../arena.ts';
import { Encoding, type EntryRef } from '../../entry.ts';
import { Span } from '../../span.ts';
import { rootWord, setRootWord, StreamWord } from '../layout.ts';
import { wordOf, wordsOf } from '../id-nodes.ts';
import { StreamId } from '../stream-id.ts';
import type { StreamWalk } from '../stream-walk.ts';
import {
  consumerNameAt,
  type ConsumerRef,
  ConsumerWord,
  createNamed,
  doubleAt,
  groupNameAt,
  type GroupRef,
  GroupWord,
  setDoubleAt,
  setWordAt,
  wordAt,
} from './layout.ts';
import { NamedList } from './named-list.ts';
import { PendingEntries } from './pending.ts';
import { entriesRead, lagOf, noteRead, setEntriesRead } from './read-counter.ts';

/** In place of a consumer's active time: it has never had an entry. */
export const NEVER_ACTIVE = -1;

const max = new StreamId().setMax();

/** What groups need of the keyspace that holds their streams. */
export interface GroupHost {
  readonly arena: Arena;
  /** Of any span; groups have their own. */
  readonly span: Span;
  rootOf(e: EntryRef): BlockRef;
  /** Entries of the stream. */
  countOf(e: EntryRef): number;
  /** To be called before a stream, or what belongs to it, changes: see `KeyspaceBase.changing`. */
  changing(e: EntryRef): void;
}

/**
 * Consumer groups of streams, and their consumers. A reference is valid until what it names is removed. Who has one from `find` or
 * `create` may change the group, up to the moment at which the next cut is begun; one from `at` is for reading.
 */
export class StreamGroups {
  readonly pending: PendingEntries;
  readonly #host: GroupHost;
  readonly #arena: Arena;
  readonly #groups: NamedList;
  readonly #consumers: NamedList;
  /** Filled by `nameOf` and `consumerName`. */
  readonly #name: Span;
  readonly #id = new StreamId();

  constructor(host: GroupHost) {
    const { arena } = host;
    this.#host = host;
    this.#arena = arena;
    this.#groups = new NamedList(arena, groupNameAt);
    this.#consumers = new NamedList(arena, consumerNameAt);
    this.pending = new PendingEntries(arena);
    this.#name = new Span(host.span.buffer);
  }

  // Groups of the stream in entry `e`

  count(e: EntryRef): number {
    return this.#groups.count(this.#listOf(e));
  }

  at(e: EntryRef, i: number): GroupRef {
    return this.#groups.at(this.#listOf(e), i);
  }

  find(e: EntryRef, name: ByteBuffer, start: number, end: number): GroupRef {
    this.#host.changing(e);
    return this.#groups.find(this.#listOf(e), name, start, end);
  }

  /** A group of a name that the stream has none of. 0: no memory, as it was. */
  create(e: EntryRef, name: ByteBuffer, start: number, end: number, lastId: StreamId, read: bigint): GroupRef {
    this.#host.changing(e);
    const arena = this.#arena;
    const group = createNamed(arena, groupNameAt, name, start, end);
    if (group === 0) return 0;
    const list = this.#groups.add(this.#listOf(e), group);
    if (list === 0) {
      arena.free(group);
      return 0;
    }
    setRootWord(arena, this.#host.rootOf(e), StreamWord.groups, list);
    this.setLastId(group, lastId);
    setEntriesRead(arena, group, read);
    return group;
  }

  /** Destroys a group; what it holds is freed bit by bit if it is much. */
  destroy(e: EntryRef, group: GroupRef): void {
    this.#host.changing(e);
    const list = this.#groups.remove(this.#listOf(e), group);
    setRootWord(this.#arena, this.#host.rootOf(e), StreamWord.groups, list);
    const size = this.pending.count(group) + this.consumerCount(group);
    this.#arena.lazyFree.addValue(Encoding.streamGroup, group, size);
  }

  nameOf(group: GroupRef): Span {
    return this.#groups.readName(group, this.#name);
  }

  /** The last entry that the group has given to anybody. */
  lastId(group: GroupRef, into: StreamId): StreamId {
    const { u32 } = this.#arena.segments[group >>> this.#arena.refShift];
    return into.readFrom(u32, ((group & this.#arena.refMask) << 1) + GroupWord.lastId);
  }

  setLastId(group: GroupRef, id: StreamId): void {
    const { u32 } = this.#arena.segments[group >>> this.#arena.refShift];
    id.writeTo(u32, ((group & this.#arena.refMask) << 1) + GroupWord.lastId);
    setWordAt(this.#arena, group, GroupWord.place, 0);
  }

  /** Leads the walk to the first entry that the group has not given out. False: there is none. */
  seekNew(e: EntryRef, group: GroupRef, walk: StreamWalk): boolean {
    const arena = this.#arena;
    const root = this.#host.rootOf(e);
    const last = this.lastId(group, this.#id);
    if (last.compareTo(wordsOf(arena, root), wordOf(arena, root) + StreamWord.lastId) >= 0) return false;
    const place = wordAt(arena, group, GroupWord.place);
    const isKnown =
      place !== 0 && wordAt(arena, group, GroupWord.placeRemovals) === rootWord(arena, root, StreamWord.removals);
    if (isKnown) walk.seekBehind(root, last, place);
    else {
      last.increment();
      walk.seek(root, last, max, false);
    }
    return walk.next();
  }

  /** The entry that the walk has reached, which comes after all that the group has given out, goes out. */
  advance(e: EntryRef, group: GroupRef, walk: StreamWalk): void {
    const arena = this.#arena;
    const root = this.#host.rootOf(e);
    noteRead(arena, root, this.#host.countOf(e), group, walk.id);
    this.setLastId(group, walk.id);
    setWordAt(arena, group, GroupWord.placeRemovals, rootWord(arena, root, StreamWord.removals));
    setWordAt(arena, group, GroupWord.place, walk.behind);
  }

  /** Entries of the stream up to the group's last one; -1: not known. */
  entriesRead(group: GroupRef): bigint {
    return entriesRead(this.#arena, group);
  }

  setEntriesRead(group: GroupRef, read: bigint): void {
    setEntriesRead(this.#arena, group, read);
  }

  /** Entries of the stream that the group has still to give out; undefined: not known. */
  lagOf(e: EntryRef, group: GroupRef): bigint | undefined {
    return lagOf(this.#arena, this.#host.rootOf(e), this.#host.countOf(e), group);
  }

  // Consumers of a group

  consumerCount(group: GroupRef): number {
    return this.#consumers.count(wordAt(this.#arena, group, GroupWord.consumers));
  }

  consumerAt(group: GroupRef, i: number): ConsumerRef {
    return this.#consumers.at(wordAt(this.#arena, group, GroupWord.consumers), i);
  }

  findConsumer(group: GroupRef, name: ByteBuffer, start: number, end: number): ConsumerRef {
    return this.#consumers.find(wordAt(this.#arena, group, GroupWord.consumers), name, start, end);
  }

  /** A consumer of a name that the group has none of; seen now, never active. 0: no memory, as it was. */
  createConsumer(group: GroupRef, name: ByteBuffer, start: number, end: number, nowMs: number): ConsumerRef {
    const arena = this.#arena;
    const consumer = createNamed(arena, consumerNameAt, name, start, end);
    if (consumer === 0) return 0;
    const list = this.#consumers.add(wordAt(arena, group, GroupWord.consumers), consumer);
    if (list === 0) {
      arena.free(consumer);
      return 0;
    }
    setWordAt(arena, group, GroupWord.consumers, list);
    this.setSeenMs(consumer, nowMs);
    this.setActiveMs(consumer, NEVER_ACTIVE);
    return consumer;
  }

  /** Removes a consumer with its pending entries; returns how many it had. */
  removeConsumer(group: GroupRef, consumer: ConsumerRef): number {
    const arena = this.#arena;
    const { pending } = this;
    const list = this.#consumers.remove(wordAt(arena, group, GroupWord.consumers), consumer);
    setWordAt(arena, group, GroupWord.consumers, list);
    const count = pending.count(consumer);
    pending.removeAll(group, consumer);
    if (arena.viewCount !== 0) arena.views.consumerGone(group, consumer);
    arena.free(consumer);
    return count;
  }

  consumerName(consumer: ConsumerRef): Span {
    return this.#consumers.readName(consumer, this.#name);
  }

  /** Milliseconds since the epoch: when the consumer last asked for something. */
  seenMs(consumer: ConsumerRef): number {
    return doubleAt(this.#arena, consumer, ConsumerWord.seenMs);
  }

  setSeenMs(consumer: ConsumerRef, ms: number): void {
    setDoubleAt(this.#arena, consumer, ConsumerWord.seenMs, ms);
  }

  /** When it last got something; NEVER_ACTIVE: it has not yet. */
  activeMs(consumer: ConsumerRef): number {
    return doubleAt(this.#arena, consumer, ConsumerWord.activeMs);
  }

  setActiveMs(consumer: ConsumerRef, ms: number): void {
    setDoubleAt(this.#arena, consumer, ConsumerWord.activeMs, ms);
  }

  #listOf(e: EntryRef): BlockRef {
    return rootWord(this.#arena, this.#host.rootOf(e), StreamWord.groups);
  }
}
