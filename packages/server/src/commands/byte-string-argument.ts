import { latin1Of } from '@kvartz/base';
import type { Args } from '@kvartz/resp';

/** Argument `i`, one character a byte: for what is compared or kept, not for what is shown. */
export function byteStringAt(args: Args, i: number): string {
  return latin1Of(args.buffer.u8, args.start[i], args.end[i]);
}
