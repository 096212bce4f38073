import { latin1Of, quoteWord } from '@kvartz/base';

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes in JSON: text where they are UTF-8, and else `{ "base64": "..." }`, so that nothing is lost. */
export type JsonBytes = string | { readonly base64: string };

export function jsonOfBytes(bytes: Uint8Array): JsonBytes {
  return utf8Of(bytes) ?? { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') };
}

/** For people: printable text as it is, all else quoted, and the middle of what is long left out. */
export function shownBytes(bytes: Uint8Array, charactersMax = 60): string {
  const text = utf8Of(bytes);
  // oxlint-disable-next-line no-control-regex -- what a terminal must not get is just what is looked for
  const isPrintable = text !== undefined && text !== '' && !/[\s\u0000-\u001f\u007f-\u009f"'\\]/u.test(text);
  const shown = isPrintable ? text : quoteWord(latin1Of(bytes));
  if (shown.length <= charactersMax) return shown;
  const half = Math.floor(charactersMax / 2);
  return `${shown.slice(0, half)}...${shown.slice(-half)}`;
}

function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}
