import type { BlockRef } from '../arena.ts';
import type { ValueView } from './value-view.ts';

/** The open views of a kind, by the root of their value. */
export class ViewMap<V extends ValueView> {
  readonly #views = new Map<BlockRef, V[]>();

  get(root: BlockRef): readonly V[] | undefined {
    return this.#views.get(root);
  }

  add(view: V): void {
    const views = this.#views.get(view.root);
    if (views === undefined) this.#views.set(view.root, [view]);
    else views.push(view);
  }

  /** True when it was the last one of its value. */
  remove(view: V): boolean {
    const views = this.#views.get(view.root);
    if (views === undefined) return false;
    const place = views.indexOf(view);
    if (place < 0) return false;
    views.splice(place, 1);
    if (views.length > 0) return false;
    return this.#views.delete(view.root);
  }
}
