import type { CommandContext } from './context.ts';
import { hdel } from './hashes/hdel.ts';
import { hrandfield } from './hashes/hrandfield.ts';
import { hscan } from './hashes/hscan.ts';
import { hincrby, hincrbyfloat } from './hashes/increment.ts';
import { hexists, hget, hgetall, hkeys, hlen, hmget, hstrlen, hvals } from './hashes/read-fields.ts';
import { hmset, hset, hsetnx } from './hashes/set-fields.ts';
import { defineCommands } from './spec.ts';

export const hashCommands = defineCommands<CommandContext>([
  { name: 'hdel', summary: 'Removes fields of a hash.', complexity: 'O(n) in the number of fields given', run: hdel },
  { name: 'hexists', summary: 'Says whether a hash has a field.', complexity: 'O(1)', run: hexists },
  { name: 'hget', summary: 'Gives the value of a field.', complexity: 'O(1)', run: hget },
  {
    name: 'hgetall',
    summary: 'Gives all fields of a hash with their values.',
    complexity: 'O(n) in the size of the hash',
    run: hgetall,
  },
  {
    name: 'hincrby',
    summary: 'Adds an amount to the integer that a field holds; a missing field is 0.',
    complexity: 'O(1)',
    run: hincrby,
  },
  {
    name: 'hincrbyfloat',
    summary: 'Adds an amount to the decimal number that a field holds; a missing field is 0.',
    complexity: 'O(1)',
    run: hincrbyfloat,
  },
  { name: 'hkeys', summary: 'Gives all fields of a hash.', complexity: 'O(n) in the size of the hash', run: hkeys },
  { name: 'hlen', summary: 'Counts the fields of a hash.', complexity: 'O(1)', run: hlen },
  {
    name: 'hmget',
    summary: 'Gives the values of several fields.',
    complexity: 'O(n) in the number of fields given',
    run: hmget,
  },
  {
    name: 'hmset',
    summary: 'Sets fields of a hash: the old form of HSET.',
    complexity: 'O(n) in the number of fields given',
    run: hmset,
  },
  {
    name: 'hrandfield',
    summary: 'Gives fields of a hash by chance, with their values where asked.',
    complexity: 'O(n) in the number of fields given back',
    run: hrandfield,
  },
  {
    name: 'hscan',
    summary: 'Goes over the fields of a hash, some at a time.',
    complexity: 'O(1) for each call, O(n) for a whole iteration',
    run: hscan,
  },
  {
    name: 'hset',
    summary: 'Sets fields of a hash; creates the key when it is not there.',
    complexity: 'O(n) in the number of fields given',
    run: hset,
  },
  { name: 'hsetnx', summary: 'Sets a field that a hash does not have.', complexity: 'O(1)', run: hsetnx },
  { name: 'hstrlen', summary: 'Gives the length of a value in bytes.', complexity: 'O(1)', run: hstrlen },
  { name: 'hvals', summary: 'Gives all values of a hash.', complexity: 'O(n) in the size of the hash', run: hvals },
]);
