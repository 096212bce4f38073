import type { CommandContext } from './context.ts';
import { sadd, scard, sismember, smembers, smismember, srem } from './sets/members.ts';
import { sdiff, sdiffstore } from './sets/sdiff.ts';
import { sinter, sintercard, sinterstore } from './sets/sinter.ts';
import { smove } from './sets/smove.ts';
import { spop } from './sets/spop.ts';
import { srandmember } from './sets/srandmember.ts';
import { sscan } from './sets/sscan.ts';
import { sunion, sunionstore } from './sets/sunion.ts';
import { defineCommands } from './spec.ts';

export const setCommands = defineCommands<CommandContext>([
  {
    name: 'sadd',
    summary: 'Adds members to a set.',
    complexity: 'O(n) in the number of members given',
    run: sadd,
  },
  { name: 'scard', summary: 'Counts the members of a set.', complexity: 'O(1)', run: scard },
  {
    name: 'sdiff',
    summary: 'Lists the members of the first set that are in no other.',
    complexity: 'O(n) in the members of all sets together',
    run: sdiff,
  },
  {
    name: 'sdiffstore',
    summary: 'Stores the members of the first set that are in no other.',
    complexity: 'O(n) in the members of all sets together',
    run: sdiffstore,
  },
  {
    name: 'sinter',
    summary: 'Lists the members that are in all sets.',
    complexity: 'O(n * m) in the size of the smallest set and the number of sets',
    run: sinter,
  },
  {
    name: 'sintercard',
    summary: 'Counts the members that are in all sets.',
    complexity: 'O(n * m) in the size of the smallest set and the number of sets',
    run: sintercard,
  },
  {
    name: 'sinterstore',
    summary: 'Stores the members that are in all sets.',
    complexity: 'O(n * m) in the size of the smallest set and the number of sets',
    run: sinterstore,
  },
  { name: 'sismember', summary: 'Tells whether a set has a member.', complexity: 'O(1)', run: sismember },
  {
    name: 'smembers',
    summary: 'Lists all members of a set.',
    complexity: 'O(n) in the size of the set',
    run: smembers,
  },
  {
    name: 'smismember',
    summary: 'Tells which of the given members a set has.',
    complexity: 'O(n) in the number of members given',
    run: smismember,
  },
  { name: 'smove', summary: 'Moves a member from one set to another.', complexity: 'O(1)', run: smove },
  {
    name: 'spop',
    summary: 'Removes random members of a set and returns them.',
    complexity: 'O(n) in the number of members asked for',
    run: spop,
  },
  {
    name: 'srandmember',
    summary: 'Returns random members of a set.',
    complexity: 'O(n) in the number of members asked for',
    run: srandmember,
  },
  {
    name: 'srem',
    summary: 'Removes members from a set.',
    complexity: 'O(n) in the number of members given',
    run: srem,
  },
  {
    name: 'sscan',
    summary: 'Lists the members of a set bit by bit.',
    complexity: 'O(1) for each call, O(n) for all members',
    run: sscan,
  },
  {
    name: 'sunion',
    summary: 'Lists the members that are in any of the sets.',
    complexity: 'O(n) in the members of all sets together',
    run: sunion,
  },
  {
    name: 'sunionstore',
    summary: 'Stores the members that are in any of the sets.',
    complexity: 'O(n) in the members of all sets together',
    run: sunionstore,
  },
]);
