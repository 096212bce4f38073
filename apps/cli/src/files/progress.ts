import { progress } from '@clack/prompts';
import { formatBytes } from './format-bytes.ts';

/** Files that are read in a moment need no bar. */
const shownFromBytes = 64 * 2 ** 20;
const columnsMin = 60;
const interruptedExitCode = 130;
const redrawMs = 100;

/** How far reading has come; seen on a terminal only. */
export interface Progress {
  add(bytes: number): void;
  /** The bar goes. Twice is once. */
  stop(): void;
}

const silent: Progress = { add: () => {}, stop: () => {} };

/** A bar on standard error, where that is a terminal and there is much to read. */
export function progressOf(label: string, totalBytes: number): Progress {
  // A terminal that does not know its width says 0, and would get a line for each letter.
  const hasRoom = process.stderr.isTTY && process.stderr.columns >= columnsMin;
  if (!hasRoom || totalBytes < shownFromBytes) return silent;
  const bar = progress({ max: totalBytes, output: process.stderr, withGuide: false });
  // The library ends the process with 0 when it sees Ctrl-C: that would be good news.
  const onExit = (): void => void (process.exitCode = interruptedExitCode);
  process.once('exit', onExit);
  bar.start(label);
  let [doneBytes, shownBytes, shownMs, isStopped] = [0, 0, 0, false];
  return {
    add: (bytes) => {
      doneBytes += bytes;
      const nowMs = performance.now();
      if (nowMs - shownMs < redrawMs) return;
      bar.advance(doneBytes - shownBytes, `${label}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`);
      shownBytes = doneBytes;
      shownMs = nowMs;
    },
    stop: () => {
      if (isStopped) return;
      isStopped = true;
      process.off('exit', onExit);
      bar.clear();
    },
  };
}
