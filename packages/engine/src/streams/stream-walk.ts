import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { elementBytes, integerElement, readElement } from '../listpack-element.ts';
import { addIntegerElement } from '../listpack-integer.ts';
import { Span } from '../span.ts';
import { IdWalk } from './id-walk.ts';
import { entryBefore, EntryFlag, NodeHead, skipElements } from './node-head.ts';
import { StreamId } from './stream-id.ts';

const min = new StreamId();
const max = new StreamId().setMax();

/**
 * Goes through the entries of a stream in a range of IDs, forward or backward, without an object for each. The stream must not
 * change meanwhile.
 *
 *   walk.seek(root, start, end, false);
 *   while (walk.next()) while (walk.nextField()) use(walk.id, walk.field, walk.value);
 */
export class StreamWalk {
  /** Of the entry that `next` has reached. */
  readonly id: StreamId = new StreamId();
  fieldCount = 0;
  /** Filled by `nextField`: valid until its next call. */
  readonly field: Span;
  readonly value: Span;
  /**
   * Where the entry lies: `bytes[at, to)` are values, with fields in `bytes[fieldsAt, ...)`, if `hasMasterFields`; else fields and values
   * by turns. For whoever copies elements as they are.
   */
  bytes: ByteBuffer;
  at = 0;
  to = 0;
  fieldsAt = 0;
  hasMasterFields = false;
  /** Of the entry's node, and where its flags stand in its segment. */
  nodeRef: BlockRef = 0;
  entryAt = 0;

  readonly #arena: Arena;
  readonly #nodes: IdWalk;
  readonly #head = new NodeHead();
  readonly #start = new StreamId();
  readonly #end = new StreamId();
  readonly #fieldDigits = new ByteBuffer(32);
  readonly #valueDigits = new ByteBuffer(32);
  #isBackward = false;
  #isDone = true;
  /** The entry after the one reached, or the end of the one before. */
  #p = 0;
  #fieldsLeft = 0;
  #fieldAt = 0;
  #valueAt = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#nodes = new IdWalk(arena);
    this.bytes = this.#fieldDigits;
    this.field = new Span(this.#fieldDigits);
    this.value = new Span(this.#valueDigits);
  }

  /** The ID that the differences of the entry's node are to. */
  get masterId(): StreamId {
    return this.#nodes.id;
  }

  /** All entries. */
  seekAll(root: BlockRef, isBackward: boolean): void {
    this.seek(root, min, max, isBackward);
  }

  /** Entries from `start` to `end`, both with them; backward the highest comes first. */
  seek(root: BlockRef, start: StreamId, end: StreamId, isBackward: boolean): void {
    this.#start.copy(start);
    this.#end.copy(end);
    this.#isBackward = isBackward;
    const nodes = this.#nodes;
    const isFound = isBackward ? nodes.seekFloor(root, end) : nodes.seekFloor(root, start) || nodes.seekFirst(root);
    this.#isDone = !isFound || start.compare(end) > 0;
    if (!isFound) return;
    this.#enterNode();
    if (!isBackward && start.compare(nodes.id) > 0) this.#approach();
  }

  /** Forward: goes to the first entry that is not below the start, from the node's end if that looks nearer. */
  #approach(): void {
    const { bytes } = this;
    const head = this.#head;
    let p = entryBefore(bytes, head.end);
    this.#readId(p);
    if (this.id.compare(this.#start) < 0) {
      this.#p = head.end;
      return;
    }
    if (!isNearer(this.#start, this.id, this.#nodes.id)) return;
    while (p !== head.firstEntryAt) {
      const before = entryBefore(bytes, p);
      this.#readId(before);
      if (this.id.compare(this.#start) < 0) break;
      p = before;
    }
    this.#p = p;
  }

  /**
   * Goes behind the entry `id`, forward to the end of the stream. `behind` is what it was when the walk had reached that entry;
   * nothing has been removed from the stream since. Saves the way there, which is half a node.
   */
  seekBehind(root: BlockRef, id: StreamId, behind: number): void {
    this.#start.setMin();
    this.#end.setMax();
    this.#isBackward = false;
    this.#isDone = !this.#nodes.seekFloor(root, id);
    if (this.#isDone) return;
    this.#enterNode();
    this.#p += behind;
  }

  /** Forward: bytes from the first entry of the node to the end of the one that `next` has reached. */
  get behind(): number {
    return this.#p - this.#head.firstEntryAt;
  }

  /** False at the end. */
  next(): boolean {
    while (!this.#isDone) {
      const head = this.#head;
      const isNodeDone = this.#isBackward ? this.#p === head.firstEntryAt : this.#p === head.end;
      if (!isNodeDone) {
        if (this.#step()) return true;
        continue;
      }
      this.#isDone = !(this.#isBackward ? this.#nodes.previous() : this.#nodes.next());
      if (!this.#isDone) this.#enterNode();
    }
    return false;
  }

  /** Goes to the entry at `#p`, or before it. False: it is deleted, or not in the range. */
  #step(): boolean {
    const { bytes } = this;
    const { u8 } = bytes;
    const p = this.#isBackward ? entryBefore(bytes, this.#p) : this.#p;
    const flags = u8[p];
    const idEnd = this.#readId(p);
    const isBelow = this.id.compare(this.#start) < 0;
    const isAbove = this.id.compare(this.#end) > 0;
    if (this.#isBackward ? isBelow : isAbove) {
      this.#isDone = true;
      return false;
    }
    this.entryAt = p;
    this.at = idEnd;
    if ((flags & EntryFlag.sameFields) !== 0) {
      this.hasMasterFields = true;
      this.fieldCount = this.#head.fieldCount;
      this.to = skipElements(bytes, this.at, this.fieldCount);
    } else {
      this.hasMasterFields = false;
      this.fieldCount = integerElement(bytes, this.at);
      this.at += elementBytes(bytes, this.at);
      this.to = skipElements(bytes, this.at, this.fieldCount * 2);
    }
    this.#p = this.#isBackward ? p : this.to + elementBytes(bytes, this.to);
    this.#fieldsLeft = this.fieldCount;
    this.#fieldAt = this.hasMasterFields ? this.fieldsAt : this.at;
    this.#valueAt = this.at;
    return !isBelow && !isAbove && (flags & EntryFlag.deleted) === 0;
  }

  /** Reads the ID of the entry at `p`, and returns where it ends. */
  #readId(p: number): number {
    const { bytes } = this;
    const msAt = p + 2;
    const seqAt = msAt + elementBytes(bytes, msAt);
    const master = this.#nodes.id.words;
    const id = this.id.words;
    addIntegerElement(bytes, msAt, master, id, 0);
    addIntegerElement(bytes, seqAt, master, id, 2);
    return seqAt + elementBytes(bytes, seqAt);
  }

  /** Reads the next field of the entry with its value; false when there are no more. */
  nextField(): boolean {
    if (this.#fieldsLeft === 0) return false;
    this.#fieldsLeft--;
    const { bytes } = this;
    readElement(bytes, this.#fieldAt, this.field, this.#fieldDigits);
    const next = this.#fieldAt + elementBytes(bytes, this.#fieldAt);
    if (!this.hasMasterFields) this.#valueAt = next;
    readElement(bytes, this.#valueAt, this.value, this.#valueDigits);
    this.#valueAt += elementBytes(bytes, this.#valueAt);
    this.#fieldAt = this.hasMasterFields ? next : this.#valueAt;
    return true;
  }

  #enterNode(): void {
    const arena = this.#arena;
    const ref = this.#nodes.value;
    if (arena.isChecked) arena.assertLive(ref);
    this.nodeRef = ref;
    this.bytes = bytesOf(arena, ref);
    const head = this.#head.read(this.bytes, byteOf(arena, ref));
    this.fieldsAt = head.firstFieldAt;
    this.#p = this.#isBackward ? head.end : head.firstEntryAt;
  }
}

/** Whether `id`, which lies between two others, is nearer to the one above it than to the one below. */
function isNearer(id: StreamId, above: StreamId, below: StreamId): boolean {
  if (above.ms !== below.ms) return id.ms - below.ms > above.ms - id.ms;
  return id.seq - below.seq > above.seq - id.seq;
}
