import type { RdbBytes } from '../rdb-bytes.ts';
import { RdbError } from '../rdb-error.ts';

/** Goes over the elements of a collection that is packed into one string. Throws RdbError at what cannot be. */
export interface PackReader {
  /** At the first element. */
  begin(pack: RdbBytes): void;
  /** The next element into `into`, which may be a view of the pack; false at the end, which has been found to be right. */
  next(into: RdbBytes): boolean;
}

/** `at` is counted from the start of the pack: whoever knows where the pack is says so with `RdbError.inPackAt`. */
export function packError(kind: string, at: number, expected: string, found: string): RdbError {
  return new RdbError({ code: 'corrupt', offset: at, packOffset: at, expected: `${expected} of a ${kind}`, found });
}
