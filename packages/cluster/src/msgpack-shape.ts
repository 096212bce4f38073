import { FrameError } from './frame-error.ts';

/** Arrays in arrays: a heartbeat has its gossip entries at depth 2. */
const depthMax = 4;

/**
 * Checks, before msgpackr sees the bytes, that they are one value made only of what bus messages use: arrays, integers,
 * floats (msgpackr's form of integers above 2^32), booleans, nil, short texts, and bytes. No maps and no extensions, so
 * that a peer reaches none of msgpackr's machinery for records, references, dates or errors; no lengths beyond the
 * bytes that are there; no deep nesting. One pass, O(bytes).
 *
 * Spec: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function checkShape(bytes: Uint8Array): void {
  const end = bytes.length;
  /** Values still to come at each depth. */
  const open = [1];
  let at = 0;
  while (open.length > 0) {
    if (open[open.length - 1] === 0) {
      open.pop();
      continue;
    }
    open[open.length - 1]--;
    if (at >= end) throw new FrameError('the frame ends inside a value');
    const type = bytes[at++];
    const items = arrayLength(bytes, at, type);
    if (items >= 0) {
      at += type === 0xdc ? 2 : 0;
      if (items > end - at) throw new FrameError(`an array of ${items} in ${end - at} bytes`);
      if (open.length > depthMax) throw new FrameError(`arrays nested deeper than ${depthMax}`);
      open.push(items);
      continue;
    }
    const sizeBytes = scalarBytes(bytes, at, type);
    if (sizeBytes < 0) throw new FrameError(`unexpected type 0x${type.toString(16)} at byte ${at - 1}`);
    at += sizeBytes;
    if (at > end) throw new FrameError('the frame ends inside a value');
  }
  if (at !== end) throw new FrameError(`${end - at} bytes after the message`);
}

/** -1: no array. Arrays of 2^16 and more are none to us. */
function arrayLength(bytes: Uint8Array, at: number, type: number): number {
  if (type >= 0x90 && type <= 0x9f) return type & 0x0f;
  if (type !== 0xdc) return -1;
  if (at + 2 > bytes.length) throw new FrameError('the frame ends inside a value');
  return (bytes[at] << 8) | bytes[at + 1];
}

/** Bytes that follow the type; -1: not a type that we use. */
function scalarBytes(bytes: Uint8Array, at: number, type: number): number {
  if (type <= 0x7f) return 0;
  if (type >= 0xa0 && type <= 0xbf) return type & 0x1f;
  switch (type) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return 0;
    case 0xc4: // bin 8
    case 0xd9: // str 8
      return at < bytes.length ? 1 + bytes[at] : 1;
    case 0xc5: // bin 16
      return at + 1 < bytes.length ? 2 + ((bytes[at] << 8) | bytes[at + 1]) : 2;
    case 0xc6: // bin 32
      if (at + 3 >= bytes.length) return 4;
      return 4 + (((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0);
    case 0xcc: // uint 8
      return 1;
    case 0xcd: // uint 16
      return 2;
    case 0xce: // uint 32
      return 4;
    case 0xcb: // float 64
      return 8;
    default:
      return -1;
  }
}
