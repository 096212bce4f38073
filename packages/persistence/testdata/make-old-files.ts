/**
 * Writes the files of this folder: `version-N.rdb`, with the encodings that servers of that time wrote, put together by hand from the
 * description of the format (https://rdb.fnordig.de/file_format.html).
 *
 *   node packages/persistence/testdata/make-old-files.ts
 */
import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { asciiBytes, crc64 } from '@kvartz/base';

type Part = number | string | Uint8Array;

function join(...parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.from([part]) : typeof part === 'string' ? asciiBytes(part) : part,
    ),
  );
}

function u16(n: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(n & 0xffff);
  return bytes;
}

function u32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n >>> 0);
  return bytes;
}

function u64(n: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, n));
  return bytes;
}

function double(n: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(n);
  return bytes;
}

function length(n: number): Buffer {
  if (n < 64) return join(n);
  return n < 16_384 ? join(0x40 | (n >> 8), n & 0xff) : join(0x80, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255);
}

function str(...parts: readonly Part[]): Buffer {
  const bytes = join(...parts);
  return join(length(bytes.length), bytes);
}

/** Elements are given as their form and what belongs to it. */
function ziplist(...elements: readonly Buffer[]): Buffer {
  let tail = 10;
  let at = 10;
  let before = 0;
  const parts: Buffer[] = [];
  for (const element of elements) {
    const entry = before < 254 ? join(before, element) : join(254, u32(before), element);
    tail = at;
    at += entry.length;
    before = entry.length;
    parts.push(entry);
  }
  return join(u32(at + 1), u32(tail), u16(elements.length), ...parts, 255);
}

function text(value: string): Buffer {
  if (value.length < 64) return join(value.length, value);
  if (value.length < 16_384) return join(0x40 | (value.length >> 8), value.length & 0xff, value);
  return join(0x80, 0, 0, value.length >> 8, value.length & 0xff, value);
}

const integers: readonly Buffer[] = [
  join(0xf1),
  join(0xfd),
  join(0xfe, 0x80),
  join(0xc0, u16(-1000)),
  join(0xf0, u32(-100_000).subarray(0, 3)),
  join(0xd0, u32(2_000_000_000)),
  join(0xe0, u64(-9_000_000_000_000_000_000n)),
];
const long = 'long '.repeat(60);
const longer = 'longer'.repeat(3000);

/** `f` of a zipmap: its length, spare bytes, and itself. */
function zipmapValue(value: string): Buffer {
  return value.length < 254 ? join(value.length, 2, value, '??') : join(254, u32(value.length), 0, value);
}

function listpack(...elements: readonly (number | string)[]): Buffer {
  const parts = elements.map((element) => {
    const body = typeof element === 'string' ? join(0x80 | element.length, element) : integerElement(element);
    return join(body, body.length);
  });
  const bytes = Buffer.concat(parts);
  return join(u32(bytes.length + 7), u16(elements.length), bytes, 255);
}

function integerElement(n: number): Buffer {
  return n >= 0 && n < 128 ? join(n) : join(0xc0 | ((n >> 8) & 31), n & 0xff);
}

function id(ms: bigint, seq: bigint): Buffer {
  return Buffer.concat([u64(ms).toReversed(), u64(seq).toReversed()]);
}

const simple = [
  join(0, str('string'), str('value')),
  join(0, str('integer'), 0xc1, u16(-300)),
  join(0, str('compressed'), 0xc3, 7, 30, 2, 'abc', 0xe0, 18, 2),
  join(1, str('list'), 3, str('a'), 0xc0, 5, str(long)),
  join(2, str('set'), 2, str('a'), str('b')),
  join(3, str('scores'), 4, str('a'), 3, '1.5', str('b'), 254, str('c'), 255, str('d'), 20, '-7.1000000000000e-10'),
  join(4, str('hash'), 2, str('f'), str('v'), str('g'), 0xc2, u32(-70_000)),
];
const packed = [
  join(10, str('ziplist'), str(ziplist(text('a'), text(''), text(long), text(longer), text('z'), ...integers))),
  join(11, str('intset 16'), str(u32(2), u32(3), u16(-5), u16(0), u16(300))),
  join(11, str('intset 32'), str(u32(4), u32(2), u32(-100_000), u32(70_000))),
  join(11, str('intset 64'), str(u32(8), u32(2), u64(-(2n ** 62n)), u64(2n ** 62n))),
  join(12, str('zset ziplist'), str(ziplist(text('a'), join(0xf2), text('b'), text('2.5'), text('c'), text('inf')))),
];
const zipmap = join(9, str('zipmap'), str(2, 1, 'f', zipmapValue('v1'), 3, 'key', zipmapValue(long), 255));
const hashZiplist = join(
  13,
  str('hash ziplist'),
  str(ziplist(text('f'), text('v'), text('g'), join(0xc0, u16(-1000)))),
);
const quicklist = join(14, str('quicklist'), 2, str(ziplist(text('a'), join(0xfd))), str(ziplist(text(long))));
const doubles = join(
  5,
  str('doubles'),
  3,
  str('a'),
  double(0.1),
  str('b'),
  double(-Infinity),
  str('c'),
  double(5e-324),
);
const node = listpack(
  2,
  1,
  1,
  'f',
  0,
  2,
  0,
  0,
  'v',
  4,
  1,
  10,
  0,
  2,
  'x',
  'y',
  'gone',
  'g',
  8,
  0,
  20,
  1,
  1,
  'other',
  'w',
  6,
);
const stream = join(
  join(15, str('stream'), 1, 16, id(1000n, 1n), str(node), 2, length(1020), 2, 1),
  join(str('group'), length(1000), 1, 1, id(1000n, 1n), u64(1_600_000_000_000n), 3),
  join(1, str('consumer'), u64(1_600_000_000_500n), 1, id(1000n, 1n)),
);

function file(version: number, ...items: readonly Part[]): Buffer {
  const bytes = join(`REDIS${String(version).padStart(4, '0')}`, ...items, 255);
  if (version < 5) return bytes;
  return join(bytes, u64(crc64(bytes, 0, bytes.length)));
}

const far = 4_102_444_800;
const seconds = join(253, u32(far), 0, str('expires in seconds'), str('v'));
const milliseconds = join(252, u64(BigInt(far) * 1000n + 5n), 0, str('expires'), str('v'));
const aux = join(250, str('redis-ver'), str('3.2.0'), 250, str('redis-bits'), 0xc0, 64);
const sizes = join(251, length(16), 1);

const files: Readonly<Record<number, Buffer>> = {
  1: file(1, 254, 0, ...simple, seconds),
  2: file(2, 254, 0, ...simple, zipmap, ...packed, seconds),
  4: file(4, 254, 0, ...simple, hashZiplist, ...packed, milliseconds),
  6: file(6, 254, 0, ...simple, hashZiplist, ...packed, milliseconds, 254, 3, join(0, str('other'), str('database'))),
  7: file(7, aux, 254, 0, sizes, ...simple, hashZiplist, quicklist, ...packed.slice(1), milliseconds),
  8: file(8, aux, 254, 0, sizes, ...simple, doubles, hashZiplist, quicklist, ...packed.slice(1), milliseconds),
  9: file(
    9,
    aux,
    254,
    0,
    sizes,
    doubles,
    quicklist,
    stream,
    join(248, length(100), 0, str('idle'), str('v')),
    milliseconds,
  ),
};

for (const [version, bytes] of Object.entries(files)) {
  writeFileSync(joinPath(import.meta.dirname, `version-${version}.rdb`), bytes);
}
