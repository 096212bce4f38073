/** Parts of PFADD, PFCOUNT and PFMERGE: `node packages/commands/src/hyperloglog/hyperloglog.bench.ts [--small]`. */
import { ByteBuffer, formatInteger } from '@kvartz/base';
import { measure } from '../../../../test/support/micro-bench.ts';
import { countDense, denseRegister, mergeDense, packDense } from './dense.ts';
import { HllDraft } from './draft.ts';
import { indexBits, patternOf, registerCount } from './element-pattern.ts';
import { estimateCardinality } from './estimate.ts';
import { headerBytes } from './layout.ts';

const element = new ByteBuffer(64);
const registers = new Uint8Array(registerCount);
const dense = new ByteBuffer(16_384);
const counts = new Int32Array(64);
const draft = new HllDraft();

function patternOfNumber(i: number): number {
  return patternOf(element, 0, formatInteger(element.u8, 0, i));
}

function fill(elements: number): void {
  for (let i = 0; i < elements; i++) {
    const pattern = patternOfNumber(i);
    const index = pattern & (registerCount - 1);
    registers[index] = Math.max(registers[index], pattern >>> indexBits);
  }
}

measure('hash of 8 bytes', (i) => {
  element.dv.setInt32(0, i);
  return patternOf(element, 0, 8);
});
measure('hash of 36 bytes', (i) => {
  element.dv.setInt32(0, i);
  return patternOf(element, 0, 36);
});
fill(100_000);
packDense(registers, dense.u8, headerBytes);
measure('hash of 8 bytes, dense register', (i) => {
  element.dv.setInt32(0, i);
  return denseRegister(dense.u8, headerBytes, patternOf(element, 0, 8) & (registerCount - 1));
});
measure('counting a dense one', () => {
  counts.fill(0);
  countDense(dense.u8, headerBytes, counts);
  return estimateCardinality(counts);
});
measure('merging a dense one', () => {
  mergeDense(dense.u8, headerBytes, registers);
  return registers[5];
});
measure('1000 elements into a sparse draft', () => {
  draft.clear();
  for (let i = 0; i < 1000; i++) {
    const pattern = patternOfNumber(i);
    draft.raise(pattern & (registerCount - 1), pattern >>> indexBits, 3000);
  }
  return draft.length;
});
