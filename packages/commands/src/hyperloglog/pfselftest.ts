import { ByteBuffer } from '@kvartz/base';
import type { CommandContext } from '../context.ts';
import { countDense, denseRegister, setDenseRegister } from './dense.ts';
import { HllDraft } from './draft.ts';
import { indexBits, patternOf, registerCount } from './element-pattern.ts';
import { estimateCardinality } from './estimate.ts';
import { denseBytes, headerBytes, HllEncoding, isDense, writeHeader } from './layout.ts';
import { countSparse } from './sparse.ts';

/** Redis's test takes 1000 and 10,000,000, and a second and a half in which nobody else is served. */
const registerRounds = 20;
const elementsMax = 1_000_000;
const relativeError = 1.04 / Math.sqrt(registerCount);

/** PFSELFTEST: that registers keep what is written to them, that both encodings agree, and that estimates are near. */
export function pfselftest(context: CommandContext): void {
  const failure = testRegisters(context) ?? testEstimates(context);
  if (failure === undefined) context.reply.ok();
  else context.reply.error(`TESTFAILED ${failure}`);
}

function testRegisters({ random }: CommandContext): string | undefined {
  const dense = new ByteBuffer(denseBytes + 1);
  const expected = new Uint8Array(registerCount);
  for (let round = 0; round < registerRounds; round++) {
    for (let i = 0; i < registerCount; i++) {
      expected[i] = random.uint32() & 63;
      setDenseRegister(dense.u8, headerBytes, i, expected[i]);
    }
    for (let i = 0; i < registerCount; i++) {
      const found = denseRegister(dense.u8, headerBytes, i);
      if (found !== expected[i]) return `Register ${i} should be ${expected[i]} but is ${found}`;
    }
  }
  return undefined;
}

function testEstimates({ random, hllSparseBytesMax }: CommandContext): string | undefined {
  const both = new HllDraft();
  both.clear();
  const dense = new ByteBuffer(denseBytes + 1);
  writeHeader(dense, HllEncoding.dense);
  const element = new ByteBuffer(8);
  const seed = random.uint32();
  element.dv.setUint32(4, random.uint32(), true);
  for (let n = 1, checkpoint = 1; n <= elementsMax; n++) {
    element.dv.setUint32(0, n ^ seed, true);
    const pattern = patternOf(element, 0, 8);
    const index = pattern & (registerCount - 1);
    const run = pattern >>> indexBits;
    if (denseRegister(dense.u8, headerBytes, index) < run) setDenseRegister(dense.u8, headerBytes, index, run);
    both.raise(index, run, hllSparseBytesMax);
    if (n !== checkpoint) continue;
    checkpoint *= 10;
    const isSparse = !isDense(both.bytes, 0);
    if (n < hllSparseBytesMax / 2 && !isSparse) return 'sparse encoding not used';
    const estimate = estimateOf(dense.u8, headerBytes + denseBytes, false);
    if (estimate !== estimateOf(both.bytes.u8, both.length, isSparse)) return 'dense/sparse disagree';
    const error = Math.abs(n - estimate);
    // Of ten elements two may well share a register.
    if (error > (n === 10 ? 1 : Math.ceil(relativeError * 6 * n))) return `Too big error. card:${n} abserr:${error}`;
  }
  return undefined;
}

function estimateOf(u8: Uint8Array, end: number, isSparse: boolean): number {
  const counts = new Int32Array(64);
  if (isSparse) countSparse(u8, headerBytes, end, counts);
  else countDense(u8, headerBytes, counts);
  return estimateCardinality(counts);
}
