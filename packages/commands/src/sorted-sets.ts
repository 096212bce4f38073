import type { CommandContext } from './context.ts';
import { zdiff, zdiffstore, zinter, zintercard, zinterstore, zunion, zunionstore } from './sorted-sets/combine.ts';
import { zmpop, zpopmax, zpopmin } from './sorted-sets/pop.ts';
import { zadd, zincrby } from './sorted-sets/zadd.ts';
import { zcount, zlexcount } from './sorted-sets/zcount.ts';
import { zrandmember } from './sorted-sets/zrandmember.ts';
import {
  zrange,
  zrangebylex,
  zrangebyscore,
  zrangestore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore,
} from './sorted-sets/zrange.ts';
import { zrem, zremrangebylex, zremrangebyrank, zremrangebyscore } from './sorted-sets/zrem.ts';
import { zscan } from './sorted-sets/zscan.ts';
import { zcard, zmscore, zrank, zrevrank, zscore } from './sorted-sets/zscore.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

export const sortedSetCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([
  {
    name: 'zadd',
    summary: 'Adds members with their scores to a sorted set, or gives members other scores.',
    complexity: 'O(log(N)) for each member',
    run: zadd,
  },
  {
    name: 'zcard',
    summary: 'Counts the members of a sorted set.',
    complexity: 'O(1)',
    run: zcard,
  },
  {
    name: 'zcount',
    summary: 'Counts the members of a sorted set whose scores are in a range.',
    complexity: 'O(log(N))',
    run: zcount,
  },
  {
    name: 'zdiff',
    summary: 'Lists the members of the first sorted set that are in no other.',
    complexity: 'O(n) in the members of the first, times the number of keys, and their sorting',
    run: zdiff,
  },
  {
    name: 'zdiffstore',
    summary: 'Stores the members of the first sorted set that are in no other.',
    complexity: 'O(n) in the members of the first, times the number of keys, and their sorting',
    run: zdiffstore,
  },
  {
    name: 'zincrby',
    summary: 'Adds to the score of a member; a missing one has 0.',
    complexity: 'O(log(N))',
    run: zincrby,
  },
  {
    name: 'zinter',
    summary: 'Lists the members that all sorted sets have.',
    complexity: 'O(n) in the members of the smallest, times the number of keys, and the sorting of the result',
    run: zinter,
  },
  {
    name: 'zintercard',
    summary: 'Counts the members that all sorted sets have.',
    complexity: 'O(n) in the members of the smallest, times the number of keys',
    run: zintercard,
  },
  {
    name: 'zinterstore',
    summary: 'Stores the members that all sorted sets have.',
    complexity: 'O(n) in the members of the smallest, times the number of keys, and the sorting of the result',
    run: zinterstore,
  },
  {
    name: 'zlexcount',
    summary: 'Counts the members of a sorted set that are in a range of bytes, where all scores are the same.',
    complexity: 'O(log(N))',
    run: zlexcount,
  },
  {
    name: 'zmpop',
    summary: 'Takes the lowest or the highest members out of the first sorted set that there is.',
    complexity: 'O(k) in the number of keys, and O(log(N)) for each member taken out',
    run: zmpop,
  },
  {
    name: 'zmscore',
    summary: 'Gives the scores of members.',
    complexity: 'O(n) in the number of members given',
    run: zmscore,
  },
  {
    name: 'zpopmax',
    summary: 'Takes the members with the highest scores out of a sorted set.',
    complexity: 'O(log(N)) for each member taken out',
    run: zpopmax,
  },
  {
    name: 'zpopmin',
    summary: 'Takes the members with the lowest scores out of a sorted set.',
    complexity: 'O(log(N)) for each member taken out',
    run: zpopmin,
  },
  {
    name: 'zrandmember',
    summary: 'Gives random members of a sorted set.',
    complexity: 'O(log(N)) for each member',
    run: zrandmember,
  },
  {
    name: 'zrange',
    summary: 'Lists the members of a range of ranks, scores or bytes.',
    complexity: 'O(log(N)+M), M: members listed',
    run: zrange,
  },
  {
    name: 'zrangebylex',
    summary: 'Lists the members of a range of bytes, where all scores are the same.',
    complexity: 'O(log(N)+M), M: members listed',
    run: zrangebylex,
  },
  {
    name: 'zrangebyscore',
    summary: 'Lists the members whose scores are in a range.',
    complexity: 'O(log(N)+M), M: members listed',
    run: zrangebyscore,
  },
  {
    name: 'zrangestore',
    summary: 'Stores the members of a range of ranks, scores or bytes.',
    complexity: 'O(log(N)+M), M: members stored',
    run: zrangestore,
  },
  {
    name: 'zrank',
    summary: 'Says how many members come before a member.',
    complexity: 'O(log(N))',
    run: zrank,
  },
  {
    name: 'zrem',
    summary: 'Removes members from a sorted set.',
    complexity: 'O(log(N)) for each member',
    run: zrem,
  },
  {
    name: 'zremrangebylex',
    summary: 'Removes the members of a range of bytes, where all scores are the same.',
    complexity: 'O(log(N)+M), M: members removed',
    run: zremrangebylex,
  },
  {
    name: 'zremrangebyrank',
    summary: 'Removes the members of a range of ranks.',
    complexity: 'O(log(N)+M), M: members removed',
    run: zremrangebyrank,
  },
  {
    name: 'zremrangebyscore',
    summary: 'Removes the members whose scores are in a range.',
    complexity: 'O(log(N)+M), M: members removed',
    run: zremrangebyscore,
  },
  {
    name: 'zrevrange',
    summary: 'Lists the members of a range of ranks, from high to low.',
    complexity: 'O(log(N)+M), M: members listed',
    run: zrevrange,
  },
  {
    name: 'zrevrangebylex',
    summary: 'Lists the members of a range of bytes from high to low, where all scores are the same.',
    complexity: 'O(log(N)+M), M: members listed',
    run: zrevrangebylex,
  },
  {
    name: 'zrevrangebyscore',
    summary: 'Lists the members whose scores are in a range, from high to low.',
    complexity: 'O(log(N)+M), M: members listed',
    run: zrevrangebyscore,
  },
  {
    name: 'zrevrank',
    summary: 'Says how many members come after a member.',
    complexity: 'O(log(N))',
    run: zrevrank,
  },
  {
    name: 'zscan',
    summary: 'Walks through the members of a sorted set, some at a time.',
    complexity: 'O(1) for each call, O(n) for a whole walk',
    run: zscan,
  },
  {
    name: 'zscore',
    summary: 'Gives the score of a member.',
    complexity: 'O(1)',
    run: zscore,
  },
  {
    name: 'zunion',
    summary: 'Lists the members of several sorted sets together.',
    complexity: 'O(n) in the members of all, and the sorting of the result',
    run: zunion,
  },
  {
    name: 'zunionstore',
    summary: 'Stores the members of several sorted sets together.',
    complexity: 'O(n) in the members of all, and the sorting of the result',
    run: zunionstore,
  },
]);
