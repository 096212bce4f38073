import { ByteBuffer } from '@kvartz/base';
import { expect, test } from 'vitest';
import { serverTable } from './all-commands.ts';

const table = serverTable();

function find(name: string, bytesBehind: number): string | undefined {
  const buffer = new ByteBuffer(3 + name.length + bytesBehind);
  for (let i = 0; i < buffer.sizeBytes; i++) buffer.u8[i] = 0x61;
  for (let i = 0; i < name.length; i++) buffer.u8[3 + i] = name.charCodeAt(i);
  return table.find(buffer, 3, 3 + name.length)?.name;
}

test('every command is found in any case, with and without bytes behind its name', () => {
  for (const { name } of table.all()) {
    const mixed = name.replaceAll(/./g, (letter, i: number) => (i % 2 === 0 ? letter.toUpperCase() : letter));
    for (const spelling of [name, name.toUpperCase(), mixed])
      for (const bytesBehind of [0, 1, 4, 20]) expect(find(spelling, bytesBehind), spelling).toBe(name);
  }
});

test('a name that differs in one byte is another one', () => {
  const names = new Set([...table.all()].map(({ name }) => name));
  for (const name of names) {
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      for (const byte of [code ^ 0x20, code ^ 0x80, code ^ 0x40, code ^ 1, 0, 0x20, 0x2d, 0x7f]) {
        const other = name.slice(0, i) + String.fromCharCode(byte) + name.slice(i + 1);
        const lower = other.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
        expect(find(other, 20), JSON.stringify(other)).toBe(names.has(lower) ? lower : undefined);
      }
    }
    for (const other of [name + '\0', name + ' ', name.slice(1), '\0' + name])
      expect(find(other, 20), JSON.stringify(other)).toBe(names.has(other) ? other : undefined);
  }
  expect(find('', 20)).toBeUndefined();
});
