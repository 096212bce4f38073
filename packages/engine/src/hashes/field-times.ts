import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf, Encoding, encodingMask, encodingShift, type EntryRef, headOf, wideBodyOf } from '../entry.ts';
import { elementBytes, integerElement, packEnd } from '../listpack-element.ts';
import { packHeadBytes } from '../listpack.ts';
import { scoreAt } from '../zsets/nodes.ts';
import { RootWord, rootWord } from '../zsets/tree-search.ts';

/** Whether this is one of the two encodings of hashes whose fields may have times. No entry has a higher one. */
export function isTimedEncoding(encoding: Encoding): boolean {
  return encoding >= Encoding.listpackex;
}

/** When the first field of a hash expires; Infinity: none does, or the entry is no such hash. */
export function soonestFieldTime(arena: Arena, e: EntryRef): number {
  const encoding = ((headOf(arena, e) & encodingMask) >> encodingShift) as Encoding;
  if (!isTimedEncoding(encoding)) return Infinity;
  return soonestTime(arena, encoding, wideBodyOf(arena, e));
}

/** The same for the value. Both encodings have the field that expires first in front. */
export function soonestTime(arena: Arena, encoding: Encoding, root: BlockRef): number {
  if (encoding === Encoding.hashtableex) {
    const tree = rootWord(arena, root, RootWord.tree);
    return tree === 0 ? Infinity : scoreAt(arena, tree, 0);
  }
  const bytes = bytesOf(arena, root);
  let p = byteOf(arena, root) + packHeadBytes;
  if (bytes.u8[p] === packEnd) return Infinity;
  p += elementBytes(bytes, p);
  p += elementBytes(bytes, p);
  return integerElement(bytes, p) || Infinity;
}
