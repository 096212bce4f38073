import { ByteBuffer } from '@kvartz/base';
import type { Arena } from './arena.ts';
import { type EntryRef, hasExpiryField, isWide, keyOffset, longKey, typeMask } from './entry.ts';

/** What most entries are: a string without an expiry in one block, key and value side by side. For whoever writes many. */
export class PlainString {
  /** After `read`: the key is `buffer[start, middle)`, the value `buffer[middle, end)`. */
  buffer: ByteBuffer = new ByteBuffer(0);
  start = 0;
  middle = 0;
  end = 0;

  /** False: the entry is something else. */
  read(arena: Arena, e: EntryRef): boolean {
    const segment = arena.segments[e >>> arena.refShift];
    const at = (e & arena.refMask) << 3;
    const words = segment.u32;
    const head = words[at >>> 2];
    const keyBytes = head >>> 16;
    if ((head & (typeMask | isWide | hasExpiryField)) !== 0 || keyBytes === longKey) return false;
    this.buffer = segment.bytes;
    this.start = at + keyOffset(head);
    this.middle = this.start + keyBytes;
    this.end = this.middle + words[(at >>> 2) + 2];
    return true;
  }
}
