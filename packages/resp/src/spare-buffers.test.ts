import { ByteBuffer } from '@kvartz/base';
import { equal, notEqual, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { SpareBuffers } from './spare-buffers.ts';

const KiB = 1024;
const MiB = 1024 * 1024;

test('the smallest spare buffer that is as large as wanted is taken', () => {
  const spares = new SpareBuffers();
  const [small, middle, large] = [100 * KiB, 200 * KiB, 400 * KiB].map((bytes) => new ByteBuffer(bytes));
  for (const buffer of [middle, large, small]) spares.give(buffer);
  equal(spares.totalBytes, 700 * KiB);
  equal(spares.take(50 * KiB, 150 * KiB), middle);
  equal(spares.take(50 * KiB, 150 * KiB), large);
  equal(spares.take(50 * KiB, 150 * KiB), small, 'too small for what is wanted, large enough for what is needed');
  equal(spares.take(50 * KiB, 150 * KiB).sizeBytes, 150 * KiB);
  equal(spares.totalBytes, 0);
});

test('a spare buffer that is too small stays', () => {
  const spares = new SpareBuffers();
  const buffer = new ByteBuffer(100 * KiB);
  spares.give(buffer);
  notEqual(spares.take(101 * KiB, 101 * KiB), buffer);
  equal(spares.take(1, 1), buffer);
});

test('neither tiny nor huge buffers are kept, and not too many', () => {
  const spares = new SpareBuffers();
  spares.give(new ByteBuffer(1024));
  spares.give(new ByteBuffer(5 * MiB));
  equal(spares.totalBytes, 0);
  for (let i = 0; i < 20; i++) spares.give(new ByteBuffer(4 * MiB));
  equal(spares.totalBytes, 32 * MiB);
});

test('trim gives back what was not needed since the last time', () => {
  const spares = new SpareBuffers();
  for (let i = 0; i < 4; i++) spares.give(new ByteBuffer(MiB));
  spares.trim();
  equal(spares.totalBytes, 4 * MiB, 'they have only just come');
  const taken = spares.take(1, MiB);
  spares.give(taken);
  spares.trim();
  equal(spares.totalBytes, MiB);
  spares.trim();
  equal(spares.totalBytes, 0);
  spares.trim();
  ok(spares.take(1, KiB).sizeBytes === KiB);
});
