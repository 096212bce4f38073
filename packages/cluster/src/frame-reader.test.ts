import { deepEqual, equal, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { FrameReader } from './frame-reader.ts';

function wire(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(
    frames.flatMap((frame) => {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(frame.length);
      return [head, frame];
    }),
  );
  // A Buffer's slice is no copy.
  return Uint8Array.from(bytes);
}

function read(bytes: Uint8Array, cuts: readonly number[], max = 1 << 20): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const reader = new FrameReader(max, (frame) => frames.push(frame.slice()));
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted(
    (a, b) => a - b,
  );
  // The chunk is overwritten once it was handed over, as the transport's buffer is.
  for (let i = 1; i < edges.length; i++) {
    const chunk = bytes.slice(edges[i - 1], edges[i]);
    reader.feed(chunk, 0, chunk.length);
    chunk.fill(0xdb);
  }
  return frames;
}

const someFrames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), { maxLength: 8 });

test('any cut of the stream gives the same frames', () =>
  fc.assert(
    fc.property(someFrames, fc.array(fc.nat()), (frames, cuts) => {
      deepEqual(read(wire(frames), cuts), frames);
    }),
  ));

test('byte by byte gives the same frames', () => {
  const frames = [Uint8Array.of(1), new Uint8Array(300).fill(7), Uint8Array.of(2, 3)];
  const bytes = wire(frames);
  deepEqual(
    read(
      bytes,
      Array.from({ length: bytes.length }, (_, i) => i),
    ),
    frames,
  );
});

test('lengths of nothing and beyond the limit are refused before memory is taken', () => {
  throws(() => read(Uint8Array.of(0, 0, 0, 0), []), /a frame of 0 bytes/);
  throws(() => read(Uint8Array.of(0xff, 0xff, 0xff, 0xff), []), /a frame of 4294967295 bytes; frames have from 1 to/);
  throws(() => read(wire([new Uint8Array(101)]), [], 100), /a frame of 101 bytes; frames have from 1 to 100/);
});

test('the cost is O(bytes) however the stream is cut: a large frame, byte by byte', () => {
  const frame = new Uint8Array(1 << 20).fill(1);
  const bytes = wire([frame]);
  let sizeBytes = 0;
  const reader = new FrameReader(1 << 20, (whole) => (sizeBytes = whole.length));
  for (let i = 0; i < bytes.length; i++) reader.feed(bytes, i, i + 1);
  equal(sizeBytes, frame.length);
});
