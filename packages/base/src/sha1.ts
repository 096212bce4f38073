/**
 * SHA-1 (FIPS 180-4). For digests that others compute with it (DEBUG DIGEST, script ids), never for secrets. An object can be
 * used again after each digest, since data sets are digested in millions of short pieces.
 */
export class Sha1 {
  readonly #hash = Int32Array.from(initialHash);
  readonly #block = new Uint8Array(64);
  #blockBytes = 0;
  #totalBytes = 0;

  update(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.#totalBytes += end - start;
    let at = start;
    while (at < end) {
      if (this.#blockBytes === 0 && end - at >= 64) {
        compress(this.#hash, bytes, at);
        at += 64;
        continue;
      }
      const taken = Math.min(end - at, 64 - this.#blockBytes);
      for (let i = 0; i < taken; i++) this.#block[this.#blockBytes + i] = bytes[at + i];
      this.#blockBytes += taken;
      at += taken;
      if (this.#blockBytes === 64) {
        compress(this.#hash, this.#block, 0);
        this.#blockBytes = 0;
      }
    }
    return this;
  }

  /** Writes 20 bytes to `target`, and begins anew. */
  digest(target: Uint8Array): void {
    const block = this.#block;
    block[this.#blockBytes++] = 0x80;
    if (this.#blockBytes > 56) {
      block.fill(0, this.#blockBytes);
      compress(this.#hash, block, 0);
      this.#blockBytes = 0;
    }
    block.fill(0, this.#blockBytes);
    putWord(block, 56, Math.floor(this.#totalBytes / 2 ** 29));
    putWord(block, 60, this.#totalBytes * 8);
    compress(this.#hash, block, 0);
    for (let i = 0; i < 5; i++) putWord(target, 4 * i, this.#hash[i]);
    this.#hash.set(initialHash);
    this.#blockBytes = 0;
    this.#totalBytes = 0;
  }
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

const initialHash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
const schedule = new Int32Array(80);

function compress(hash: Int32Array, bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i++) {
    const j = at + 4 * i;
    w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
  }
  for (let i = 16; i < 80; i++) {
    const x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
    w[i] = (x << 1) | (x >>> 31);
  }
  let a = hash[0];
  let b = hash[1];
  let c = hash[2];
  let d = hash[3];
  let e = hash[4];
  for (let i = 0; i < 80; i++) {
    let f: number;
    if (i < 20) f = ((b & c) | (~b & d)) + 0x5a827999;
    else if (i < 40) f = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) f = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else f = (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + f + e + w[i]) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  hash[0] += a;
  hash[1] += b;
  hash[2] += c;
  hash[3] += d;
  hash[4] += e;
}
