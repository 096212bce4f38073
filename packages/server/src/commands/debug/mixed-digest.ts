import { Sha1 } from '@kvartz/base';

/** SHA-1, 20 bytes. */
const digestBytes = 20;
const sha1 = new Sha1();
const hash = new Uint8Array(digestBytes);

/**
 * A digest that data is added to, as Redis's debug.c builds it: `xor` for what has no order, `mix` for what has. Two servers
 * that hold the same data give the same digest.
 */
export class MixedDigest {
  readonly bytes = new Uint8Array(digestBytes);

  clear(): void {
    this.bytes.fill(0);
  }

  /** digest ^= SHA1(data) */
  xor(data: Uint8Array, start: number, end: number): void {
    sha1.update(data, start, end).digest(hash);
    for (let i = 0; i < digestBytes; i++) this.bytes[i] ^= hash[i];
  }

  /** digest = SHA1(digest ^ SHA1(data)) */
  mix(data: Uint8Array, start: number, end: number): void {
    this.xor(data, start, end);
    sha1.update(this.bytes).digest(this.bytes);
  }

  /** A number of 32 bits, the highest first. */
  mixWord(word: number): void {
    wordBytes[0] = word >>> 24;
    wordBytes[1] = word >>> 16;
    wordBytes[2] = word >>> 8;
    wordBytes[3] = word;
    this.mix(wordBytes, 0, 4);
  }

  get hex(): string {
    return Array.from(this.bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}

const wordBytes = new Uint8Array(4);
