/** keySlot beside cluster-key-slot from npm, for keys as bytes and as text. */
import clusterKeySlot from 'cluster-key-slot';
import { measure } from '../../../test/support/micro-bench.ts';
import { keySlot, keySlotOfText } from './key-slot.ts';

const shapes = {
  '6 bytes': (i: number) => `key:${10 + i}`,
  '16 bytes': (i: number) => `key:0000000000${10 + i}`,
  '40 bytes': (i: number) => `session:3f2504e0-4f89-11d3-9a0c-0305e8${10 + i}`,
  'a tag': (i: number) => `{user:10000${10 + i}}.followers.of.the.week`,
  'not ASCII': (i: number) => `zürich:größe:${10 + i}`,
};

const ratios: number[] = [];
for (const [name, keyOf] of Object.entries(shapes)) {
  const texts = Array.from({ length: 64 }, (_, i) => keyOf(i));
  const buffers = texts.map((text) => Buffer.from(text));
  const arrays = buffers.map((buffer) => new Uint8Array(buffer));
  const ours = measure(`keySlot, ${name}`, (i) => keySlot(arrays[i & 63], 0, arrays[i & 63].length));
  const theirs = measure(`cluster-key-slot, ${name}`, (i) => clusterKeySlot(buffers[i & 63]));
  const oursText = measure(`keySlotOfText, ${name}`, (i) => keySlotOfText(texts[i & 63]));
  const theirsText = measure(`cluster-key-slot of text, ${name}`, (i) => clusterKeySlot(texts[i & 63]));
  ratios.push(theirs / ours, theirsText / oursText);
}
console.log(`times as fast as cluster-key-slot: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`);
