import type { Kernel } from '../../kernel.ts';

export type Field = readonly [name: string, value: string | number];

/** One section of INFO. */
export interface Section {
  readonly name: string;
  /** Part of INFO without arguments. */
  readonly isDefault: boolean;
  readonly fields: (kernel: Kernel) => readonly Field[];
}

/** `12.00M`: bytes as INFO writes them for people. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let value = bytes;
  let unit = '';
  for (const next of ['K', 'M', 'G', 'T', 'P']) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return value.toFixed(2) + unit;
}

export function sectionText({ name, fields }: Section, kernel: Kernel): string {
  return `# ${name}\r\n${fields(kernel)
    .map(([field, value]) => `${field}:${value}\r\n`)
    .join('')}`;
}
