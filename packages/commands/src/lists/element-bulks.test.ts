import { ByteBuffer, latin1Bytes, latin1Of } from '@kvartz/base';
import { ReplyWriter } from '@kvartz/resp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestContext } from '../../test/test-context.ts';
import { writeElements } from './element-bulks.ts';

const textOf = fc.oneof(
  fc.integer({ min: 0, max: 80 }).map((length) => 'abcdefgh'.repeat(10).slice(0, length)),
  fc.constantFrom(100, 999, 1000, 4095, 4096, 5000).map((length) => '\xff'.repeat(length)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.integer({ min: -10_000, max: 10_000 }).map(String),
);

test('elements become the bulks that they are, also at the very end of memory', () => {
  fc.assert(
    fc.property(fc.array(textOf, { minLength: 1, maxLength: 40 }), fc.nat(), (texts, n) => {
      const context = new TestContext();
      context.db.limits.listMaxListpackSize = -5;
      context.run('RPUSH', 'key', ...texts.map((text) => latin1Bytes(text)));
      const { lists } = context.db;
      const { walk } = lists;
      const e = context.db.find(ByteBuffer.from(latin1Bytes('key')), 0, 3);
      const count = 1 + (n % texts.length);
      let expected = '';
      for (const text of texts.slice(0, count)) expected += `$${text.length}\r\n${text}\r\n`;
      walk.seek(e, texts.length, 0, false);
      let written = '';
      for (let left = count; left > 0 && walk.nextRun(); left -= walk.count) {
        // No byte behind the last element may be read.
        const exact = ByteBuffer.from(walk.bytes.u8.slice(walk.p, walk.to));
        const reply = new ReplyWriter(1);
        writeElements(reply, exact, 0, exact.sizeBytes, Math.min(left, walk.count));
        written += latin1Of(reply.buffer.u8, 0, reply.position);
      }
      expect(written).toBe(expected);
      const reply = context.run('LRANGE', 'key', 0, count - 1) as (string | Uint8Array)[];
      expect(reply.length).toBe(count);
    }),
    { numRuns: 200 },
  );
});
