import { latin1Bytes, latin1Of, textOf, utf8Bytes } from '@kvartz/base';

/**
 * Configuration is kept as *byte strings*: one character per byte (`latin1Of`, `latin1Bytes`), so that a password or a path
 * of any bytes survives being read, shown, compared and written again. ASCII looks the same in both forms.
 */

/** From ordinary text, by its UTF-8 bytes. */
export function byteStringOfText(text: string): string {
  return latin1Of(utf8Bytes(text));
}

/** Bytes that are not UTF-8 become U+FFFD. */
export function textOfByteString(bytes: string): string {
  return textOf(latin1Bytes(bytes));
}
