/** Below 0, 0 or above 0: whether the element with index `a` comes before that with index `b`. */
export type CompareIndexes = (a: number, b: number) => number;

/** Sorts all; equal elements stay in their order, as with the merge sort of C's library, which Redis takes. */
export function sortAll(order: Uint32Array, compare: CompareIndexes): void {
  const { length } = order;
  for (let start = 0; start < length; start += runLength) {
    insertionSort(order, start, Math.min(start + runLength, length), compare);
  }
  let from = order;
  let to = length > runLength ? new Uint32Array(length) : order;
  for (let width = runLength; width < length; width *= 2) {
    for (let start = 0; start < length; start += width * 2) {
      const middle = Math.min(start + width, length);
      merge(from, start, middle, Math.min(middle + width, length), to, compare);
    }
    [from, to] = [to, from];
  }
  if (from !== order) order.set(from);
}

/** Runs of this length are sorted by insertion. */
const runLength = 8;

function insertionSort(order: Uint32Array, start: number, end: number, compare: CompareIndexes): void {
  for (let i = start + 1; i < end; i++) {
    const index = order[i];
    let j = i;
    for (; j > start && compare(order[j - 1], index) > 0; j--) order[j] = order[j - 1];
    order[j] = index;
  }
}

/** Merges `from[start, middle)` and `from[middle, end)`. */
function merge(
  from: Uint32Array,
  start: number,
  middle: number,
  end: number,
  to: Uint32Array,
  compare: CompareIndexes,
): void {
  let i = start;
  let j = middle;
  let at = start;
  // Often what is sorted already.
  if (j < end && compare(from[j - 1], from[j]) > 0) {
    while (i < middle && j < end) to[at++] = compare(from[i], from[j]) <= 0 ? from[i++] : from[j++];
  }
  while (i < middle) to[at++] = from[i++];
  while (j < end) to[at++] = from[j++];
}

/**
 * Sorts so far that positions [first, last] hold what they hold when all is sorted. Which of several equal elements come first is
 * decided as in Redis, which leaves out those halves of a quicksort that nobody will look at.
 * Bentley and McIlroy, Engineering a Sort Function, 1993.
 */
export function sortRange(order: Uint32Array, first: number, last: number, compare: CompareIndexes): void {
  sortPart(order, 0, order.length, first, last, compare);
}

function sortPart(
  order: Uint32Array,
  partStart: number,
  partLength: number,
  first: number,
  last: number,
  compare: CompareIndexes,
): void {
  let start = partStart;
  let n = partLength;
  for (;;) {
    if (n < 7) return insertionSort(order, start, start + n, compare);
    swap(order, start, pivotOf(order, start, n, compare));
    const pivot = order[start];
    const end = start + n;
    // Equal elements gather at both ends: [start, a) and (d, end); smaller ones in [a, b), larger ones in (c, d].
    let a = start + 1;
    let b = a;
    let c = end - 1;
    let d = c;
    for (;;) {
      for (; b <= c; b++) {
        const sign = compare(order[b], pivot);
        if (sign > 0) break;
        if (sign === 0) swap(order, a++, b);
      }
      for (; b <= c; c--) {
        const sign = compare(order[c], pivot);
        if (sign < 0) break;
        if (sign === 0) swap(order, c, d--);
      }
      if (b > c) break;
      swap(order, b++, c--);
    }
    const smaller = b - a;
    const larger = d - c;
    swapRuns(order, start, b - Math.min(a - start, smaller), Math.min(a - start, smaller));
    swapRuns(order, b, end - Math.min(larger, end - 1 - d), Math.min(larger, end - 1 - d));
    if (smaller > 1 && first < start + smaller && last >= start) {
      sortPart(order, start, smaller, first, last, compare);
    }
    if (larger <= 1 || last < end - larger || first >= end) return;
    start = end - larger;
    n = larger;
  }
}

function pivotOf(order: Uint32Array, start: number, n: number, compare: CompareIndexes): number {
  let middle = start + (n >>> 1);
  if (n === 7) return middle;
  let low = start;
  let high = start + n - 1;
  if (n > 40) {
    const d = n >>> 3;
    low = medianOf(order, low, low + d, low + 2 * d, compare);
    middle = medianOf(order, middle - d, middle, middle + d, compare);
    high = medianOf(order, high - 2 * d, high - d, high, compare);
  }
  return medianOf(order, low, middle, high, compare);
}

/** One of three positions. */
function medianOf(order: Uint32Array, a: number, b: number, c: number, compare: CompareIndexes): number {
  if (compare(order[a], order[b]) < 0) {
    if (compare(order[b], order[c]) < 0) return b;
    return compare(order[a], order[c]) < 0 ? c : a;
  }
  if (compare(order[b], order[c]) > 0) return b;
  return compare(order[a], order[c]) < 0 ? a : c;
}

function swap(order: Uint32Array, i: number, j: number): void {
  const index = order[i];
  order[i] = order[j];
  order[j] = index;
}

function swapRuns(order: Uint32Array, i: number, j: number, count: number): void {
  for (let k = 0; k < count; k++) swap(order, i + k, j + k);
}
