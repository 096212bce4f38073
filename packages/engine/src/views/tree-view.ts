import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { compareBytes } from '../compare-bytes.ts';
import { Span } from '../span.ts';
import { readRecordKey } from '../table/record.ts';
import { createRecord, recordMemberAt, scoreOfRecord } from '../zsets/record.ts';
import { TreeWalk } from '../zsets/tree-walk.ts';
import { Overlay } from './overlay.ts';
import { type ViewedValue, type ViewSink, ValueView } from './value-view.ts';

/**
 * A view of a large sorted set: a walk down the tree, from the highest score on (who loads a file then puts each member in
 * front of all others), and the old records of members that were changed below the place of the walk, at last.
 *
 * Below the place a member is noted, or it is there with the score that it had when the view was opened. Above, all that was
 * there has been handed out.
 */
export class TreeView extends ValueView {
  readonly #arena: Arena;
  readonly #overlay: Overlay;
  readonly #walk: TreeWalk;
  readonly #member: Span;
  readonly #placeMember: Span;
  /** A copy of the record that was met last; 0: none was. */
  #place: BlockRef = 0;
  #isWalked = false;

  constructor(arena: Arena, value: ViewedValue, root: BlockRef) {
    super(value, root);
    this.#arena = arena;
    this.#walk = new TreeWalk(arena);
    this.#member = new Span(new ByteBuffer(0));
    this.#placeMember = new Span(this.#member.buffer);
    this.#overlay = new Overlay(arena, recordMemberAt, this.#member);
  }

  /** A member is about to get another score; NaN: to be removed. */
  changes(record: BlockRef, to: number): void {
    if (this.isFailed || this.#isWalked) return;
    if (this.#isBelow(record, scoreOfRecord(this.#arena, record))) {
      if (!this.#overlay.note(record)) this.fail();
    } else if (this.#isBelow(record, to)) this.#hide(record);
  }

  /** A member has been added. */
  added(record: BlockRef): void {
    if (this.isFailed || this.#isWalked) return;
    if (this.#isBelow(record, scoreOfRecord(this.#arena, record))) this.#hide(record);
  }

  /** What the walk will meet is not what was there. */
  #hide(record: BlockRef): void {
    if (!this.#overlay.noteAbsent(record)) this.fail();
  }

  /** Whether the walk has still to come to where the member is with this score. */
  #isBelow(record: BlockRef, score: number): boolean {
    if (this.#place === 0) return score === score;
    const placeScore = scoreOfRecord(this.#arena, this.#place);
    if (score !== placeScore) return score < placeScore;
    const member = readRecordKey(this.#arena, record, recordMemberAt, this.#member);
    const place = readRecordKey(this.#arena, this.#place, recordMemberAt, this.#placeMember);
    return compareBytes(member.buffer, member.start, member.end, place.buffer, place.start, place.end) < 0;
  }

  protected override advance(max: number, sink: ViewSink): boolean {
    if (!this.#isWalked) return this.#advanceWalk(max, sink);
    for (let left = max; left > 0; left--) {
      const record = this.#overlay.next();
      if (record === 0) return true;
      this.#hand(record, sink);
    }
    return false;
  }

  #advanceWalk(max: number, sink: ViewSink): boolean {
    const arena = this.#arena;
    const walk = this.#walk;
    const below =
      this.#place === 0
        ? walk.rankOfScore(this.root, Infinity, true)
        : walk.rankOf(this.root, scoreOfRecord(arena, this.#place), this.#place);
    let record: BlockRef = 0;
    let left = Math.min(below, max);
    if (left > 0) walk.seek(this.root, below - 1);
    for (; left > 0; left--) {
      record = walk.previous();
      if (!this.#overlay.has(record)) this.#hand(record, sink);
    }
    this.#isWalked = below <= max;
    if (this.#isWalked) return this.#overlay.isEmpty;
    this.#moveTo(record);
    return false;
  }

  #moveTo(record: BlockRef): void {
    const arena = this.#arena;
    const { buffer, start, end } = readRecordKey(arena, record, recordMemberAt, this.#member);
    const place = createRecord(arena, buffer, start, end, scoreOfRecord(arena, record));
    if (this.#place !== 0) arena.free(this.#place);
    this.#place = place;
    if (place === 0) this.fail();
  }

  #hand(record: BlockRef, sink: ViewSink): void {
    sink.scored(readRecordKey(this.#arena, record, recordMemberAt, this.#member), scoreOfRecord(this.#arena, record));
  }

  protected override release(): void {
    this.#overlay.free();
    if (this.#place !== 0) this.#arena.free(this.#place);
    this.#place = 0;
  }
}
