/**
 * LZF, the compression of strings in RDB files (Marc Lehmann's LibLZF). A stream of
 *
 *   000LLLLL                        L + 1 bytes follow as they are
 *   LLLooooo oooooooo               L + 2 bytes from o + 1 back; L is 1 to 6
 *   111ooooo LLLLLLLL oooooooo      L + 9 bytes from o + 1 back
 */
const hashBits = 14;
const literalsMax = 32;
const offsetMax = 8192;
const matchMax = 264;

/** Last place of each hash of three bytes: what is at most `placesBase` is of strings before this one. */
const places = new Int32Array(1 << hashBits);
/** Clearing the places would take longer than compressing a short string, so that each string counts on from the one before. */
let placesBase = 0;
const placesMax = 2 ** 30;

/**
 * Compresses `from[start, end)` into `to` from `at` on, and returns the bytes written; 0 when they would be more than `room`:
 * then `to` holds nothing useful.
 */
export function lzfCompress(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
  room: number,
): number {
  if (placesBase + end - start >= placesMax) {
    places.fill(0);
    placesBase = 0;
  }
  /** What is added to an index to make it a place. */
  const toPlace = placesBase - start + 1;
  const oldest = placesBase;
  placesBase += end - start;
  const limit = at + room;
  let out = at;
  /** Where bytes begin that have not been written. */
  let literals = start;
  let i = start;
  while (i + 2 < end) {
    const hash = hashOf(from, i);
    const place = places[hash];
    places[hash] = i + toPlace;
    const candidate = place - toPlace;
    const offset = i - candidate - 1;
    if (place <= oldest || offset >= offsetMax || !isSame3(from, candidate, i)) {
      i++;
      continue;
    }
    const most = Math.min(matchMax, end - i);
    let length = 3;
    while (length < most && from[candidate + length] === from[i + length]) length++;
    out = writeLiterals(from, literals, i, to, out, limit);
    if (out === 0 || out + 3 > limit) return 0;
    const code = length - 2;
    if (code < 7) to[out++] = (code << 5) | (offset >>> 8);
    else {
      to[out++] = 0xe0 | (offset >>> 8);
      to[out++] = code - 7;
    }
    to[out++] = offset & 0xff;
    // Places inside the match are worth remembering near its end only.
    if (i + length + 2 < end) places[hashOf(from, i + length - 1)] = i + length - 1 + toPlace;
    i += length;
    literals = i;
  }
  out = writeLiterals(from, literals, end, to, out, limit);
  return out === 0 ? 0 : out - at;
}

function hashOf(bytes: Uint8Array, at: number): number {
  const three = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
  return Math.imul(three, 0x9e_37_79_b1) >>> (32 - hashBits);
}

function isSame3(bytes: Uint8Array, a: number, b: number): boolean {
  return bytes[a] === bytes[b] && bytes[a + 1] === bytes[b + 1] && bytes[a + 2] === bytes[b + 2];
}

/** Returns the new end of `to`; 0: no room. */
function writeLiterals(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
  limit: number,
): number {
  let out = at;
  for (let i = start; i < end;) {
    const count = Math.min(literalsMax, end - i);
    if (out + 1 + count > limit) return 0;
    to[out++] = count - 1;
    for (const last = i + count; i < last; i++) to[out++] = from[i];
  }
  return out;
}

/** Decompresses into exactly `to[at, at + length)`; false when the bytes do not say that. */
export function lzfDecompress(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
  length: number,
): boolean {
  const limit = at + length;
  let out = at;
  let i = start;
  while (i < end) {
    const control = from[i++];
    if (control < literalsMax) {
      const count = control + 1;
      if (i + count > end || out + count > limit) return false;
      for (const last = i + count; i < last; i++) to[out++] = from[i];
      continue;
    }
    let count = control >>> 5;
    if (count === 7) {
      if (i >= end) return false;
      count += from[i++];
    }
    count += 2;
    if (i >= end) return false;
    let source = out - ((control & 0x1f) << 8) - from[i++] - 1;
    if (source < at || out + count > limit) return false;
    // Source and target may overlap: that is how a run of one byte is written.
    for (const last = out + count; out < last;) to[out++] = to[source++];
  }
  return out === limit;
}
