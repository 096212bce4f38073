import type { CommandContext } from './context.ts';
import { expire, expireat, pexpire, pexpireat } from './expiry/expire.ts';
import { expiretime, persist, pexpiretime, pttl, ttl } from './expiry/ttl.ts';
import { defineCommands } from './spec.ts';

export const expiryCommands = defineCommands<CommandContext>([
  { name: 'expire', summary: 'Lets a key expire after some seconds.', complexity: 'O(1)', run: expire },
  { name: 'expireat', summary: 'Lets a key expire at a Unix time in seconds.', complexity: 'O(1)', run: expireat },
  {
    name: 'expiretime',
    summary: 'Gives the Unix time, in seconds, at which a key expires.',
    complexity: 'O(1)',
    run: expiretime,
  },
  { name: 'persist', summary: 'Lets a key that would expire stay.', complexity: 'O(1)', run: persist },
  { name: 'pexpire', summary: 'Lets a key expire after some milliseconds.', complexity: 'O(1)', run: pexpire },
  {
    name: 'pexpireat',
    summary: 'Lets a key expire at a Unix time in milliseconds.',
    complexity: 'O(1)',
    run: pexpireat,
  },
  {
    name: 'pexpiretime',
    summary: 'Gives the Unix time, in milliseconds, at which a key expires.',
    complexity: 'O(1)',
    run: pexpiretime,
  },
  { name: 'pttl', summary: 'Gives the milliseconds after which a key expires.', complexity: 'O(1)', run: pttl },
  { name: 'ttl', summary: 'Gives the seconds after which a key expires.', complexity: 'O(1)', run: ttl },
]);
