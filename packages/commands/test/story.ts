import type { ReplyValue } from '@kvartz/resp';
import { ReplyError } from '@kvartz/resp';

/** A request as one would type it (`""` is an empty argument, `\xHH` a byte), and what is answered. */
export type Step = readonly [request: string, reply: ReplyValue];

/** Requests that follow one another, from empty databases on. */
export interface Story {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** An error reply. */
export function fails(text: string): ReplyError {
  return new ReplyError(text);
}

/** The arguments of a request, as bytes. */
export function words(request: string): Uint8Array[] {
  return request.split(' ').map((word) => {
    if (word === '""') return new Uint8Array(0);
    const bytes = word.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
  });
}
