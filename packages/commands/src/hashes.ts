import type { CommandContext } from './context.ts';
import { hdel } from './hashes/hdel.ts';
import { hexpire, hexpireat, hpexpire, hpexpireat } from './hashes/hexpire.ts';
import { hgetdel } from './hashes/hgetdel.ts';
import { hgetex } from './hashes/hgetex.ts';
import { hrandfield } from './hashes/hrandfield.ts';
import { hscan } from './hashes/hscan.ts';
import { hsetex } from './hashes/hsetex.ts';
import { hexpiretime, hpersist, hpexpiretime, hpttl, httl } from './hashes/httl.ts';
import { hincrby, hincrbyfloat } from './hashes/increment.ts';
import { hexists, hget, hgetall, hkeys, hlen, hmget, hstrlen, hvals } from './hashes/read-fields.ts';
import { hmset, hset, hsetnx } from './hashes/set-fields.ts';
import { defineCommands } from './spec.ts';

export const hashCommands = defineCommands<CommandContext>([
  { name: 'hdel', summary: 'Removes fields of a hash.', complexity: 'O(n) in the number of fields given', run: hdel },
  { name: 'hexists', summary: 'Says whether a hash has a field.', complexity: 'O(1)', run: hexists },
  {
    name: 'hexpire',
    summary: 'Gives fields a time to live in seconds.',
    complexity: 'O(n) in the number of fields given',
    run: hexpire,
  },
  {
    name: 'hexpireat',
    summary: 'Gives fields a moment to expire at, in seconds since the epoch.',
    complexity: 'O(n) in the number of fields given',
    run: hexpireat,
  },
  {
    name: 'hexpiretime',
    summary: 'Gives the moments at which fields expire, in seconds since the epoch.',
    complexity: 'O(n) in the number of fields given',
    run: hexpiretime,
  },
  { name: 'hget', summary: 'Gives the value of a field.', complexity: 'O(1)', run: hget },
  {
    name: 'hgetall',
    summary: 'Gives all fields of a hash with their values.',
    complexity: 'O(n) in the size of the hash',
    run: hgetall,
  },
  {
    name: 'hgetdel',
    summary: 'Gives the values of fields and removes them.',
    complexity: 'O(n) in the number of fields given',
    run: hgetdel,
  },
  {
    name: 'hgetex',
    summary: 'Gives the values of fields and changes their times.',
    complexity: 'O(n) in the number of fields given',
    run: hgetex,
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
    name: 'hpersist',
    summary: 'Takes the times of fields away.',
    complexity: 'O(n) in the number of fields given',
    run: hpersist,
  },
  {
    name: 'hpexpire',
    summary: 'Gives fields a time to live in milliseconds.',
    complexity: 'O(n) in the number of fields given',
    run: hpexpire,
  },
  {
    name: 'hpexpireat',
    summary: 'Gives fields a moment to expire at, in milliseconds since the epoch.',
    complexity: 'O(n) in the number of fields given',
    run: hpexpireat,
  },
  {
    name: 'hpexpiretime',
    summary: 'Gives the moments at which fields expire, in milliseconds since the epoch.',
    complexity: 'O(n) in the number of fields given',
    run: hpexpiretime,
  },
  {
    name: 'hpttl',
    summary: 'Gives the times that fields have left, in milliseconds.',
    complexity: 'O(n) in the number of fields given',
    run: hpttl,
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
  {
    name: 'hsetex',
    summary: 'Sets fields together with the time at which they expire.',
    complexity: 'O(n) in the number of fields given',
    run: hsetex,
  },
  { name: 'hsetnx', summary: 'Sets a field that a hash does not have.', complexity: 'O(1)', run: hsetnx },
  { name: 'hstrlen', summary: 'Gives the length of a value in bytes.', complexity: 'O(1)', run: hstrlen },
  {
    name: 'httl',
    summary: 'Gives the times that fields have left, in seconds.',
    complexity: 'O(n) in the number of fields given',
    run: httl,
  },
  { name: 'hvals', summary: 'Gives all values of a hash.', complexity: 'O(n) in the size of the hash', run: hvals },
]);
