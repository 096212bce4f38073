import { blmove, brpoplpush } from './blocking/move.ts';
import { blpop, brpop, bzpopmax, bzpopmin } from './blocking/pop.ts';
import { blmpop, bzmpop } from './blocking/pop-several.ts';
import type { CommandContext } from './context.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

export const blockingCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([
  {
    name: 'blmove',
    summary: 'Moves an element from one list to another; waits for one.',
    complexity: 'O(1)',
    run: blmove,
  },
  {
    name: 'blmpop',
    summary: 'Takes elements from the first list that has any; waits for one.',
    complexity: 'O(n + m) in the number of keys and of elements taken',
    run: blmpop,
  },
  {
    name: 'blpop',
    summary: 'Takes the first element of the first list that has any; waits for one.',
    complexity: 'O(n) in the number of keys',
    run: blpop,
  },
  {
    name: 'brpop',
    summary: 'Takes the last element of the first list that has any; waits for one.',
    complexity: 'O(n) in the number of keys',
    run: brpop,
  },
  {
    name: 'brpoplpush',
    summary: 'Moves the last element of a list to the front of another; waits for one.',
    complexity: 'O(1)',
    run: brpoplpush,
  },
  {
    name: 'bzmpop',
    summary: 'Takes members from the first sorted set that has any; waits for one.',
    complexity: 'O(n + m log s) in the numbers of keys, of members taken and of all members',
    run: bzmpop,
  },
  {
    name: 'bzpopmax',
    summary: 'Takes the member with the highest score of the first sorted set that has any; waits for one.',
    complexity: 'O(n + log m) in the numbers of keys and of members',
    run: bzpopmax,
  },
  {
    name: 'bzpopmin',
    summary: 'Takes the member with the lowest score of the first sorted set that has any; waits for one.',
    complexity: 'O(n + log m) in the numbers of keys and of members',
    run: bzpopmin,
  },
]);
