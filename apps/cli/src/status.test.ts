import { expect, test } from 'vitest';
import { parseClusterNodes } from './cluster-nodes.ts';
import { slotBar } from './status.ts';

const bar = (...slots: string[]) =>
  slotBar(parseClusterNodes(slots.map((range, i) => `id${i} h:${i}@1 master - 0 0 1 connected ${range}`).join('\n')));

for (const [name, slots, cells] of [
  ['one owner', ['0-16383'], 'a'.repeat(64)],
  ['two halves', ['0-8191', '8192-16383'], 'a'.repeat(32) + 'b'.repeat(32)],
  ['a cell of two owners', ['0-99', '100-16383'], `+${'b'.repeat(63)}`],
  ['a slot without an owner', ['0-16382'], `${'a'.repeat(63)}.`],
] as const)
  test(`slot bar: ${name}`, () => expect(bar(...slots)).toBe(`0 ${cells} 16383`));
