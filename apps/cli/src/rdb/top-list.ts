/** The items with the highest values, the highest first; of equals, those that came first. */
export class TopList<T> {
  readonly #countMax: number;
  readonly #values: number[] = [];
  readonly #items: T[] = [];

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** `make` is called only for what is taken in. */
  offer(value: number, make: () => T): void {
    const count = this.#values.length;
    if (count >= this.#countMax && (count === 0 || value <= this.#values[count - 1]!)) return;
    const found = this.#values.findIndex((one) => one < value);
    const at = found < 0 ? count : found;
    this.#values.splice(at, 0, value);
    this.#items.splice(at, 0, make());
    if (count === this.#countMax) {
      this.#values.pop();
      this.#items.pop();
    }
  }
}
