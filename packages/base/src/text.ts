import { assert } from './assert.ts';

const encoder = new TextEncoder();
// A byte order mark is data like any other.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Under this a loop is faster than a call into the decoder. */
const loopBytesMax = 48;

/** One byte per character. The text must be ASCII. */
export function asciiBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    assert(code < 0x80, `character ${code} at ${i} is not ASCII`);
    bytes[i] = code;
  }
  return bytes;
}

/** UTF-8; lone surrogates become U+FFFD. */
export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** The UTF-8 text of `u8[start, end)`; what is not UTF-8 becomes U+FFFD. */
export function textOf(u8: Uint8Array, start = 0, end: number = u8.length): string {
  if (end - start > loopBytesMax) return decoder.decode(u8.subarray(start, end));
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = u8[i];
    if (byte >= 0x80) return decoder.decode(u8.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** One character (U+0000 to U+00FF) per byte of `u8[start, end)`: a text that loses nothing. */
export function latin1Of(u8: Uint8Array, start = 0, end: number = u8.length): string {
  let text = '';
  let i = start;
  // Eight at a time: a call and a piece of text for each byte cost four times as much.
  for (; i + 8 <= end; i += 8) {
    text += String.fromCharCode(u8[i], u8[i + 1], u8[i + 2], u8[i + 3], u8[i + 4], u8[i + 5], u8[i + 6], u8[i + 7]);
  }
  for (; i < end; i++) text += String.fromCharCode(u8[i]);
  return text;
}

/** One byte per character, the inverse of `latin1Of`. Characters beyond U+00FF lose their high bits. */
export function latin1Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
