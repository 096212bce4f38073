/**
 * The aggregates that are being read, outermost first. A stack and not recursion: decoding can stop anywhere and go on
 * later, and deep nesting from a lying peer cannot overflow the engine's own stack.
 */
import { replyType } from './reply-types.ts';
import type { ReplyValue } from './reply-value.ts';

/** Arrays are not made longer than this before their elements have come. */
const preallocatedMax = 1024;

/** `wanted` of an aggregate that a '.' ends. */
export const streamed = -1;

export class Aggregate {
  /** The type byte. */
  kind = 0;
  /** Elements; keys and values in turn where the kind is map or attribute. */
  items: ReplyValue[] = [];
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
  /** Of all depths so far: an aggregate object is used again by the next one at its depth. */
  readonly #aggregates: Aggregate[] = [];

  push(kind: number, wanted: number): Aggregate {
    if (this.depth === this.#aggregates.length) this.#aggregates.push(new Aggregate());
    const aggregate = this.#aggregates[this.depth++];
    aggregate.kind = kind;
    aggregate.wanted = wanted;
    aggregate.count = 0;
    // oxlint-disable-next-line unicorn/no-new-array -- Array.from({ length }) fills it, one call an element
    aggregate.items = wanted > 0 && wanted <= preallocatedMax ? new Array<ReplyValue>(wanted) : [];
    return aggregate;
  }

  /** The innermost one. */
  top(): Aggregate {
    return this.#aggregates[this.depth - 1];
  }

  /** Takes the innermost one off and returns its elements. */
  pop(): ReplyValue[] {
    const aggregate = this.#aggregates[--this.depth];
    const { items } = aggregate;
    aggregate.items = [];
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
