import { type ByteBuffer, copyBytes } from '@kvartz/base';
import { elementBytes, type ElementForm } from '../listpack-element.ts';

/** Elements in [from, to) that equal `buffer[start, ...)`, whose form is set. */
export function countMatches(
  form: ElementForm,
  bytes: ByteBuffer,
  from: number,
  to: number,
  buffer: ByteBuffer,
  start: number,
): number {
  let count = 0;
  let p = form.find(bytes, from, to, 1, buffer, start);
  for (; p !== 0; p = form.find(bytes, p + elementBytes(bytes, p), to, 1, buffer, start)) count++;
  return count;
}

/**
 * Takes equal elements out of [from, to) in one pass, at most `max` of them, without the first `skip`. What is left begins at
 * `from`; returns its end.
 */
export function dropMatches(
  form: ElementForm,
  bytes: ByteBuffer,
  from: number,
  to: number,
  skip: number,
  max: number,
  buffer: ByteBuffer,
  start: number,
): number {
  let written = from;
  let kept = from;
  let left = max;
  let toSkip = skip;
  for (let p = from; left > 0;) {
    p = form.find(bytes, p, to, 1, buffer, start);
    if (p === 0) break;
    const size = elementBytes(bytes, p);
    if (toSkip > 0) toSkip--;
    else {
      if (written !== kept) copyBytes(bytes, kept, p, bytes, written);
      written += p - kept;
      kept = p + size;
      left--;
    }
    p += size;
  }
  if (kept === from) return to;
  copyBytes(bytes, kept, to, bytes, written);
  return written + to - kept;
}
