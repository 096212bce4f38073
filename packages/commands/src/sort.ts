import type { CommandContext } from './context.ts';
import { sort, sortRo } from './sort/sort.ts';
import { sortKeys, sortRoKeys } from './sort/sort-request.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

const complexity = 'O(n + m log m): n elements in all, m of them in the part that is asked for';

export const sortCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([
  {
    name: 'sort',
    summary: 'Sorts the elements of a list, a set or a sorted set, and gives or stores them or what they lead to.',
    complexity,
    run: sort,
    keysOf: sortKeys,
  },
  {
    name: 'sort_ro',
    summary: 'Sorts the elements of a list, a set or a sorted set, and gives them or what they lead to.',
    complexity,
    run: sortRo,
    keysOf: sortRoKeys,
  },
]);
