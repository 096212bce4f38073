interface Counter {
  readonly key: string;
  weight: number;
}

/**
 * The heaviest of a stream of weighted keys in bounded memory: the space-saving algorithm of Metwally, Agrawal and El Abbadi
 * ("Efficient computation of frequent and top-k elements in data streams", 2005). A key that has no counter takes over the
 * lightest one with its weight, so a weight is never too low, and too high by at most the total over the number of counters.
 */
export class HeavyHitters {
  readonly #countersMax: number;
  readonly #places = new Map<string, number>();
  /** A binary heap, the lightest first. */
  readonly #heap: Counter[] = [];

  constructor(countersMax: number) {
    this.#countersMax = countersMax;
  }

  add(key: string, weight: number): void {
    const place = this.#places.get(key);
    if (place !== undefined) {
      this.#heap[place].weight += weight;
      this.#sink(place);
    } else if (this.#heap.length < this.#countersMax) {
      this.#heap.push({ key, weight });
      this.#rise(this.#heap.length - 1);
    } else {
      const lightest = this.#heap[0];
      this.#places.delete(lightest.key);
      this.#put(0, { key, weight: lightest.weight + weight });
      this.#sink(0);
    }
  }

  /** Heaviest first. */
  top(count: number): [key: string, weight: number][] {
    const sorted = this.#heap.toSorted((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1));
    return sorted.slice(0, count).map(({ key, weight }) => [key, weight]);
  }

  #rise(from: number): void {
    const counter = this.#heap[from];
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (this.#heap[parent].weight <= counter.weight) break;
      this.#put(place, this.#heap[parent]);
      place = parent;
    }
    this.#put(place, counter);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const counter = heap[from];
    let place = from;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].weight < heap[child].weight) child++;
      if (heap[child].weight >= counter.weight) break;
      this.#put(place, heap[child]);
      place = child;
    }
    this.#put(place, counter);
  }

  #put(place: number, counter: Counter): void {
    this.#heap[place] = counter;
    this.#places.set(counter.key, place);
  }
}
