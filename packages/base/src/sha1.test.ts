import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { equal } from 'node:assert/strict';
import { test } from 'vitest';
import { Sha1 } from './sha1.ts';

const sha1 = new Sha1();

/** Of the pieces one after another, in hex; always by the same object. */
function digestOf(...pieces: readonly Uint8Array[]): string {
  for (const piece of pieces) sha1.update(piece);
  const digest = new Uint8Array(20);
  sha1.digest(digest);
  return Buffer.from(digest).toString('hex');
}

for (const [text, digest] of [
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
] as const) {
  test(`sha1: FIPS 180-4 example '${text}'`, () => equal(digestOf(Buffer.from(text)), digest));
}

test('sha1: equals the native one for every length around the blocks', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = randomBytes(length);
    equal(digestOf(bytes), createHash('sha1').update(bytes).digest('hex'), `${length} bytes`);
  }
});

test('sha1: cuts of the input never change the digest', () =>
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
      equal(digestOf(...pieces), digestOf(Buffer.concat(pieces)));
    }),
  ));
