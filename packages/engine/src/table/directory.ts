import type { Arena, BlockRef } from '../arena.ts';
import {
  deepestWord,
  depthMax,
  depthWord,
  directoryWord,
  entryShift,
  innerDirectoryUnits,
  segmentDepthWord,
  wordOf,
  wordsOf,
} from './layout.ts';

const entryWords = 1 << entryShift;

/** Every segment gets twice as many entries. False: no memory, or the directory is as large as it may become. */
export function doubleDirectory(arena: Arena, root: BlockRef): boolean {
  const rootWords = wordsOf(arena, root);
  const rootAt = wordOf(arena, root);
  const depth = rootWords[rootAt + depthWord];
  if (depth === depthMax) return false;
  const from = rootWords[rootAt + directoryWord];
  const to = arena.alloc(2 ** (depth + 1) * entryWords * 4);
  if (to === 0) return false;
  const fromWords = wordsOf(arena, from);
  const toWords = wordsOf(arena, to);
  let toAt = wordOf(arena, to);
  const end = wordOf(arena, from) + 2 ** depth * entryWords;
  for (let at = wordOf(arena, from); at < end; at += entryWords, toAt += 2 * entryWords) {
    for (let i = 0; i < entryWords; i++) {
      const word = fromWords[at + i];
      toWords[toAt + i] = word;
      toWords[toAt + entryWords + i] = word;
    }
  }
  if (depth > 0) arena.free(from);
  rootWords[rootAt + directoryWord] = to;
  rootWords[rootAt + depthWord] = depth + 1;
  rootWords[rootAt + deepestWord] = 0;
  return true;
}

/** The opposite, when no segment is as deep as the table. Without memory all stays as it is. */
export function halveDirectory(arena: Arena, root: BlockRef): boolean {
  const rootWords = wordsOf(arena, root);
  const rootAt = wordOf(arena, root);
  const depth = rootWords[rootAt + depthWord] - 1;
  const from = rootWords[rootAt + directoryWord];
  const to = depth === 0 ? root + innerDirectoryUnits : arena.alloc(2 ** depth * entryWords * 4);
  if (to === 0) return false;
  const fromWords = wordsOf(arena, from);
  const toWords = wordsOf(arena, to);
  let fromAt = wordOf(arena, from);
  let deepest = 0;
  const end = wordOf(arena, to) + 2 ** depth * entryWords;
  for (let at = wordOf(arena, to); at < end; at += entryWords, fromAt += 2 * entryWords) {
    for (let i = 0; i < entryWords; i++) toWords[at + i] = fromWords[fromAt + i];
    if (toWords[at + segmentDepthWord] === depth) deepest++;
  }
  arena.free(from);
  rootWords[rootAt + directoryWord] = to;
  rootWords[rootAt + depthWord] = depth;
  rootWords[rootAt + deepestWord] = deepest;
  return true;
}
