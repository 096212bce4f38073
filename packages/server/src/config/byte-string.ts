/**
 * Configuration is kept as *byte strings*: one character per byte, so that a password or a path of any bytes survives
 * being read, shown, compared and written again. ASCII looks the same in both forms.
 */
export function byteStringOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  // In pieces: the arguments of one call go on the stack.
  for (let at = start; at < end; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + 4096, end)));
  }
  return text;
}

export function bytesOfByteString(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** From ordinary text, by its UTF-8 bytes. */
export function byteStringOfText(text: string): string {
  return byteStringOf(encoder.encode(text));
}

/** Bytes that are not UTF-8 become U+FFFD. */
export function textOfByteString(bytes: string): string {
  return decoder.decode(bytesOfByteString(bytes));
}
