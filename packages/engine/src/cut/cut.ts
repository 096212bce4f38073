import { assert } from '@kvartz/base';
import type { Arena } from '../arena.ts';
import { type EntryRef, headOf, typeMask, ValueType } from '../entry.ts';
import type { Keyspace } from '../keyspace.ts';
import type { CutMember, HeldTable } from './cut-registry.ts';
import { isLargeValue } from './large-value.ts';
import { TableWalk } from './table-walk.ts';

/** Where a cut writes what it takes. */
export interface CutSink {
  /** Writes an entry of database `db` as it is now. May look at this entry only, and change nothing. */
  write(db: number, keyspace: Keyspace, e: EntryRef): void;
  /** Keeps an entry with a large value as it is now, whatever becomes of it, for `writeHeld`. */
  hold(db: number, keyspace: Keyspace, e: EntryRef): void;
  /** Writes a part of what it holds, of some 100 us. False: it holds nothing. */
  writeHeld(): boolean;
  /** The same as `hold` for a large string, which stays as it is until `writeHeld` has written it, or up to `finishString`. */
  beginString(db: number, keyspace: Keyspace, e: EntryRef): void;
  /** The string is about to change: the rest of it, if any, is written now. */
  finishString(): void;
  /** The cut is given up: lets go of what it holds. */
  drop(): void;
}

interface CutWalk {
  readonly member: CutMember;
  readonly walk: TableWalk;
}

export interface CutOptions {
  /** By their numbers; all of one arena. */
  readonly databases: readonly Keyspace[];
  readonly sink: CutSink;
  /** Only the keys of these slots. The cut then begins in time proportional to their number. Default: all. */
  readonly slots?: readonly number[];
}

/** Cells of a table that no keyspace holds, gone over in one step. */
const heldCells = 512;

/**
 * All databases as they are at the moment it is made, handed over to a sink bit by bit while everything goes on changing.
 *
 *   const cut = new Cut({ databases, sink });
 *   while (!cut.step(isSliceOver)) ...serve requests...
 *
 * It goes over the slots and takes each entry that bears the mark of those it has not taken. Whoever changes such an entry first
 * has it taken before (`Keyspace.changing`, the barrier). Large values are noted and taken last, each in pieces, so that small
 * ones never have to wait for the end of a large one. Tables that a FLUSHALL takes away whole stay until the cut has gone over
 * them. Expired keys that nobody has removed yet are taken, too.
 */
export class Cut {
  /** Its place in the clock word of an entry. */
  readonly bit: number;
  /** Keys at the beginning. */
  readonly keysTotal: number;
  /** Keys that were taken. */
  keysTaken = 0;
  readonly #arena: Arena;
  readonly #sink: CutSink;
  readonly #databases: readonly Keyspace[];
  readonly #slots: ReadonlySet<number> | undefined;
  /** One for each keyspace, the last one first. */
  readonly #walks: CutWalk[];
  /** Entries with large values that have not been taken, and how they were come by. */
  readonly #large = new Map<EntryRef, CutMember>();
  /** The large string that is being written; 0: none is. */
  #string: EntryRef = 0;
  /** Tables that left their keyspaces; those before `heldNext` are done with. */
  #held: HeldTable[] = [];
  #heldNext = 0;
  #heldCell = 0;
  #isOpen = true;

  constructor({ databases, sink, slots }: CutOptions) {
    const { arena } = databases[0];
    assert(
      databases.every((keyspace) => keyspace.arena === arena),
      'a cut of keyspaces of different arenas',
    );
    this.#arena = arena;
    this.#sink = sink;
    // Databases may change their numbers while it is open.
    this.#databases = [...databases];
    this.#slots = slots === undefined ? undefined : new Set(slots);
    this.bit = arena.cuts.open(this);
    const { members } = arena.cuts;
    this.#walks = members.map((member) => ({ member, walk: new TableWalk(member.tables, slots) }));
    if (slots === undefined) {
      arena.cutMark ^= this.bit;
      this.keysTotal = databases.reduce((sum, { keyCount }) => sum + keyCount, 0);
    } else this.keysTotal = this.#turnSlots(members, slots);
  }

  /** All has been handed over, or the cut was given up. */
  get isDone(): boolean {
    return !this.#isOpen;
  }

  /** Takes entries until that `isOver`, which is asked every 100 us or so. True: all have been taken. */
  step(isOver: () => boolean): boolean {
    while (this.#isOpen) {
      if (!this.#stepOnce()) this.#close(true);
      else if (isOver()) break;
    }
    return !this.#isOpen;
  }

  /** Gives the cut up. Twice is once. */
  abort(): void {
    if (!this.#isOpen) return;
    this.#sink.drop();
    for (const held of this.#held.slice(this.#heldNext)) this.#arena.cuts.release(held, this.bit);
    if (this.#slots !== undefined) this.#clearSlots([...this.#slots]);
    this.#close(this.#slots !== undefined);
  }

  // Below: for the registry

  /** An entry that was not taken is about to change; it bears the mark already. */
  take(keyspace: Keyspace, e: EntryRef): void {
    this.#large.delete(e);
    const db = this.#databases.indexOf(keyspace);
    if (db < 0) return;
    this.keysTaken++;
    if (e === this.#string) {
      this.#string = 0;
      this.#sink.finishString();
    } else if (this.#isString(e) || !isLargeValue(this.#arena, e)) this.#sink.write(db, keyspace, e);
    else this.#sink.hold(db, keyspace, e);
  }

  moved(from: EntryRef, to: EntryRef): void {
    const member = this.#large.get(from);
    if (member === undefined) return;
    this.#large.delete(from);
    this.#large.set(to, member);
    if (this.#string === from) this.#string = to;
  }

  /** Notes a table that has left its keyspace; false: it has nothing for this cut. */
  hold(slot: number, held: HeldTable): boolean {
    if (this.#slots !== undefined && !this.#slots.has(slot)) return false;
    this.#held.push(held);
    return true;
  }

  /** False: there is nothing left. */
  #stepOnce(): boolean {
    // First, so that its memory is free soon.
    if (this.#heldNext < this.#held.length) this.#stepHeld(this.#held[this.#heldNext]);
    else if (this.#walks.length > 0) this.#stepWalk(this.#walks[this.#walks.length - 1]);
    else if (!this.#sink.writeHeld()) return this.#holdNext();
    return true;
  }

  #stepWalk({ member, walk }: CutWalk): void {
    const { keyspace } = member;
    const db = this.#databases.indexOf(keyspace);
    const isMore = walk.step((e) => {
      if (!this.#isMissing(e)) return;
      if (db >= 0 && isLargeValue(this.#arena, e)) this.#large.set(e, member);
      else this.#takeNow(db, keyspace, e);
    });
    if (!isMore) this.#walks.pop();
  }

  #stepHeld(held: HeldTable): void {
    const arena = this.#arena;
    const { keyspace, table } = held;
    const db = this.#databases.indexOf(keyspace);
    const words = arena.segments[table >>> arena.refShift].u32;
    const base = (table & arena.refMask) << 1;
    const end = Math.min(held.cells, this.#heldCell + heldCells);
    for (let cell = this.#heldCell; cell < end; cell++) {
      const e = words[base + (cell << 1) + 1];
      if (e !== 0 && this.#isMissing(e)) this.#takeNow(db, keyspace, e);
    }
    this.#heldCell = end;
    if (end < held.cells) return;
    this.#heldCell = 0;
    if (++this.#heldNext === this.#held.length) {
      this.#held = [];
      this.#heldNext = 0;
    }
    arena.cuts.release(held, this.bit);
  }

  /** The next of the large values begins to be written. False: there is none. */
  #holdNext(): boolean {
    if (this.#string !== 0) {
      this.#mark(this.#string);
      this.#large.delete(this.#string);
      this.#string = 0;
      this.keysTaken++;
    }
    for (const [e, { keyspace }] of this.#large) {
      const db = this.#databases.indexOf(keyspace);
      if (this.#isString(e)) {
        this.#string = e;
        this.#sink.beginString(db, keyspace, e);
      } else this.#takeNow(db, keyspace, e);
      return true;
    }
    return false;
  }

  #isString(e: EntryRef): boolean {
    return (headOf(this.#arena, e) & typeMask) === ValueType.string;
  }

  #mark(e: EntryRef): void {
    const arena = this.#arena;
    arena.segments[e >>> arena.refShift].u32[((e & arena.refMask) << 1) + 1] ^= this.bit;
  }

  #isMissing(e: EntryRef): boolean {
    const arena = this.#arena;
    const clock = arena.segments[e >>> arena.refShift].u32[((e & arena.refMask) << 1) + 1];
    return ((clock ^ arena.cutMark) & this.bit) !== 0;
  }

  #takeNow(db: number, keyspace: Keyspace, e: EntryRef): void {
    this.#mark(e);
    if (db < 0) return;
    if (this.#large.size > 0 || !this.#isString(e)) return this.take(keyspace, e);
    this.keysTaken++;
    this.#sink.write(db, keyspace, e);
  }

  /** Turns the bits of all entries of these slots round, as if they had not been taken. Returns their number. */
  #turnSlots(members: readonly CutMember[], slots: readonly number[]): number {
    const { segments, refMask, refShift } = this.#arena;
    let count = 0;
    for (const { keyspace, tables } of members) {
      if (!this.#databases.includes(keyspace)) continue;
      for (const slot of slots) {
        tables.visitSlot(slot, (e) => {
          segments[e >>> refShift].u32[((e & refMask) << 1) + 1] ^= this.bit;
          count++;
        });
      }
    }
    return count;
  }

  /** Gives the entries of these slots the bit of new ones. */
  #clearSlots(slots: readonly number[]): void {
    for (const { tables } of this.#arena.cuts.members) {
      for (const slot of slots) {
        tables.visitSlot(slot, (e) => {
          const { segments, refMask, refShift } = this.#arena;
          if (this.#isMissing(e)) segments[e >>> refShift].u32[((e & refMask) << 1) + 1] ^= this.bit;
        });
      }
    }
  }

  #close(isClean: boolean): void {
    this.#isOpen = false;
    this.#large.clear();
    this.#walks.length = 0;
    this.#held = [];
    this.#arena.cuts.close(this, isClean);
  }
}
