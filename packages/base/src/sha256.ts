/**
 * SHA-256 (FIPS 180-4) and HMAC (RFC 2104) without Node, so that what authenticates runs the same in the simulator.
 *
 * Meant for messages of a few hundred bytes; not timed against the native one, which is the choice for files.
 */
export class Sha256 {
  readonly #hash = Uint32Array.from(initialHash);
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

  /** 32 bytes. The object may not be used afterwards. */
  digest(): Uint8Array<ArrayBuffer> {
    const block = this.#block;
    block[this.#blockBytes++] = 0x80;
    if (this.#blockBytes > 56) {
      block.fill(0, this.#blockBytes);
      compress(this.#hash, block, 0);
      this.#blockBytes = 0;
    }
    block.fill(0, this.#blockBytes);
    const view = new DataView(block.buffer);
    view.setUint32(56, Math.floor(this.#totalBytes / 2 ** 29));
    view.setUint32(60, (this.#totalBytes * 8) >>> 0);
    compress(this.#hash, block, 0);
    const digest = new Uint8Array(32);
    const out = new DataView(digest.buffer);
    for (let i = 0; i < 8; i++) out.setUint32(4 * i, this.#hash[i]);
    return digest;
  }

  /** A second computation that goes on from here. */
  clone(): Sha256 {
    const copy = new Sha256();
    copy.#hash.set(this.#hash);
    copy.#block.set(this.#block);
    copy.#blockBytes = this.#blockBytes;
    copy.#totalBytes = this.#totalBytes;
    return copy;
  }
}

export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Sha256().update(bytes).digest();
}

/** HMAC-SHA256 with one key: the two blocks of the key are hashed once. */
export class HmacSha256 {
  readonly #inner = new Sha256();
  readonly #outer = new Sha256();

  constructor(key: Uint8Array) {
    const short = key.length > 64 ? sha256(key) : key;
    const pad = new Uint8Array(64).fill(0x36);
    for (let i = 0; i < short.length; i++) pad[i] ^= short[i];
    this.#inner.update(pad);
    for (let i = 0; i < 64; i++) pad[i] ^= 0x36 ^ 0x5c;
    this.#outer.update(pad);
  }

  /** 32 bytes, of the parts one after another. */
  sign(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
    const inner = this.#inner.clone();
    for (const part of parts) inner.update(part);
    return this.#outer.clone().update(inner.digest()).digest();
  }
}

/** Whether both hold the same bytes, in a time that does not tell where they differ. */
export function equalSecretly(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length && i < b.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

/** The first 32 bits of the fractions of the roots (2: square, 3: cubic) of the first primes. */
function fractionsOfRoots(count: number, root: 2 | 3): Uint32Array {
  const fractions = new Uint32Array(count);
  let found = 0;
  for (let n = 2; found < count; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n && isPrime; d++) isPrime = n % d !== 0;
    if (!isPrime) continue;
    const value = root === 2 ? Math.sqrt(n) : Math.cbrt(n);
    fractions[found++] = (value - Math.floor(value)) * 2 ** 32;
  }
  return fractions;
}

const initialHash = fractionsOfRoots(8, 2);
const roundConstants = Int32Array.from(fractionsOfRoots(64, 3));
const schedule = new Int32Array(64);

function compress(hash: Uint32Array, bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i++) {
    const j = at + 4 * i;
    w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = hash[0] | 0;
  let b = hash[1] | 0;
  let c = hash[2] | 0;
  let d = hash[3] | 0;
  let e = hash[4] | 0;
  let f = hash[5] | 0;
  let g = hash[6] | 0;
  let h = hash[7] | 0;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  hash[0] += a;
  hash[1] += b;
  hash[2] += c;
  hash[3] += d;
  hash[4] += e;
  hash[5] += f;
  hash[6] += g;
  hash[7] += h;
}
