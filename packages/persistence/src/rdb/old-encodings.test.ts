import { asciiBytes, crc64 } from '@kvartz/base';
import { describe, expect, test } from 'vitest';
import { RdbError } from './rdb-error.ts';
import { readRdb } from './read-rdb.ts';

/* Files as old servers wrote them, put together by hand from the description of the format. */

type Part = number | string | Uint8Array;

function join(...parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.from([part]) : typeof part === 'string' ? asciiBytes(part) : part,
    ),
  );
}

/** A string with its length. */
function str(...parts: readonly Part[]): Buffer {
  const bytes = join(...parts);
  const { length } = bytes;
  return length < 64 ? join(length, bytes) : join(0x40 | (length >> 8), length & 0xff, bytes);
}

function u32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
}

function u64(n: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(n);
  return bytes;
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
  return join(u32(at + 1), u32(tail), elements.length & 0xff, elements.length >> 8, ...parts, 255);
}

function zlText(text: string): Buffer {
  const { length } = text;
  if (length < 64) return join(length, text);
  return length < 16_384
    ? join(0x40 | (length >> 8), length & 0xff, text)
    : join(0x80, 0, 0, length >> 8, length & 0xff, text);
}

function file(version: number, ...parts: readonly Part[]): Buffer {
  const bytes = join(`REDIS${String(version).padStart(4, '0')}`, ...parts, 255);
  return version < 5 ? bytes : join(bytes, u64(crc64(bytes, 0, bytes.length)));
}

async function read(bytes: Uint8Array): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of readRdb([bytes])) items.push(item);
  return items.map(readable);
}

/** Strings in place of bytes, and nothing that is undefined. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (inner === undefined ? [] : [[name, readable(inner)]])),
  );
}

const long = 'x'.repeat(300);
const integers = ziplist(
  join(0xfe, 0x80),
  join(0xc0, 0x00, 0x80),
  join(0xf0, 0xff, 0xff, 0x7f),
  join(0xd0, 0, 0, 0, 0x80),
  join(0xe0, u64(2n ** 63n)),
  join(0xf1),
  join(0xfd),
  zlText('text'),
  zlText(long),
  zlText('after'),
  zlText('y'.repeat(20_000)),
);
const elements = [
  '-128',
  '-32768',
  '8388607',
  '-2147483648',
  '-9223372036854775808',
  '0',
  '12',
  'text',
  long,
  'after',
  'y'.repeat(20_000),
];

describe('encodings of old servers', () => {
  test.each<[string, number, Part[], unknown]>([
    ['a list, element by element', 1, [1, str('k'), 2, str('a'), 0xc0, 5], { type: 'list', value: ['a', '5'] }],
    [
      'a list as a ziplist',
      6,
      [10, str('k'), 0x80, join(u32(integers.length)).toReversed(), integers],
      { type: 'list', value: elements },
    ],
    [
      'a list of ziplists',
      7,
      [14, str('k'), 2, str(ziplist(zlText('a'), join(0xf3))), str(ziplist(zlText('b')))],
      { type: 'list', value: ['a', '2', 'b'] },
    ],
    [
      'a hash as a ziplist',
      6,
      [13, str('k'), str(ziplist(zlText('f'), join(0xf2), zlText('g'), zlText('v')))],
      {
        type: 'hash',
        value: [
          { field: 'f', value: '1' },
          { field: 'g', value: 'v' },
        ],
      },
    ],
    [
      'a sorted set as a ziplist',
      6,
      [12, str('k'), str(ziplist(zlText('m'), join(0xf2), zlText('n'), zlText('2.5')))],
      {
        type: 'zset',
        value: [
          { member: 'm', score: 1 },
          { member: 'n', score: 2.5 },
        ],
      },
    ],
    [
      'a zipmap',
      2,
      [9, str('k'), str(2, 1, 'f', 2, 0, 'v1', 1, 'g', 1, 3, 'w', '???', 255)],
      {
        type: 'hash',
        value: [
          { field: 'f', value: 'v1' },
          { field: 'g', value: 'w' },
        ],
      },
    ],
    [
      'a zipmap with a long value',
      2,
      [9, str('k'), str(1, 1, 'f', 254, u32(300), 0, long, 255)],
      { type: 'hash', value: [{ field: 'f', value: long }] },
    ],
    [
      'an intset',
      6,
      [11, str('k'), str(u32(4), u32(2), u32(0xffff_fffe), u32(70_000))],
      { type: 'set', value: ['-2', '70000'] },
    ],
    [
      'scores as text',
      3,
      [3, str('k'), 4, str('a'), 3, '1.5', str('b'), 254, str('c'), 255, str('d'), 2, '-7'],
      {
        type: 'zset',
        value: [
          { member: 'a', score: 1.5 },
          { member: 'b', score: Infinity },
          { member: 'c', score: -Infinity },
          { member: 'd', score: -7 },
        ],
      },
    ],
    [
      'times in seconds',
      2,
      [253, u32(1000), 0, str('k'), str('v')],
      { expireAtMs: 1_000_000, type: 'string', value: 'v' },
    ],
    [
      'idle time and counter',
      9,
      [248, 0x40, 0x64, 249, 200, 0, str('k'), str('v')],
      { idleSeconds: 100, freq: 200, type: 'string', value: 'v' },
    ],
    [
      'fields with times',
      12,
      [24, str('k'), u64(5000n), 3, 0, str('a'), str('1'), 1, str('b'), str('2'), 11, str('c'), str('3')],
      {
        type: 'hash',
        value: [
          { field: 'a', value: '1' },
          { field: 'b', value: '2', expireAtMs: 5000 },
          { field: 'c', value: '3', expireAtMs: 5010 },
        ],
      },
    ],
    [
      'fields with times of a candidate',
      12,
      [22, str('k'), 1, 0x40, 0xff, str('b'), str('2')],
      { type: 'hash', value: [{ field: 'b', value: '2', expireAtMs: 255 }] },
    ],
    [
      'fields with times, packed',
      12,
      [25, str('k'), u64(7n), str(u32(21), 6, 0, 0x81, 'f', 2, 1, 1, 7, 1, 0x81, 'g', 2, 2, 1, 0, 1, 255)],
      {
        type: 'hash',
        value: [
          { field: 'f', value: '1', expireAtMs: 7 },
          { field: 'g', value: '2' },
        ],
      },
    ],
    [
      'fields with times, packed, of a candidate',
      12,
      [23, str('k'), str(u32(14), 3, 0, 0x81, 'f', 2, 1, 1, 7, 1, 255)],
      { type: 'hash', value: [{ field: 'f', value: '1', expireAtMs: 7 }] },
    ],
    [
      'a value of a module',
      9,
      [7, str('k'), 0x81, u64(0n), 2, 5, 1, 3, 3, u32(0), 4, u64(0n), 5, str('any'), 0],
      { type: 'module', value: 'AAAAAAAAA' },
    ],
  ])('%s', async (_name, version, parts, expected) => {
    expect(await read(file(version, 254, 3, ...parts, 0, str('z'), str('end')))).toEqual([
      { db: 3, key: 'k', ...(expected as object) },
      { db: 3, key: 'z', type: 'string', value: 'end' },
    ]);
  });

  test('what stands beside the keys', async () => {
    const moduleId = Buffer.from([0x81, ...u64(0x0011223344556677n).toReversed()]);
    const bytes = file(
      11,
      250,
      str('redis-ver'),
      str('7.2.0'),
      247,
      moduleId,
      2,
      1,
      5,
      str('x'),
      0,
      245,
      str('#!lua name=l'),
      254,
      0,
      251,
      1,
      0,
      244,
      1,
      1,
      0,
      0,
      str('k'),
      str('v'),
    );
    expect(await read(bytes)).toEqual([
      { type: 'aux', name: 'redis-ver', value: '7.2.0' },
      { type: 'function', code: '#!lua name=l' },
      { db: 0, key: 'k', type: 'string', value: 'v' },
    ]);
  });

  test.each<[string, Buffer, string, number]>([
    ['another file', Buffer.from('GARBAGE and more'), 'corrupt', 0],
    ['a version that is to come', file(99), 'unsupported', 0],
    ['an unknown type', file(9, 100, str('k'), str('v')), 'unsupported', 12],
    ['a module of a candidate', file(9, 6, str('k'), 0), 'unsupported', 12],
    ['functions of a candidate', file(9, 246, str('k')), 'unsupported', 10],
    ['a wrong sum', Buffer.concat([file(9).subarray(0, -1), Buffer.from([0x55])]), 'checksum', 10],
    ['a byte that is no length', file(9, 0, str('k'), 0xc7), 'corrupt', 12],
    ['a length that nothing has', file(9, 0, 0x81, 255, 255, 255, 255, 255, 255, 255, 255), 'corrupt', 19],
    ['an opcode that no module has', file(9, 7, str('k'), 1, 9), 'corrupt', 14],
    ['LZF that says too much', file(9, 0, str('k'), 0xc3, 2, 0x80, 255, 255, 255, 255, 0, 0), 'corrupt', 12],
    ['LZF that is none', file(9, 0, str('k'), 0xc3, 2, 5, 0xff, 0xff), 'corrupt', 15],
  ])('%s is refused', async (_name, bytes, code, offset) => {
    const error: unknown = await read(bytes).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RdbError);
    expect(error).toMatchObject({ code, offset });
  });
});
