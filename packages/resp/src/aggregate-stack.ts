/**
 * The aggregates that are being read, outermost first. A stack and not recursion: decoding can stop anywhere and go on
 * later, and deep nesting from a lying peer cannot overflow the engine's own stack.
 */
import { replyType } from './reply-types.ts';
import type { ReplyValue } from './reply-value.ts';

/** Arrays are made longer by so many elements at a time, when those before have come. */
const growthMax = 1024;

/**
 * Slices of it are what elements are read into, so that all those arrays are of the one kind that takes any value. Of
 * several kinds, one for small integers, one for doubles, ..., each element costs some nanoseconds more.
 */
const blank: ReplyValue[] = [null];
while (blank.length < growthMax) blank.push(null);

/** `wanted` of an aggregate that a '.' ends. */
export const streamed = -1;

/** An array of nulls, to be overwritten by `wanted` elements, or by the first of them if those are many. */
export function blankItems(wanted: number): ReplyValue[] {
  // Short ones are made in place, in a quarter of the time. Not of literal nulls: those are copied at the first store.
  const none = blank[0];
  switch (wanted) {
    case 1:
      return [none];
    case 2:
      return [none, none];
    case 3:
      return [none, none, none];
    case 4:
      return [none, none, none, none];
    default:
      return blank.slice(0, wanted);
  }
}

/** Makes room for more elements when all that there is has been used. */
export function growItems(items: ReplyValue[], wanted: number): void {
  const length = Math.min(wanted, items.length + growthMax);
  while (items.length < length) items.push(null);
}

/** What an aggregate that is not being read holds. */
const nothing: ReplyValue[] = blankItems(0);

export class Aggregate {
  /** The type byte. */
  kind = 0;
  /** Elements, and nulls behind them; keys and values in turn where the kind is map or attribute. */
  items: ReplyValue[] = nothing;
  count = 0;
  wanted = 0;

  add(value: ReplyValue): void {
    if (this.count < this.items.length) this.items[this.count] = value;
    else this.items.push(value);
    this.count++;
  }

  get isComplete(): boolean {
    return this.count === this.wanted;
  }
}

export class AggregateStack {
  depth = 0;
  readonly depthMax: number;
  /** Of all depths so far: an aggregate object is used again by the next one at its depth. */
  readonly #aggregates: Aggregate[] = [];

  constructor(depthMax: number) {
    this.depthMax = depthMax;
  }

  push(kind: number, wanted: number): void {
    this.put(this.depth, kind, blankItems(wanted === streamed ? 0 : wanted), 0, wanted);
  }

  /** Puts one at a depth, whose first `count` items have been read; those above it may be put later. */
  put(depth: number, kind: number, items: ReplyValue[], count: number, wanted: number): void {
    while (depth >= this.#aggregates.length) this.#aggregates.push(new Aggregate());
    const aggregate = this.#aggregates[depth];
    aggregate.kind = kind;
    aggregate.wanted = wanted;
    aggregate.count = count;
    aggregate.items = items;
    this.depth = Math.max(this.depth, depth + 1);
  }

  /** The innermost one. */
  top(): Aggregate {
    return this.#aggregates[this.depth - 1];
  }

  /** Takes the innermost one off and returns its elements. */
  pop(): ReplyValue[] {
    const aggregate = this.#aggregates[--this.depth];
    const { items } = aggregate;
    aggregate.items = nothing;
    return items;
  }

  clear(): void {
    while (this.depth > 0) this.pop();
  }
}

export function isPairs(kind: number): boolean {
  return kind === replyType.map || kind === replyType.attribute;
}

/** A map from keys and values in turn. Keys compare as in any Map: bytes and aggregates by identity. */
export function mapOf(items: readonly ReplyValue[]): Map<ReplyValue, ReplyValue> {
  const map = new Map<ReplyValue, ReplyValue>();
  for (let i = 0; i + 1 < items.length; i += 2) map.set(items[i], items[i + 1]);
  return map;
}
