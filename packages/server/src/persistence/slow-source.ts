import type { Timers } from '@kvartz/base';
import type { PieceSource } from './snapshot-source.ts';

/** A source that waits so many microseconds for each key (`rdb-key-save-delay`), so that tests can look at a save. */
export function slowSource(source: PieceSource, timers: Timers, delayUs: number): PieceSource {
  let keysDone = 0;
  let wake = (): void => {};
  return {
    get keysTotal() {
      return source.keysTotal;
    },
    get keysDone() {
      return keysDone;
    },
    async next() {
      const piece = await source.next();
      // More are done while it waits, by those who change them.
      const doneNow = source.keysDone;
      const delayMs = ((doneNow - keysDone) * delayUs) / 1000;
      if (delayMs > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          timers.after(delayMs, resolve);
        });
      }
      keysDone = doneNow;
      return piece;
    },
    reuse: (piece) => source.reuse?.(piece),
    abort() {
      source.abort();
      wake();
    },
  };
}
