import type { CommandContext } from './context.ts';
import { defineCommands } from './spec.ts';
import { get, getdel, getset, mget, strlen } from './strings/get.ts';
import { getex } from './strings/getex.ts';
import { decr, decrby, incr, incrby } from './strings/incr.ts';
import { incrbyfloat } from './strings/incrbyfloat.ts';
import { lcs } from './strings/lcs.ts';
import { mset, msetnx } from './strings/mset.ts';
import { append, getrange, setrange } from './strings/range.ts';
import { set, setKeyFlags } from './strings/set.ts';
import { psetex, setex, setnx } from './strings/setex.ts';

export const stringCommands = defineCommands<CommandContext>([
  {
    name: 'append',
    summary: 'Adds bytes to the end of a string; creates the key when it is not there.',
    complexity: 'O(1) amortised, for values of moderate size',
    run: append,
  },
  {
    name: 'decr',
    summary: 'Takes one from the integer that a key holds; a missing key is 0.',
    complexity: 'O(1)',
    run: decr,
  },
  {
    name: 'decrby',
    summary: 'Takes an amount from the integer that a key holds; a missing key is 0.',
    complexity: 'O(1)',
    run: decrby,
  },
  { name: 'get', summary: 'Gives the string that a key holds.', complexity: 'O(1)', run: get },
  {
    name: 'getdel',
    summary: 'Gives the string that a key holds, and deletes the key.',
    complexity: 'O(1)',
    run: getdel,
  },
  {
    name: 'getex',
    summary: 'Gives the string that a key holds, and sets or removes its time of expiry.',
    complexity: 'O(1)',
    run: getex,
  },
  {
    name: 'getrange',
    summary: 'Gives a part of a string.',
    complexity: 'O(n) in the length of the part',
    run: getrange,
  },
  { name: 'getset', summary: 'Sets a key, and gives the string that it held before.', complexity: 'O(1)', run: getset },
  {
    name: 'incr',
    summary: 'Adds one to the integer that a key holds; a missing key is 0.',
    complexity: 'O(1)',
    run: incr,
  },
  {
    name: 'incrby',
    summary: 'Adds an amount to the integer that a key holds; a missing key is 0.',
    complexity: 'O(1)',
    run: incrby,
  },
  {
    name: 'incrbyfloat',
    summary: 'Adds an amount to the decimal number that a key holds; a missing key is 0.',
    complexity: 'O(1)',
    run: incrbyfloat,
  },
  {
    name: 'lcs',
    summary: 'Gives the longest common subsequence of two strings, its length, or where it lies in both.',
    complexity: 'O(n * m) in the lengths of the strings',
    run: lcs,
  },
  {
    name: 'mget',
    summary: 'Gives the strings that several keys hold.',
    complexity: 'O(n) in the number of keys',
    run: mget,
  },
  { name: 'mset', summary: 'Sets several keys at once.', complexity: 'O(n) in the number of keys', run: mset },
  {
    name: 'msetnx',
    summary: 'Sets several keys at once, or none when one of them exists.',
    complexity: 'O(n) in the number of keys',
    run: msetnx,
  },
  { name: 'psetex', summary: 'Sets a key that expires after some milliseconds.', complexity: 'O(1)', run: psetex },
  {
    name: 'set',
    summary:
      'Sets a key, whatever it held; on conditions, with a time of expiry, or giving the old value, where asked.',
    complexity: 'O(1)',
    run: set,
    keyFlagsOf: setKeyFlags,
  },
  { name: 'setex', summary: 'Sets a key that expires after some seconds.', complexity: 'O(1)', run: setex },
  { name: 'setnx', summary: 'Sets a key that does not exist.', complexity: 'O(1)', run: setnx },
  {
    name: 'setrange',
    summary: 'Overwrites a part of a string, which grows with zero bytes where it is too short.',
    complexity: 'O(n) in the length of the part, and in how much the string grows',
    run: setrange,
  },
  { name: 'strlen', summary: 'Gives the length of a string in bytes.', complexity: 'O(1)', run: strlen },
  {
    name: 'substr',
    summary: 'Gives a part of a string: the old name of GETRANGE.',
    complexity: 'O(n) in the length of the part',
    run: getrange,
  },
]);
