/**
 * Aggregates from their head to their end: what may be opened, when one is complete, and the value that it becomes.
 * Attributes are read like aggregates but are no values: they belong to the reply that follows.
 */
import { type AggregateStack, isPairs, mapOf, streamed } from './aggregate-stack.ts';
import type { ReplyChunk } from './reply-chunk.ts';
import { isQuestionMark, lengthOf } from './reply-line.ts';
import { replyType } from './reply-types.ts';
import type { ReplyDecoderOptions, ReplyValue } from './reply-value.ts';
import { readElements } from './usual-replies.ts';

// Constants of this module: imported ones are looked up each time.
const { push, attribute, set, map } = replyType;

/** V8's largest Map and Set. */
const mapSizeMax = 2 ** 24;

export class OpenAggregates {
  /** The outermost aggregate that was closed last was a push. */
  isPush = false;
  /** Attributes that have been read, of the reply that follows. */
  attributes: Map<ReplyValue, ReplyValue> | undefined = undefined;
  readonly #chunk: ReplyChunk;
  readonly #stack: AggregateStack;
  readonly #isNative: boolean;

  constructor(chunk: ReplyChunk, stack: AggregateStack, options: ReplyDecoderOptions) {
    this.#chunk = chunk;
    this.#stack = stack;
    this.#isNative = options.aggregates !== 'array';
  }

  /** Reads the head `<kind>u8[start, end)`; returns the aggregate if it is empty. */
  open(kind: number, start: number, end: number): ReplyValue | undefined {
    const chunk = this.#chunk;
    const stack = this.#stack;
    if (kind === push && stack.depth > 0) chunk.refuse(start - 1, 'a push inside of another reply');
    if (stack.depth === stack.depthMax) chunk.refuse(start - 1, `more than ${stack.depthMax} levels of aggregates`);
    if (isQuestionMark(chunk, start, end)) {
      if (kind === push || kind === attribute) chunk.refuseLine('a count', start, end);
      stack.push(kind, streamed);
      return undefined;
    }
    const countMax = this.#countMax(kind);
    const wanted = isPairs(kind)
      ? 2 * lengthOf(chunk, start, end, countMax / 2)
      : lengthOf(chunk, start, end, countMax);
    stack.push(kind, wanted);
    return wanted > 0 ? undefined : this.#close();
  }

  /** Gives a value to the aggregate it belongs to, and returns the outermost one when that completes it. */
  add(value: ReplyValue | undefined): ReplyValue | undefined {
    const stack = this.#stack;
    while (stack.depth > 0) {
      const aggregate = stack.top();
      if (value !== undefined) {
        aggregate.add(value);
        if (aggregate.wanted === streamed) this.#checkCount(aggregate.kind, aggregate.count);
      }
      if (!aggregate.isComplete) return undefined;
      value = this.#close();
    }
    return value;
  }

  /** Reads usual elements of the innermost one, and returns the outermost one when they complete it. */
  readElements(): ReplyValue | undefined {
    const stack = this.#stack;
    for (;;) {
      const aggregate = stack.top();
      const { items, count, wanted } = aggregate;
      if (wanted !== streamed) aggregate.count = readElements(this.#chunk, stack, stack.depth, items, count, wanted);
      if (!aggregate.isComplete) return undefined;
      const value = this.add(this.#close());
      if (stack.depth === 0) return value;
    }
  }

  /** Reads the line `.u8[start, end)`, which ends a streamed one. */
  endStreamed(start: number, end: number): ReplyValue | undefined {
    const chunk = this.#chunk;
    const stack = this.#stack;
    if (start !== end) chunk.refuseLine("nothing after '.'", start, end);
    if (stack.depth === 0 || stack.top().wanted !== streamed) {
      return chunk.refuse(start - 1, "'.' outside of a streamed aggregate");
    }
    const { kind, count } = stack.top();
    if (kind === map && count % 2 === 1) chunk.refuse(start - 1, 'a streamed map that ends with a key');
    return this.#close();
  }

  /** Takes the innermost one, which is complete, off the stack. */
  #close(): ReplyValue | undefined {
    const stack = this.#stack;
    const { kind } = stack.top();
    const items = stack.pop();
    if (stack.depth === 0) this.isPush = kind === push;
    if (kind === attribute) {
      if (stack.depth === 0) this.attributes = mapOf(items);
      return undefined;
    }
    if (!this.#isNative) return items;
    return kind === map ? mapOf(items) : kind === set ? new Set(items) : items;
  }

  /** Most elements that an aggregate of this kind may have, keys and values counted one by one. */
  #countMax(kind: number): number {
    const { elementsMax } = this.#chunk;
    const isNative = kind === attribute || (this.#isNative && (kind === map || kind === set));
    const sizeMax = isNative ? Math.min(mapSizeMax, elementsMax) : elementsMax;
    return isPairs(kind) ? 2 * sizeMax : sizeMax;
  }

  #checkCount(kind: number, count: number): void {
    const countMax = this.#countMax(kind);
    if (count > countMax) this.#chunk.refuse(this.#chunk.at, `an aggregate of more than ${countMax} elements`);
  }
}
