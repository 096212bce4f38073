import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { packHeadBytes } from '../listpack.ts';
import {
  EndField,
  type EndWord,
  heightOf,
  plainFlag,
  plainHeadBytes,
  RootWord,
  slotsOf,
} from '../lists/list-blocks.ts';
import { PinnedView } from './pinned-view.ts';
import type { ViewedValue, ViewSink } from './value-view.ts';

/** A row is what a slot of the tree is: reference, elements. */
const rowShape = { words: 2, ref: 0 };

/**
 * A view of a large list: the references of its packs, taken when it is opened (8 bytes for each), so that what happens
 * to the tree does not matter; and packs that would be changed or freed.
 */
export class ListView extends PinnedView {
  /** Packs and plain elements. */
  readonly packs: number;
  /** Where the elements lie in the open packs at both ends; 0, 0: there is none. */
  readonly #headStart: number;
  readonly #headEnd: number;
  readonly #tailStart: number;
  readonly #tailEnd: number;

  /** Fails when there is no memory for the references. */
  constructor(arena: Arena, value: ViewedValue, root: BlockRef, isLast: (own: BlockRef) => boolean) {
    super(arena, value, root, rowShape, isLast);
    const { u32: words } = arena.segments[root >>> arena.refShift];
    const at = (root & arena.refMask) << 1;
    const tree = words[at + RootWord.tree];
    const hasHead = words[at + RootWord.head] !== 0;
    const hasTail = words[at + RootWord.tail] !== 0;
    this.#headStart = words[at + RootWord.head + EndField.start];
    this.#headEnd = words[at + RootWord.head + EndField.end];
    this.#tailStart = words[at + RootWord.tail + EndField.start];
    this.#tailEnd = words[at + RootWord.tail + EndField.end];
    this.packs = (tree === 0 ? 0 : slotsBelow(arena, tree)) + (hasHead ? 1 : 0) + (hasTail ? 1 : 0);
    if (!this.pins.reserve(this.packs)) {
      this.fail();
      return;
    }
    if (hasHead) this.#writeEnd(words, at + RootWord.head, 0);
    if (tree !== 0) this.#writeSlots(tree, this.pins.wordOf(hasHead ? 1 : 0));
    if (hasTail) this.#writeEnd(words, at + RootWord.tail, this.packs - 1);
  }

  #writeEnd(words: Uint32Array, at: EndWord | number, row: number): void {
    const target = this.pins.wordOf(row);
    this.pins.words[target] = words[at];
    this.pins.words[target + 1] = words[at + EndField.count];
  }

  /** Writes the slots below a node from word `to` on; returns the word behind. */
  #writeSlots(node: BlockRef, to: number): number {
    const { u32: words } = this.arena.segments[node >>> this.arena.refShift];
    const at = (node & this.arena.refMask) << 1;
    const target = this.pins.words;
    const end = at + 2 + slotsOf(words[at]) * 2;
    if (heightOf(words[at]) === 0) for (let i = at + 2; i < end; i++) target[to++] = words[i];
    else for (let i = at + 2; i < end; i += 2) to = this.#writeSlots(words[i], to);
    return to;
  }

  protected override advance(max: number, sink: ViewSink): boolean {
    const pins = this.pins;
    for (let left = max; left > 0 && pins.next < pins.count;) {
      const word = pins.words[pins.wordOf(pins.next) + 1];
      const count = (word & ~plainFlag) >>> 0;
      this.#hand(pins.next, count, word >= plainFlag, sink);
      pins.pass();
      left -= count;
    }
    return pins.next === pins.count;
  }

  #hand(row: number, count: number, isPlain: boolean, sink: ViewSink): void {
    const ref = this.pins.blockOf(row);
    const bytes = bytesOf(this.arena, ref);
    const base = byteOf(this.arena, ref);
    const sizeBytes = bytes.dv.getUint32(base, true);
    let start = isPlain ? plainHeadBytes : packHeadBytes;
    let end = isPlain ? plainHeadBytes + sizeBytes : sizeBytes - 1;
    if (row === 0 && this.#headEnd !== 0) {
      start = this.#headStart;
      end = this.#headEnd;
    } else if (row === this.packs - 1 && this.#tailEnd !== 0) {
      start = this.#tailStart;
      end = this.#tailEnd;
    }
    sink.pack(bytes, base + start, base + end, count, isPlain);
  }
}

/** Slots of height 0 below a node. */
function slotsBelow(arena: Arena, node: BlockRef): number {
  const { u32: words } = arena.segments[node >>> arena.refShift];
  const at = (node & arena.refMask) << 1;
  const slots = slotsOf(words[at]);
  if (heightOf(words[at]) === 0) return slots;
  let sum = 0;
  for (let i = 1; i <= slots; i++) sum += slotsBelow(arena, words[at + i * 2]);
  return sum;
}
