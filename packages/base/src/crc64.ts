/**
 * CRC-64 as Redis uses it in RDB files and DUMP payloads: the "Jones" polynomial 0xad93d23594c935a9, reflected, initial
 * value 0, no final xor. Check value: "123456789" gives e9c6d914c4b8d9ca.
 *
 *   tables: 8 times 256 pairs [low, high]   Tk[b]: the CRC of byte b followed by k zero bytes
 *
 * The sum is kept as two halves of 32 bits, because a BigInt in the loop would be allocated anew for every byte.
 */
const tables = makeTables();

function makeTables(): Int32Array {
  // The polynomial with its bits in reverse order, since the sum shifts to the right.
  const polyLow = 0xac4b_c9b5 | 0;
  const polyHigh = 0x95ac_9329 | 0;
  const all = new Int32Array(8 * 256 * 2);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (carry) {
        low ^= polyLow;
        high ^= polyHigh;
      }
    }
    all[2 * byte] = low;
    all[2 * byte + 1] = high;
  }
  for (let i = 512; i < all.length; i += 2) {
    const low = all[i - 512];
    const high = all[i - 511];
    const next = 2 * (low & 0xff);
    all[i] = ((low >>> 8) | (high << 24)) ^ all[next];
    all[i + 1] = (high >>> 8) ^ all[next + 1];
  }
  return all;
}

/** A running sum, for content that comes in pieces. */
export class Crc64 {
  /** Halves of the sum, as signed 32-bit integers. */
  low = 0;
  high = 0;

  update(u8: Uint8Array, start: number, end: number): this {
    let low = this.low;
    let high = this.high;
    let i = start;
    for (const wordsEnd = end - 7; i < wordsEnd; i += 8) {
      low ^= u8[i] | (u8[i + 1] << 8) | (u8[i + 2] << 16) | (u8[i + 3] << 24);
      high ^= u8[i + 4] | (u8[i + 5] << 8) | (u8[i + 6] << 16) | (u8[i + 7] << 24);
      const a = 3584 + ((low << 1) & 0x1fe);
      const b = 3072 + ((low >>> 7) & 0x1fe);
      const c = 2560 + ((low >>> 15) & 0x1fe);
      const d = 2048 + ((low >>> 23) & 0x1fe);
      const e = 1536 + ((high << 1) & 0x1fe);
      const f = 1024 + ((high >>> 7) & 0x1fe);
      const g = 512 + ((high >>> 15) & 0x1fe);
      const h = (high >>> 23) & 0x1fe;
      low = tables[a] ^ tables[b] ^ tables[c] ^ tables[d] ^ tables[e] ^ tables[f] ^ tables[g] ^ tables[h];
      high =
        tables[a + 1] ^
        tables[b + 1] ^
        tables[c + 1] ^
        tables[d + 1] ^
        tables[e + 1] ^
        tables[f + 1] ^
        tables[g + 1] ^
        tables[h + 1];
    }
    for (; i < end; i++) {
      const at = 2 * ((low ^ u8[i]) & 0xff);
      low = ((low >>> 8) | (high << 24)) ^ tables[at];
      high = (high >>> 8) ^ tables[at + 1];
    }
    this.low = low;
    this.high = high;
    return this;
  }

  /** The sum as an unsigned 64-bit integer. */
  get value(): bigint {
    return (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
  }

  reset(): void {
    this.low = 0;
    this.high = 0;
  }
}

/** The CRC-64 of `u8[start, end)` as an unsigned 64-bit integer. */
export function crc64(u8: Uint8Array, start: number, end: number): bigint {
  return new Crc64().update(u8, start, end).value;
}
