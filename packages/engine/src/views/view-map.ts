import type { BlockRef } from '../arena.ts';
import type { ValueView } from './value-view.ts';

/** The open views of a kind, by the root of their value. */
export class ViewMap<V extends ValueView> {
  readonly #views = new Map<BlockRef, V[]>();

  get(root: BlockRef): readonly V[] | undefined {
    return this.#views.get(root);
  }

  add(view: V, root: BlockRef = view.root): void {
    const views = this.#views.get(root);
    if (views === undefined) this.#views.set(root, [view]);
    else views.push(view);
  }

  remove(view: V, root: BlockRef = view.root): void {
    const views = this.#views.get(root);
    const place = views === undefined ? -1 : views.indexOf(view);
    // Of a root that was freed, and is another's now, it is not found.
    if (views === undefined || place < 0) return;
    views.splice(place, 1);
    if (views.length === 0) this.#views.delete(root);
  }

  /** The views stay open, but cannot be found any more. */
  forget(root: BlockRef): void {
    this.#views.delete(root);
  }
}
