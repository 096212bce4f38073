import type { CommandContext } from './context.ts';
import { pfadd } from './hyperloglog/pfadd.ts';
import { pfcount } from './hyperloglog/pfcount.ts';
import { pfdebug } from './hyperloglog/pfdebug.ts';
import { pfmerge } from './hyperloglog/pfmerge.ts';
import { pfselftest } from './hyperloglog/pfselftest.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

export const hyperloglogCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([
  {
    name: 'pfadd',
    summary: 'Adds elements to a HyperLogLog; creates the key when it is not there.',
    complexity: 'O(n) in the number of elements, and in the length of one that is sparse',
    run: pfadd,
  },
  {
    name: 'pfcount',
    summary: 'Estimates how many different elements were added to a HyperLogLog, or to several taken together.',
    complexity: 'O(1) for one key that has not changed since it was counted, else O(n) in the number of keys',
    run: pfcount,
  },
  {
    name: 'pfdebug',
    summary: 'Shows the registers or the encoding of a HyperLogLog, or makes it dense.',
    complexity: 'O(1): there are always 16384 registers',
    run: pfdebug,
  },
  {
    name: 'pfmerge',
    summary: 'Puts all elements of several HyperLogLogs into the first one.',
    complexity: 'O(n) in the number of keys',
    run: pfmerge,
  },
  {
    name: 'pfselftest',
    summary: 'Tests registers, encodings and estimates of HyperLogLogs.',
    complexity: 'O(1), but a tenth of a second',
    run: pfselftest,
  },
]);
