import type { ByteBuffer } from '@kvartz/base';
import { Args } from '@kvartz/resp';
import { AofError } from './aof-error.ts';
import type { CutItem } from './cut-item.ts';
import { parseWholeRequest } from './whole-request.ts';

const star = 0x2a;
const newline = 0x0a;
/** Commands in files have few arguments, mostly; a limit keeps the search linear. */
const argsMax = 64;
/** `COMMAND`, `command|sub`, `module.command` */
const namePattern = /^[a-z][a-z0-9_|.-]+$/i;
const nameBytesMax = 64;

/**
 * A file that ends in the middle of a value has lost its end, unless a length further up was damaged so that it swallows what
 * follows. The two look alike but for this: a swallowed value has whole commands in it, one after the other up to its end.
 * `cut` began at `offset` of the file. Undefined: nothing of the kind was found.
 */
export function swallowedRequest(cut: CutItem, offset: number): AofError | undefined {
  const bulk = cut.openBulk;
  if (bulk === undefined) return undefined;
  const end = cut.usedBytes;
  for (const chain of commandChains(cut.buffer, bulk.at, end)) {
    // A command that is itself cut may end the chain.
    if (chain.end !== end && cut.buffer.u8[chain.end] !== star) continue;
    return new AofError({
      code: 'corrupt',
      offset: offset + bulk.headerAt,
      expected: `a length below ${chain.start - bulk.at}, since whole commands follow at offset ${offset + chain.start}`,
      found: `a length of ${bulk.sizeBytes} bytes, which are more than the file has`,
    });
  }
  return undefined;
}

/** Whole commands in bytes that are no file of commands, or are one that is damaged: what looks like one behind the end of a line. */
export function countCommands(buffer: ByteBuffer, start: number, end: number): number {
  let count = 0;
  for (const chain of commandChains(buffer, start, end)) count += chain.count;
  return count;
}

interface Chain {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** Runs of commands, each right behind the one before. */
function* commandChains(buffer: ByteBuffer, start: number, end: number): Generator<Chain> {
  const { u8 } = buffer;
  const args = new Args(buffer, argsMax);
  for (let at = u8.indexOf(star, start); at >= 0 && at < end; at = u8.indexOf(star, at + 1)) {
    if (at > start && u8[at - 1] !== newline) continue;
    let count = 0;
    let chainEnd = at;
    for (;;) {
      const next = parseWholeRequest(u8, chainEnd, end, args, argsMax);
      if (next < 0 || !hasName(u8, args.start[0], args.end[0])) break;
      count++;
      chainEnd = next;
    }
    if (count === 0) continue;
    yield { start: at, end: chainEnd, count };
    at = chainEnd - 1;
  }
}

function hasName(u8: Uint8Array, start: number, end: number): boolean {
  return end - start <= nameBytesMax && namePattern.test(String.fromCharCode(...u8.subarray(start, end)));
}
