/** CRC-16 of keys and CRC-64 of payloads, beside one byte a step. */
import { isSmall, measure } from '../../../test/support/micro-bench.ts';
import { crc16 } from './crc16.ts';
import { Crc64 } from './crc64.ts';
import { Prng } from './prng.ts';

const bytes = new Uint8Array(64 * 1024);
new Prng(1).fill(bytes);

const byteTable = Uint16Array.from({ length: 256 }, (_, byte) => crc16(Uint8Array.of(byte), 0, 1));

function bytewiseCrc16(u8: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xff00) ^ byteTable[(crc >> 8) ^ u8[i]];
  return crc;
}

for (const sizeBytes of [8, 16, 32, 100]) {
  measure(`crc16 of ${sizeBytes} bytes`, (i) => crc16(bytes, i & 1023, (i & 1023) + sizeBytes));
  measure(`crc16 of ${sizeBytes} bytes, one byte a step`, (i) =>
    bytewiseCrc16(bytes, i & 1023, (i & 1023) + sizeBytes),
  );
}
const sum = new Crc64();
for (const sizeBytes of isSmall ? [16, 1024] : [16, 1024, 65_536]) {
  measure(`crc64 of ${sizeBytes} bytes`, () => {
    sum.reset();
    return sum.update(bytes, 0, sizeBytes).low;
  });
}
