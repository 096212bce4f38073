import { bitcount } from './bitmaps/bitcount.ts';
import { bitfield, bitfieldKeyFlags, bitfieldRo } from './bitmaps/bitfield.ts';
import { bitop } from './bitmaps/bitop.ts';
import { bitpos } from './bitmaps/bitpos.ts';
import { getbit, setbit } from './bitmaps/bit.ts';
import type { CommandContext } from './context.ts';
import { defineCommands } from './spec.ts';

export const bitmapCommands = defineCommands<CommandContext>([
  {
    name: 'bitcount',
    summary: 'Counts the bits of a string that are set, in all of it or in a range.',
    complexity: 'O(n) in the length of the range',
    run: bitcount,
  },
  {
    name: 'bitfield',
    summary: 'Reads, sets and adds to integers of any width inside a string.',
    complexity: 'O(1) for each operation',
    run: bitfield,
    keyFlagsOf: bitfieldKeyFlags,
  },
  {
    name: 'bitfield_ro',
    summary: 'Reads integers of any width inside a string.',
    complexity: 'O(1) for each operation',
    run: bitfieldRo,
  },
  {
    name: 'bitop',
    summary: 'Combines strings bit by bit, and stores the result.',
    complexity: 'O(n) in the length of all strings together',
    run: bitop,
  },
  {
    name: 'bitpos',
    summary: 'Finds the first bit of a string that is set, or clear.',
    complexity: 'O(n) in the length of the range',
    run: bitpos,
  },
  { name: 'getbit', summary: 'Gives one bit of a string.', complexity: 'O(1)', run: getbit },
  {
    name: 'setbit',
    summary: 'Sets or clears one bit of a string, which grows where it is too short; gives the old bit.',
    complexity: 'O(1), and in how much the string grows',
    run: setbit,
  },
]);
