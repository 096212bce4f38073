import { ByteBuffer, latin1Of } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Args } from './args.ts';
import { encodeRequest } from './encode-request.ts';
import { requestLimits } from './limits.ts';
import { RequestBatch } from './request-batch.ts';
import { RequestDecoder } from './request-decoder.ts';

const words = (args: Args): string[] =>
  Array.from({ length: args.count }, (_, i) => latin1Of(args.buffer.u8, args.start[i], args.end[i]));

/** Feeds the chunks one by one; after every request `stop` may end the run, as a client that must wait does. */
function decodeAhead(chunks: readonly Uint8Array[], capacity: number, stop: () => boolean): string[][] {
  const decoder = new RequestDecoder(requestLimits());
  const batch = new RequestBatch(capacity);
  const requests: string[][] = [];
  const run = (): boolean => {
    for (;;) {
      const count = decoder.nextBatch(batch);
      for (let i = 0; i < count; i++) {
        requests.push(words(batch.args[i]));
        if (!stop()) continue;
        decoder.unread(batch, i + 1);
        decoder.retain();
        return false;
      }
      if (count > 0) continue;
      if (!decoder.next()) return true;
      requests.push(words(decoder.args));
      if (!stop()) continue;
      decoder.retain();
      return false;
    }
  };
  for (const chunk of chunks) {
    // The memory of a chunk is used again, so what the decoder did not copy is lost.
    const input = ByteBuffer.from(chunk);
    decoder.feed(input, 0, chunk.length);
    while (!run()) input.u8.fill(0x78);
    input.u8.fill(0x78);
  }
  return requests;
}

function cut(wire: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (wire.length + 1)), wire.length].toSorted((a, b) => a - b);
  return ends.map((end, i) => wire.subarray(i === 0 ? 0 : ends[i - 1], end));
}

test('decoding ahead gives the same requests, wherever the stream is cut and wherever the client stops', () => {
  const request = fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.array(request, { minLength: 1, maxLength: 40 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.integer({ min: 1, max: 16 }),
      fc.infiniteStream(fc.boolean()),
      (requests, places, capacity, stops) => {
        const wire = Buffer.concat(requests.map((parts) => encodeRequest(parts)));
        const asBytes = requests.map((parts) => parts.map((part) => Buffer.from(part).toString('latin1')));
        expect(decodeAhead(cut(wire, places), capacity, () => stops.next().value!)).toEqual(asBytes);
      },
    ),
    { numRuns: 500 },
  );
});

test('what is not a plain request ends the batch and is left to next', () => {
  const wire = Buffer.from('*1\r\n$4\r\nPING\r\nECHO inline\r\n*0\r\n*1\r\n$4\r\nQUIT\r\n');
  expect(decodeAhead([wire], 16, () => false)).toEqual([['PING'], ['ECHO', 'inline'], ['QUIT']]);
});

test('a connection that has yet to authenticate is not decoded ahead: AUTH changes what its next request may be', () => {
  const decoder = new RequestDecoder(requestLimits({ isUnauthenticated: true }));
  const wire = ByteBuffer.from(encodeRequest(['AUTH', 'x']));
  decoder.feed(wire, 0, wire.sizeBytes);
  expect(decoder.nextBatch(new RequestBatch(16))).toBe(0);
  expect(decoder.next()).toBe(true);
});
