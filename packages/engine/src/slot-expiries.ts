import type { Random } from '@kvartz/base';
import { groupCount, slotCount, slotOfIndex, slotsPerGroup } from './slot-groups.ts';

/** Of a slot in `counts`: entries that expire as a whole, and those of which a part does (hashes with fields that expire). */
const countShift = 1;
const wholeField = 0;
const partlyField = 1;
/** Of a slot in `times`: when the expire cycle looks at it next, and when it may do so at the earliest. */
const timeShift = 1;
const lookAtField = 0;
const notBeforeField = 1;

const noCounts = new Uint32Array(0);
const noTimes = new Float64Array(0);

/**
 * What of a keyspace's entries expires, by slot: how many, and when it is worth a walk through the slot. Which entries these are is
 * said by the cells of SlotTables. Takes no memory before something expires.
 *
 * Invariant: in a slot where nothing expires nobody has to look.
 */
export class SlotExpiries {
  /** Entries that expire as a whole. */
  count = 0;
  /** Entries of which a part expires. */
  partlyCount = 0;
  #counts: Uint32Array<ArrayBuffer> = noCounts;
  #groupCounts: Uint32Array<ArrayBuffer> = noCounts;
  #times: Float64Array<ArrayBuffer> = noTimes;
  /** Sum of all expiries, counted from the first one (`baseMs`): an array, so that changing it makes no garbage. */
  readonly #sumMs = new Float64Array(1);
  #baseMs = 0;

  /**
   * The expiry of an entry goes from `fromMs` to `toMs`, that of its first part likewise; Infinity is none, and one of the four is
   * not. Whether anything of the entry expires now.
   */
  change(slot: number, fromMs: number, toMs: number, partFromMs: number, partToMs: number): boolean {
    if (this.#times.length === 0) this.#create();
    if (fromMs !== Infinity && toMs !== Infinity) this.#sumMs[0] += toMs - fromMs;
    else if (toMs !== Infinity) this.#add(slot, 1, toMs);
    else if (fromMs !== Infinity) this.#add(slot, -1, fromMs);
    if ((partFromMs === Infinity) !== (partToMs === Infinity)) this.#addPartly(slot, partToMs === Infinity ? -1 : 1);
    const firstMs = partToMs < toMs ? partToMs : toMs;
    if (firstMs === Infinity) return false;
    const times = this.#times;
    const at = slot << timeShift;
    const lookAtMs = Math.max(firstMs, times[at + notBeforeField]);
    if (lookAtMs < times[at + lookAtField]) times[at + lookAtField] = lookAtMs;
    return true;
  }

  countOf(slot: number): number {
    return this.count === 0 ? 0 : this.#counts[(slot << countShift) + wholeField];
  }

  partlyCountOf(slot: number): number {
    return this.partlyCount === 0 ? 0 : this.#counts[(slot << countShift) + partlyField];
  }

  /** Whether an entry of the slot expires, or a part of one. */
  isIn(slot: number): boolean {
    return this.countOf(slot) !== 0 || this.partlyCountOf(slot) !== 0;
  }

  /** Before this moment no entry of the slot is worth a walk through it. Infinity: none expires. */
  lookAtOf(slot: number): number {
    return this.#times.length === 0 ? Infinity : this.#times[(slot << timeShift) + lookAtField];
  }

  /** Says when to look at a slot next; entries that come meanwhile may bring that forward, but not before `notBeforeMs`. */
  setLookAt(slot: number, atMs: number, notBeforeMs: number): void {
    this.#times[(slot << timeShift) + lookAtField] = atMs;
    this.#times[(slot << timeShift) + notBeforeField] = notBeforeMs;
  }

  /** Mean of all expiries of whole entries. Rounded, and an estimate after `detach`. */
  get meanMs(): number {
    return this.count === 0 ? Infinity : this.#baseMs + this.#sumMs[0] / this.count;
  }

  /** A random slot with entries that expire, as likely as it has many. There must be one. */
  pickSlot(random: Random): number {
    const index = Math.floor((random.uint32() / 2 ** 32) * this.count);
    return slotOfIndex(index, this.#groupCounts, this.#counts, countShift, wholeField);
  }

  /** All entries of the slot have gone, and nobody has read when they were to expire. */
  detach(slot: number): void {
    if (this.#times.length === 0) return;
    const at = slot << countShift;
    const count = this.#counts[at + wholeField];
    // What these entries added is taken as the mean.
    if (count > 0) this.#sumMs[0] *= 1 - count / this.count;
    this.count -= count;
    this.#groupCounts[(slot / slotsPerGroup) | 0] -= count;
    this.partlyCount -= this.#counts[at + partlyField];
    this.#counts.fill(0, at, at + 2);
    this.setLookAt(slot, Infinity, -Infinity);
  }

  /** There are no entries any more. */
  forget(): void {
    this.count = 0;
    this.partlyCount = 0;
    this.#counts = noCounts;
    this.#groupCounts = noCounts;
    this.#times = noTimes;
  }

  #create(): void {
    this.#counts = new Uint32Array(slotCount << countShift);
    this.#groupCounts = new Uint32Array(groupCount);
    this.#times = new Float64Array(slotCount << timeShift);
    for (let slot = 0; slot < slotCount; slot++) this.setLookAt(slot, Infinity, -Infinity);
  }

  #add(slot: number, change: number, expireAtMs: number): void {
    if (this.count === 0) {
      this.#baseMs = expireAtMs;
      this.#sumMs[0] = 0;
    }
    this.#sumMs[0] += change * (expireAtMs - this.#baseMs);
    this.count += change;
    this.#groupCounts[(slot / slotsPerGroup) | 0] += change;
    this.#counts[(slot << countShift) + wholeField] += change;
    if (change < 0) this.#forgetTimes(slot);
  }

  /** The parts of an entry begin to expire, or none does any more. */
  #addPartly(slot: number, change: number): void {
    this.#counts[(slot << countShift) + partlyField] += change;
    this.partlyCount += change;
    if (change < 0) this.#forgetTimes(slot);
  }

  #forgetTimes(slot: number): void {
    if (!this.isIn(slot)) this.setLookAt(slot, Infinity, -Infinity);
  }
}
