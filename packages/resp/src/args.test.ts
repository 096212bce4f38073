import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { latin1 } from '../test/support.ts';
import { Args } from './args.ts';

function texts(args: Args): string[] {
  return Array.from({ length: args.count }, (_, i) => latin1(args.buffer.u8.subarray(args.start[i], args.end[i])));
}

test('Args.of packs strings and bytes', () => {
  deepEqual(texts(Args.of('SET', 'key', Uint8Array.of(0, 255), '')), ['SET', 'key', '\0\xff', '']);
});

test('a clone does not change with the original', () => {
  const args = Args.of('SET', 'key', 'value');
  const clone = args.clone();
  args.buffer.u8.fill(0);
  args.count = 0;
  deepEqual(texts(clone), ['SET', 'key', 'value']);
  notEqual(clone.buffer, args.buffer);
  equal(clone.buffer.sizeBytes, 11);
});

test('push grows and keeps what is there', () => {
  const args = new Args(Args.of('abc').buffer, 0);
  for (let i = 0; i < 100; i++) args.push(i % 3, 3);
  equal(args.count, 100);
  deepEqual(texts(args).slice(97), ['bc', 'c', 'abc']);
});
