import { ByteBuffer, latin1Of } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RdbBytes } from '../rdb-bytes.ts';
import { RdbError } from '../rdb-error.ts';
import { ListpackReader } from './listpack-reader.ts';
import { ListpackWriter } from './listpack-writer.ts';
import { PackScan } from './pack-scan.ts';

const element = fc.oneof(
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Uint8Array.from(bytes)),
  fc.constantFrom(0, 60, 63, 64, 120, 126, 127, 128, 4095, 4096, 17_000).map((length) => new Uint8Array(length)),
  fc.integer({ min: -70_000, max: 70_000 }).map((n) => new TextEncoder().encode(String(n))),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => new TextEncoder().encode(String(n))),
  fc.constantFrom('007', '-0', '+1', '9223372036854775808').map((text) => new TextEncoder().encode(text)),
);
const elements = fc.array(element, { maxLength: 60, size: 'max' });

/** Its bytes lie somewhere in a buffer. */
function packOf(texts: readonly Uint8Array[], before = 5): RdbBytes {
  const writer = new ListpackWriter();
  for (const text of texts) writer.string(text);
  const bytes = writer.finish().u8.slice(0, writer.out.length);
  const buffer = new ByteBuffer(before + bytes.length + 3);
  buffer.u8.fill(0xff);
  buffer.u8.set(bytes, before);
  const pack = new RdbBytes();
  pack.set(buffer, before, before + bytes.length);
  return pack;
}

/** What ListpackReader says: elements of a pack in its usual form, else undefined. */
function readAll(pack: RdbBytes): string[] | undefined {
  const reader = new ListpackReader();
  const text = new RdbBytes();
  const all: string[] = [];
  try {
    for (reader.begin(pack); reader.next(text);) all.push(latin1Of(text.buffer.u8, text.start, text.end));
  } catch (error) {
    expect(error).toBeInstanceOf(RdbError);
    return undefined;
  }
  return reader.isCanonical ? all : undefined;
}

test('the scan says of a pack what the reader says, whatever its bytes are', () => {
  const scan = new PackScan();
  fc.assert(
    fc.property(elements, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), (texts, changes) => {
      const pack = packOf(texts);
      for (const [at, byte] of changes) pack.buffer.u8[pack.start + (at % pack.sizeBytes)] = byte;
      const expected = readAll(pack);
      expect(scan.scan(pack.buffer, pack.start, pack.end)).toBe(expected !== undefined);
      if (expected === undefined) return;
      expect(scan.count).toBe(expected.length);
      expect(scan.hasTwins(1)).toBe(new Set(expected).size < expected.length);
      const fields = expected.filter((_, i) => i % 2 === 0);
      expect(scan.hasTwins(2)).toBe(new Set(fields).size < fields.length);
    }),
    { numRuns: 3000 },
  );
});

test('a scan reads nothing beyond the pack', () => {
  const pack = packOf([new Uint8Array(70), new Uint8Array(5000)], 0);
  const { u8 } = pack.buffer;
  for (let end = 0; end <= pack.end; end++) {
    const cut = ByteBuffer.from(u8.subarray(0, end));
    // As a pack that says that it ends here.
    if (end >= 7) cut.dv.setUint32(0, end, true);
    if (end > 0) cut.u8[end - 1] = 0xff;
    expect(new PackScan().scan(cut, 0, end)).toBe(end === pack.end);
  }
});
