/**
 * CRC-16/XMODEM (polynomial 0x1021, initial value 0, not reflected, no final xor): the hash of Redis Cluster's slots.
 *
 *   tables: [ T0 | T1 | T2 | T3 ]   Tk[b]: the CRC of byte b followed by k zero bytes
 *
 * Four bytes a step ("slices of four") instead of one: the four lookups do not depend on each other.
 */
const tables = makeTables();

function makeTables(): Uint16Array {
  const all = new Uint16Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    all[byte] = crc;
  }
  for (let i = 256; i < all.length; i++) {
    const before = all[i - 256];
    all[i] = (before << 8) ^ all[before >> 8];
  }
  return all;
}

/** The CRC-16 of `u8[start, end)`, in [0, 65536). */
export function crc16(u8: Uint8Array, start: number, end: number): number {
  let crc = 0;
  let i = start;
  for (const wordsEnd = end - 3; i < wordsEnd; i += 4) {
    crc =
      tables[768 + ((crc >> 8) ^ u8[i])] ^
      tables[512 + ((crc & 0xff) ^ u8[i + 1])] ^
      tables[256 + u8[i + 2]] ^
      tables[u8[i + 3]];
  }
  for (; i < end; i++) crc = ((crc << 8) & 0xff00) ^ tables[(crc >> 8) ^ u8[i]];
  return crc;
}
