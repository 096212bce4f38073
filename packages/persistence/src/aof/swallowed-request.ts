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
  const { u8 } = cut.buffer;
  const end = cut.usedBytes;
  const args = new Args(cut.buffer, argsMax);
  for (let at = u8.indexOf(star, bulk.at); at >= 0 && at < end; at = u8.indexOf(star, at + 1)) {
    if (u8[at - 1] !== newline) continue;
    const chainEnd = endOfCommands(u8, at, end, args);
    if (chainEnd === at) continue;
    // A command that is itself cut may end the chain.
    if (chainEnd === end || u8[chainEnd] === star) {
      return new AofError({
        code: 'corrupt',
        offset: offset + bulk.headerAt,
        expected: `a length below ${at - bulk.at}, since whole commands follow at offset ${offset + at}`,
        found: `a length of ${bulk.sizeBytes} bytes, which are more than the file has`,
      });
    }
    at = chainEnd - 1;
  }
  return undefined;
}

/** Where the commands that begin at `at` end; `at`: there is none. */
function endOfCommands(u8: Uint8Array, at: number, end: number, args: Args): number {
  let chainEnd = at;
  for (;;) {
    const next = parseWholeRequest(u8, chainEnd, end, args, argsMax);
    if (next < 0 || !hasName(u8, args.start[0], args.end[0])) return chainEnd;
    chainEnd = next;
  }
}

function hasName(u8: Uint8Array, start: number, end: number): boolean {
  return end - start <= nameBytesMax && namePattern.test(String.fromCharCode(...u8.subarray(start, end)));
}
