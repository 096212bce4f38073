/** copyBytes and equalBytes, beside the native calls. */
import { measure } from '../../../test/support/micro-bench.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { copyBytes, equalBytes } from './bytes.ts';

const from = new ByteBuffer(65_536);
const to = new ByteBuffer(65_536);
from.u8.fill(7);
to.u8.fill(7);

for (const sizeBytes of [3, 16, 32, 64, 200, 256, 512, 4096]) {
  measure(`copyBytes, ${sizeBytes} bytes`, (i) => {
    const at = i & 4095;
    copyBytes(from, at, at + sizeBytes, to, at + 3);
    return to.u8[at + 3];
  });
  measure(`set(subarray), ${sizeBytes} bytes`, (i) => {
    const at = i & 4095;
    to.u8.set(from.u8.subarray(at, at + sizeBytes), at + 3);
    return to.u8[at + 3];
  });
}
for (const sizeBytes of [16, 64, 500, 4096]) {
  measure(`equalBytes, ${sizeBytes} bytes`, (i) => {
    const at = i & 4095;
    return equalBytes(from, at, at + sizeBytes, to, at + 3, at + 3 + sizeBytes) ? 1 : 0;
  });
  measure(`Buffer.compare, ${sizeBytes} bytes`, (i) => {
    const at = i & 4095;
    return Buffer.compare(from.u8.subarray(at, at + sizeBytes), to.u8.subarray(at + 3, at + 3 + sizeBytes));
  });
}
