import type { Writer } from './writer.ts';

/**
 * What a crash may not take: every acknowledged write; those acknowledged two seconds before and longer; those acknowledged
 * before the begin of the last save that was reported.
 */
export type Promised = 'acknowledged' | 'two seconds' | 'saved';

export const windowMs = 2000;

/** So much of a writer must be there after a crash at this time. `saved`: what the last save has of it. */
export function promisedOf(writer: Writer, promised: Promised, crashMs: number, saved: number): number {
  if (promised === 'acknowledged') return writer.acknowledged;
  if (promised === 'saved') return saved;
  // What was there after the crash before is in a file.
  return Math.max(writer.found, writer.acknowledgements.countAt(crashMs - windowMs));
}
