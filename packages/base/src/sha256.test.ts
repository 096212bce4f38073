import { createHash, createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'vitest';
import { equalSecretly, HmacSha256, Sha256, sha256 } from './sha256.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

for (const [text, digest] of [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
] as const) {
  test(`sha256: FIPS 180-4 example '${text}'`, () => equal(hex(sha256(Buffer.from(text))), digest));
}

test('sha256: equals the native one for every length around the blocks', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = randomBytes(length);
    equal(hex(sha256(bytes)), createHash('sha256').update(bytes).digest('hex'), `${length} bytes`);
  }
});

test('sha256: cuts of the input never change the digest', () =>
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
      const whole = new Sha256();
      for (const piece of pieces) whole.update(piece);
      deepEqual(whole.digest(), sha256(Buffer.concat(pieces)));
    }),
  ));

test('hmac: equals the native one for keys of any length', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.uint8Array({ maxLength: 200 })), (key, parts) => {
      const native = createHmac('sha256', key).update(Buffer.concat(parts)).digest('hex');
      const hmac = new HmacSha256(key);
      equal(hex(hmac.sign(...parts)), native);
      equal(hex(hmac.sign(...parts)), native, 'a second time');
    }),
  ));

test('equalSecretly: same bytes, and nothing else', () => {
  equal(equalSecretly(Buffer.from('abc'), Buffer.from('abc')), true);
  equal(equalSecretly(Buffer.from('abc'), Buffer.from('abd')), false);
  equal(equalSecretly(Buffer.from('abc'), Buffer.from('ab')), false);
});
