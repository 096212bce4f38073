import { type ByteList, bytesPerNumber } from './byte-list.ts';
import { type CompareIndexes, sortAll } from './index-sort.ts';
import { sortByKeys } from './key-sort.ts';

/** Items that are the same for longer are compared. */
const offsetMax = 8 * bytesPerNumber;

/** Sorts indexes of items, which are the same up to byte `offset`, by their bytes: six of them at a time. */
export function sortByBytes(items: ByteList, run: Uint32Array, compare: CompareIndexes, offset = 0): void {
  if (offset >= offsetMax) return sortAll(run, compare);
  const keys = new Float64Array(run.length);
  for (let i = 0; i < keys.length; i++) keys[i] = items.bytesAt(run[i], offset);
  sortByKeys(run, keys, compare, (equal) => sortByBytes(items, equal, compare, offset + bytesPerNumber));
}
