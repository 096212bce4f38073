/**
 * Nanoseconds per request: pipelines in chunks of 64 KiB, cut where the chunk ends, as a socket delivers them.
 *
 *   taskset -c 1 node packages/resp/src/request-decoder.bench.ts
 *
 * Target: below 60 ns for SET with a key of 16 bytes and a value of 32.
 */
import { ByteBuffer } from '@kvartz/base';
import { isSmall } from '../../../test/support/micro-bench.ts';
import { encodeRequest, RequestDecoder, requestLimits } from './index.ts';

interface Shape {
  readonly name: string;
  readonly request: (i: number) => Uint8Array;
  readonly chunkBytes?: number;
}

const key = (i: number): string => `key:${String(i).padStart(12, '0')}`;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const shapes: readonly Shape[] = [
  { name: 'PING', request: () => encodeRequest(['PING']) },
  { name: 'PING inline', request: () => text('PING\r\n') },
  { name: 'GET key:16', request: (i) => encodeRequest(['GET', key(i)]) },
  { name: 'SET key:16 value:3', request: (i) => encodeRequest(['SET', key(i), 'abc']) },
  { name: 'SET key:16 value:32', request: (i) => encodeRequest(['SET', key(i), 'v'.repeat(32)]) },
  {
    name: 'SET key:16 value:32, 1 KiB chunks',
    chunkBytes: 1024,
    request: (i) => encodeRequest(['SET', key(i), 'v'.repeat(32)]),
  },
  { name: 'SET key:16 value:1024', request: (i) => encodeRequest(['SET', key(i), 'v'.repeat(1024)]) },
  { name: 'SET key:16 value:65536', request: (i) => encodeRequest(['SET', key(i), 'v'.repeat(65_536)]) },
  {
    name: 'MSET of 10 pairs',
    request: (i) =>
      encodeRequest(['MSET', ...Array.from({ length: 20 }, (_, k) => (k % 2 === 0 ? key(i + k) : 'v'.repeat(32)))]),
  },
  {
    name: 'MSET of 10 x 65536',
    request: (i) =>
      encodeRequest(['MSET', ...Array.from({ length: 20 }, (_, k) => (k % 2 === 0 ? key(i + k) : 'v'.repeat(65_536)))]),
  },
];

function bench(shape: Shape, wantedBytes: number, roundMs: number): void {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (let i = 0; sizeBytes < wantedBytes; i++) {
    parts.push(shape.request(i));
    sizeBytes += parts[i].length;
  }
  const wire = ByteBuffer.from(Buffer.concat(parts));
  const chunkBytes = shape.chunkBytes ?? 64 * 1024;
  const decoder = new RequestDecoder(requestLimits());
  let checksum = 0;
  const times: number[] = [];
  for (const until = performance.now() + roundMs; times.length < 2 || performance.now() < until;) {
    const start = performance.now();
    checksum = 0;
    for (let at = 0; at < wire.sizeBytes; at += chunkBytes) {
      decoder.feed(wire, at, Math.min(at + chunkBytes, wire.sizeBytes));
      while (decoder.next()) {
        const { args } = decoder;
        checksum += args.end[args.count - 1] - args.start[0] + args.count;
      }
    }
    times.push(((performance.now() - start) * 1e6) / parts.length);
  }
  times.sort((a, b) => a - b);
  const typicalNs = times[Math.floor(times.length / 4)];
  const nsPerKib = (typicalNs * parts.length * 1024) / wire.sizeBytes;
  const cells = [typicalNs.toFixed(1).padStart(10), nsPerKib.toFixed(0).padStart(8)];
  console.log(`${shape.name.padEnd(36)} ${cells.join(' ')}   checksum ${checksum}`);
}

if (import.meta.main) {
  console.log(`${'request'.padEnd(36)} ${'ns'.padStart(10)} ${'ns/KiB'.padStart(8)}`);
  for (const shape of shapes) bench(shape, isSmall ? 10_000 : 1e6, isSmall ? 5 : 700);
}
