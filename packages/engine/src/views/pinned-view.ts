import type { Arena, BlockRef } from '../arena.ts';
import { Pins } from './pins.ts';
import { type ViewedValue, ValueView } from './value-view.ts';

/** How the rows of a view's pins look: their words, and which of these is the reference. */
export interface RowShape {
  readonly words: number;
  readonly ref: number;
}

/** A view of a value that is a sequence of blocks, whose references are taken when it is opened. */
export abstract class PinnedView extends ValueView {
  protected readonly arena: Arena;
  protected readonly pins: Pins;

  constructor(arena: Arena, value: ViewedValue, root: BlockRef, shape: RowShape, isLast: (own: BlockRef) => boolean) {
    super(value, root);
    this.arena = arena;
    this.pins = new Pins(arena, shape.words, shape.ref, isLast);
  }

  /** A block of the value is about to be changed where it is. */
  changes(ref: BlockRef): void {
    if (!this.isFailed && !this.pins.copy(ref)) this.fail();
  }

  /** A block of the value is about to be freed. True: it stays, for the view. */
  takes(ref: BlockRef): boolean {
    return !this.isFailed && this.pins.take(ref);
  }

  protected override release(): void {
    this.pins.release();
  }
}
