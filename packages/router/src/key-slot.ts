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

/** Texts are hashed from here; a character takes at most three bytes. */
const scratch = new Uint8Array(1024);
const scratchTextMax = Math.floor(scratch.length / 3);

/** The slot of a key given as text, which the wire would carry as UTF-8. */
export function keySlotOfText(key: string): number {
  let start = 0;
  let end = key.length;
  const tagStart = key.indexOf('{') + 1;
  if (tagStart > 0) {
    const tagEnd = key.indexOf('}', tagStart);
    if (tagEnd > tagStart) {
      start = tagStart;
      end = tagEnd;
    }
  }
  const target = end - start <= scratchTextMax ? scratch : new Uint8Array((end - start) * 3);
  return crc16(target, 0, writeUtf8(key, start, end, target)) & (SLOT_COUNT - 1);
}

/**
 * Writes the UTF-8 of `text[start, end)` from 0 and returns the end; lone surrogates become U+FFFD, as everywhere. For
 * the length of a key this loop is several times as fast as a call into TextEncoder.
 */
function writeUtf8(text: string, start: number, end: number, target: Uint8Array): number {
  let at = 0;
  for (let i = start; i < end; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      target[at++] = code;
      continue;
    }
    if (code < 0x800) {
      target[at++] = 0xc0 | (code >> 6);
      target[at++] = 0x80 | (code & 0x3f);
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 && i + 1 < end ? text.charCodeAt(i + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        i++;
        const point = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        target[at++] = 0xf0 | (point >> 18);
        target[at++] = 0x80 | ((point >> 12) & 0x3f);
        target[at++] = 0x80 | ((point >> 6) & 0x3f);
        target[at++] = 0x80 | (point & 0x3f);
        continue;
      }
      code = 0xfffd;
    }
    target[at++] = 0xe0 | (code >> 12);
    target[at++] = 0x80 | ((code >> 6) & 0x3f);
    target[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
