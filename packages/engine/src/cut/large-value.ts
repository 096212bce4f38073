import type { Arena } from '../arena.ts';
import { collectionBytes, isOneBlock } from '../collections.ts';
import {
  bodyOf,
  type Encoding,
  encodingMask,
  encodingShift,
  type EntryRef,
  headOf,
  isExternal,
  typeMask,
  ValueType,
  wideBodyOf,
} from '../entry.ts';

/** What is not more than this is written in one go: some 100 us. */
const smallCountMax = 1000;
const smallBytesMax = 2 ** 16;
/** The same of strings, which take less time. */
const smallStringBytesMax = 2 ** 18;

/** Whether a value is too large to be written in one go. */
export function isLargeValue(arena: Arena, e: EntryRef): boolean {
  const head = headOf(arena, e);
  if ((head & typeMask) === ValueType.string) {
    return (head & isExternal) !== 0 && bodyOf(arena, e) > smallStringBytesMax;
  }
  const encoding = ((head & encodingMask) >> encodingShift) as Encoding;
  if (isOneBlock(encoding)) return false;
  return bodyOf(arena, e) > smallCountMax || collectionBytes(arena, encoding, wideBodyOf(arena, e)) > smallBytesMax;
}
