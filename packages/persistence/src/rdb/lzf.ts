import { type ByteBuffer, copyBytes } from '@kvartz/base';

/**
 * LZF, the compression of strings in RDB files (Marc Lehmann's LibLZF). A stream of
 *
 *   000LLLLL                        L + 1 bytes follow as they are
 *   LLLooooo oooooooo               L + 2 bytes from o + 1 back; L is 1 to 6
 *   111ooooo LLLLLLLL oooooooo      L + 9 bytes from o + 1 back
 */
const placesBits = 14;
/** Short strings use a part of the places that stays in the nearest cache: 200 bytes of text take 710 ns in place of 930. */
const shortBytesMax = 512;
const shortBits = 10;
const literalsMax = 32;
const offsetMax = 8192;
const matchMax = 264;

/** Last place of each hash of three bytes: what is at most `placesBase` is of strings before this one. */
const places = new Int32Array(1 << placesBits);
/** Clearing the places would take longer than compressing a short string, so that each string counts on from the one before. */
let placesBase = 0;
const placesMax = 2 ** 30;

/**
 * Compresses `from[start, end)` into `to` from `at` on, and returns the bytes written; 0 when they would be more than `room`:
 * then `to` holds nothing useful.
 */
export function lzfCompress(
  from: ByteBuffer,
  start: number,
  end: number,
  to: ByteBuffer,
  at: number,
  room: number,
): number {
  if (placesBase + end - start >= placesMax) {
    places.fill(0);
    placesBase = 0;
  }
  const { u8 } = from;
  const target = to.u8;
  /** What is added to an index to make it a place. */
  const toPlace = placesBase - start + 1;
  const oldest = placesBase;
  placesBase += end - start;
  const shift = 32 - (end - start <= shortBytesMax ? shortBits : placesBits);
  const limit = at + room;
  const last = end - 2;
  let out = at;
  /** Where bytes begin that have not been written. */
  let literals = start;
  let i = start;
  /** Three bytes from `i` on, the first one lowest. */
  let three = (u8[start] << 8) | (u8[start + 1] << 16);
  while (i < last) {
    three = (three >>> 8) | (u8[i + 2] << 16);
    const hash = Math.imul(three, 0x9e_37_79_b1) >>> shift;
    const place = places[hash];
    places[hash] = i + toPlace;
    const candidate = place - toPlace;
    const offset = i - candidate - 1;
    if (place <= oldest || offset >= offsetMax || threeAt(u8, candidate) !== three) {
      i++;
      continue;
    }
    const most = Math.min(matchMax, end - i);
    let length = 3;
    while (length < most && u8[candidate + length] === u8[i + length]) length++;
    out = writeLiterals(from, literals, i, to, out, limit);
    if (out === 0 || out + 3 > limit) return 0;
    const code = length - 2;
    if (code < 7) target[out++] = (code << 5) | (offset >>> 8);
    else {
      target[out++] = 0xe0 | (offset >>> 8);
      target[out++] = code - 7;
    }
    target[out++] = offset & 0xff;
    i += length;
    literals = i;
    if (i >= last) break;
    // Places inside the match are worth remembering near its end only.
    three = threeAt(u8, i - 1);
    places[Math.imul(three, 0x9e_37_79_b1) >>> shift] = i - 1 + toPlace;
  }
  out = writeLiterals(from, literals, end, to, out, limit);
  return out === 0 ? 0 : out - at;
}

function threeAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
}

/** Returns the new end of `to`; 0: no room. */
function writeLiterals(
  from: ByteBuffer,
  start: number,
  end: number,
  to: ByteBuffer,
  at: number,
  limit: number,
): number {
  let out = at;
  for (let i = start; i < end;) {
    const count = Math.min(literalsMax, end - i);
    if (out + 1 + count > limit) return 0;
    to.u8[out++] = count - 1;
    copyBytes(from, i, i + count, to, out);
    i += count;
    out += count;
  }
  return out;
}

/** Decompresses into exactly `to[at, at + length)`; false when the bytes do not say that. */
export function lzfDecompress(
  from: ByteBuffer,
  start: number,
  end: number,
  to: ByteBuffer,
  at: number,
  length: number,
): boolean {
  const source = from.u8;
  const target = to.u8;
  const sourceWords = from.dv;
  const words = to.dv;
  const limit = at + length;
  let out = at;
  let i = start;
  while (i < end) {
    const control = source[i++];
    if (control < literalsMax) {
      const literalsEnd = i + control + 1;
      const outEnd = out + control + 1;
      if (literalsEnd > end || outEnd > limit) return false;
      // Words may run over the end, into what is written next.
      if (outEnd <= limit - 8 && literalsEnd <= end - 8) {
        for (; out < outEnd; out += 8, i += 8) words.setBigUint64(out, sourceWords.getBigUint64(i, true), true);
        out = outEnd;
        i = literalsEnd;
      } else while (i < literalsEnd) target[out++] = source[i++];
      continue;
    }
    let count = control >>> 5;
    if (count === 7) {
      if (i >= end) return false;
      count += source[i++];
    }
    if (i >= end) return false;
    const offset = ((control & 0x1f) << 8) + source[i++] + 1;
    let back = out - offset;
    const outEnd = out + count + 2;
    if (back < at || outEnd > limit) return false;
    if (offset >= 8 && outEnd <= limit - 8) {
      for (; out < outEnd; out += 8, back += 8) words.setBigUint64(out, words.getBigUint64(back, true), true);
      out = outEnd;
    } else {
      // What is copied and the copy may overlap: that is how a run of one byte is written.
      while (out < outEnd) target[out++] = target[back++];
    }
  }
  return out === limit;
}
