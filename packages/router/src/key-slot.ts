import { crc16 } from '@kvartz/base';

/** A cluster's key space is cut into this many slots: CRC-16 of the key modulo 2^14. */
export const SLOT_COUNT = 16_384;

const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * The slot of the key `u8[start, end)`, in [0, 16384). Where the key holds a hash tag, a part in braces, only that part
 * is hashed, so that keys with the same tag share a slot: from the first `{` to the first `}` after it, unless nothing
 * is between them.
 * Spec: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function keySlot(u8: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (u8[i] !== openBrace) continue;
    const tagStart = i + 1;
    let tagEnd = tagStart;
    while (tagEnd < end && u8[tagEnd] !== closeBrace) tagEnd++;
    if (tagEnd < end && tagEnd > tagStart) return crc16(u8, tagStart, tagEnd) & (SLOT_COUNT - 1);
    break;
  }
  return crc16(u8, start, end) & (SLOT_COUNT - 1);
}

const encoder = new TextEncoder();
/** Keys of text are hashed from here; longer ones get memory of their own. */
const scratch = new Uint8Array(1024);

/** The slot of a key given as text, which the wire would carry as UTF-8. */
export function keySlotOfText(key: string): number {
  const { length } = key;
  if (length > scratch.length) return keySlotOfBytes(encoder.encode(key));
  for (let i = 0; i < length; i++) {
    const code = key.charCodeAt(i);
    if (code >= 0x80) return keySlotOfBytes(encoder.encode(key));
    scratch[i] = code;
  }
  return keySlot(scratch, 0, length);
}

function keySlotOfBytes(bytes: Uint8Array): number {
  return keySlot(bytes, 0, bytes.length);
}
