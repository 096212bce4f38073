import { copyBytes } from '@kvartz/base';
import type { Arena, BlockRef } from './arena.ts';
import { byteOf, bytesOf } from './entry.ts';

/** A block with the same bytes; 0: no memory. */
export function copyBlock(arena: Arena, from: BlockRef): BlockRef {
  const sizeBytes = arena.blockBytes(from);
  const copy = arena.alloc(sizeBytes);
  if (copy === 0) return 0;
  const start = byteOf(arena, from);
  copyBytes(bytesOf(arena, from), start, start + sizeBytes, bytesOf(arena, copy), byteOf(arena, copy));
  return copy;
}
