import type { CommandContext } from './context.ts';
import { lindex, llen, lset } from './lists/lindex.ts';
import { linsert } from './lists/linsert.ts';
import { lmove, rpoplpush } from './lists/lmove.ts';
import { lmpop } from './lists/lmpop.ts';
import { lpos } from './lists/lpos.ts';
import { lrange, ltrim } from './lists/lrange.ts';
import { lrem } from './lists/lrem.ts';
import { lpop, rpop } from './lists/pop.ts';
import { lpush, lpushx, rpush, rpushx } from './lists/push.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

export const listCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([
  { name: 'lindex', summary: 'Gives the element at an index.', complexity: 'O(log n)', run: lindex },
  {
    name: 'linsert',
    summary: 'Puts an element before or after the first one that equals a pivot.',
    complexity: 'O(n) in the number of elements before the pivot',
    run: linsert,
  },
  { name: 'llen', summary: 'Gives the number of elements.', complexity: 'O(1)', run: llen },
  {
    name: 'lmove',
    summary: 'Moves an element from one end of a list to an end of this or another one, and gives it.',
    complexity: 'O(1)',
    run: lmove,
  },
  {
    name: 'lmpop',
    summary: 'Takes elements from one end of the first list that is there.',
    complexity: 'O(n + m) in the number of keys and of elements taken',
    run: lmpop,
  },
  {
    name: 'lpop',
    summary: 'Takes the first element or elements, and gives them.',
    complexity: 'O(n) in the number of elements taken',
    run: lpop,
  },
  {
    name: 'lpos',
    summary: 'Finds the indexes of elements that equal a value.',
    complexity: 'O(n) in the number of elements compared',
    run: lpos,
  },
  {
    name: 'lpush',
    summary: 'Puts elements before the first, one after the other; creates the list when it is not there.',
    complexity: 'O(1) for each element',
    run: lpush,
  },
  {
    name: 'lpushx',
    summary: 'Puts elements before the first, one after the other, if the list is there.',
    complexity: 'O(1) for each element',
    run: lpushx,
  },
  {
    name: 'lrange',
    summary: 'Gives the elements between two indexes.',
    complexity: 'O(log n + m) in the length of the list and of the range',
    run: lrange,
  },
  {
    name: 'lrem',
    summary: 'Removes elements that equal a value: the first, the last, or all of them.',
    complexity: 'O(n) in the length of the list',
    run: lrem,
  },
  {
    name: 'lset',
    summary: 'Sets the element at an index.',
    complexity: 'O(log n)',
    run: lset,
  },
  {
    name: 'ltrim',
    summary: 'Removes all elements but those between two indexes.',
    complexity: 'O(log n); what goes is freed in slices',
    run: ltrim,
  },
  {
    name: 'rpop',
    summary: 'Takes the last element or elements, and gives them.',
    complexity: 'O(n) in the number of elements taken',
    run: rpop,
  },
  {
    name: 'rpoplpush',
    summary: 'Moves the last element of a list to the front of this or another one, and gives it.',
    complexity: 'O(1)',
    run: rpoplpush,
  },
  {
    name: 'rpush',
    summary: 'Puts elements behind the last; creates the list when it is not there.',
    complexity: 'O(1) for each element',
    run: rpush,
  },
  {
    name: 'rpushx',
    summary: 'Puts elements behind the last, if the list is there.',
    complexity: 'O(1) for each element',
    run: rpushx,
  },
]);
