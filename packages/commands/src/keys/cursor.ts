import { latin1Of } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';

/** What C's strtoul takes without leading space, and what it leaves as 0: the empty text. */
const cursorPattern = /^(?:[+-]?\d+)?$/;
const unsignedMax = 2n ** 64n - 1n;

/** Whether argument `i` is a cursor as Redis reads one: an integer whose magnitude fits 64 bits, in any spelling. */
export function isCursor(args: Args, i: number): boolean {
  return integerAt(args, i) >= 0 || spelledCursor(args, i) !== undefined;
}

/** The cursor; undefined for one that this server cannot have given out, which ends an iteration. */
export function readCursor(args: Args, i: number): number | undefined {
  const usual = integerAt(args, i);
  if (usual >= 0) return usual === Infinity ? undefined : usual;
  const cursor = spelledCursor(args, i);
  return cursor !== undefined && cursor >= 0n && cursor <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(cursor) : undefined;
}

function spelledCursor(args: Args, i: number): bigint | undefined {
  // To C the text ends at a zero byte.
  const [text] = latin1Of(args.buffer.u8, args.start[i], args.end[i]).split('\0', 1);
  if (!cursorPattern.test(text)) return undefined;
  const magnitude = BigInt(text.replace(/^[+-]/, ''));
  if (magnitude > unsignedMax) return undefined;
  return text.startsWith('-') ? -magnitude : magnitude;
}
