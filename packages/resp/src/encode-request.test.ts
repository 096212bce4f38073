import fc from 'fast-check';
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'vitest';
import { anyText, cutAt, cuts, decodeRequests, latin1 } from '../test/support.ts';
import { encodeRequest } from './encode-request.ts';

const table: readonly (readonly [parts: readonly (string | Uint8Array | number)[], wire: string])[] = [
  [['PING'], '*1\r\n$4\r\nPING\r\n'],
  [['SET', 'k', ''], '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n'],
  [['SET', 'ü', Uint8Array.of(0, 255)], '*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xbc\r\n$2\r\n\0\xff\r\n'],
  [['x', 0, -12, 9_007_199_254_740_991], '*4\r\n$1\r\nx\r\n$1\r\n0\r\n$3\r\n-12\r\n$16\r\n9007199254740991\r\n'],
  [['x', 1.5, 1e300, -Infinity], '*4\r\n$1\r\nx\r\n$3\r\n1.5\r\n$6\r\n1e+300\r\n$4\r\n-inf\r\n'],
];

for (const [parts, wire] of table) {
  test(`encodeRequest ${JSON.stringify(wire)}`, () => equal(latin1(encodeRequest(parts)), wire));
}

test('each request is in memory of its own, also after a large one', () => {
  const first = encodeRequest(['ECHO', 'a'.repeat(200_000)]);
  const second = encodeRequest(['PING']);
  const third = encodeRequest(['PONG']);
  equal(first.length, 200_000 + '*2\r\n$4\r\nECHO\r\n$200000\r\n\r\n'.length);
  equal(latin1(second), '*1\r\n$4\r\nPING\r\n');
  equal(latin1(third), '*1\r\n$4\r\nPONG\r\n');
  equal(second.buffer.byteLength, second.length);
});

test('what is encoded is decoded (property)', () => {
  const part = fc.oneof(anyText({ maxLength: 40 }), fc.uint8Array({ maxLength: 99 }), fc.integer());
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 9 }), cuts, (parts, offsets) => {
      const expected = parts.map((value) => latin1(value instanceof Uint8Array ? value : Buffer.from(String(value))));
      deepEqual(decodeRequests(cutAt(encodeRequest(parts), offsets)), [expected]);
    }),
  );
});
