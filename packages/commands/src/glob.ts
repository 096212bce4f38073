const star = 0x2a;
const question = 0x3f;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const backslash = 0x5c;
const caret = 0x5e;
const dash = 0x2d;

/**
 * Whether the whole of `text[textStart, textEnd)` matches the pattern, byte by byte, by Redis's rules: `*`, `?`, `[abc]`,
 * `[^a-z]`, and `\` before a byte that is to be taken as it is. A bracket that nothing closes ends with the pattern.
 *
 * Every element but `*` takes exactly one byte, so a mismatch needs to go back to the last `*` only: time is at most
 * pattern times text, whatever the pattern.
 */
export function matchGlob(
  pattern: Uint8Array,
  patternStart: number,
  patternEnd: number,
  text: Uint8Array,
  textStart: number,
  textEnd: number,
  isCaseless = false,
): boolean {
  let p = patternStart;
  let t = textStart;
  /** Where to go on after a mismatch: the element after the last `*`, and how much that `*` has taken. */
  let retryPattern = -1;
  let retryText = t;
  while (t < textEnd) {
    if (p < patternEnd && pattern[p] === star) {
      while (p < patternEnd && pattern[p] === star) p++;
      if (p === patternEnd) return true;
      retryPattern = p;
      retryText = t;
      continue;
    }
    const next = p < patternEnd ? matchOne(pattern, p, patternEnd, text[t], isCaseless) : noMatch;
    if (next !== noMatch) {
      p = next;
      t++;
    } else {
      if (retryPattern < 0) return false;
      p = retryPattern;
      t = ++retryText;
    }
  }
  // As in Redis, where nothing but a byte of text sets a pattern going: `**` does not match the empty text.
  if (textStart === textEnd) return patternEnd - patternStart === 0 || isOneStar(pattern, patternStart, patternEnd);
  while (p < patternEnd && pattern[p] === star) p++;
  return p === patternEnd;
}

function isOneStar(pattern: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && pattern[start] === star;
}

const noMatch = -1;

/** The end of the element at `p` when it matches the byte, else `noMatch`. */
function matchOne(pattern: Uint8Array, p: number, end: number, byte: number, isCaseless: boolean): number {
  switch (pattern[p]) {
    case question:
      return p + 1;
    case openBracket:
      return matchClass(pattern, p + 1, end, byte, isCaseless);
    case backslash:
      if (p + 1 < end) p++;
      break;
    default:
  }
  return fold(pattern[p], isCaseless) === fold(byte, isCaseless) ? p + 1 : noMatch;
}

/** `p` stands after the bracket. */
function matchClass(pattern: Uint8Array, p: number, end: number, byte: number, isCaseless: boolean): number {
  const isNegated = p < end && pattern[p] === caret;
  if (isNegated) p++;
  const wanted = fold(byte, isCaseless);
  let isIn = false;
  while (p < end && pattern[p] !== closeBracket) {
    if (pattern[p] === backslash && p + 1 < end) p++;
    else if (p + 2 < end && pattern[p + 1] === dash) {
      if (isInRange(fold(pattern[p], isCaseless), fold(pattern[p + 2], isCaseless), wanted)) isIn = true;
      p += 3;
      continue;
    }
    if (fold(pattern[p], isCaseless) === wanted) isIn = true;
    p++;
  }
  if (isIn === isNegated) return noMatch;
  return Math.min(p + 1, end);
}

/** Bytes are signed here, as Redis's are, and the ends of a range may be turned round. */
function isInRange(from: number, to: number, byte: number): boolean {
  const a = (from << 24) >> 24;
  const b = (to << 24) >> 24;
  const value = (byte << 24) >> 24;
  return a <= b ? a <= value && value <= b : b <= value && value <= a;
}

function fold(byte: number, isCaseless: boolean): number {
  return isCaseless && byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
