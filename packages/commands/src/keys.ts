import type { CommandContext } from './context.ts';
import { copy } from './keys/copy.ts';
import { dbsize, flushall, flushdb, swapdb } from './keys/database.ts';
import { del } from './keys/del.ts';
import { dump } from './keys/dump.ts';
import { exists, touch, type } from './keys/exists.ts';
import { keys, randomkey } from './keys/keys.ts';
import { move } from './keys/move.ts';
import { objectEncoding, objectFreq, objectHelp, objectIdletime, objectRefcount } from './keys/object.ts';
import { rename, renamenx } from './keys/rename.ts';
import { restore } from './keys/restore.ts';
import { scan } from './keys/scan.ts';
import { defineCommands } from './spec.ts';

export const keyCommands = defineCommands<CommandContext>([
  {
    name: 'copy',
    summary: 'Copies a key, with its time of expiry, to another name or database.',
    complexity: 'O(n) in the size of the value',
    run: copy,
  },
  { name: 'del', summary: 'Deletes keys.', complexity: 'O(n) in the number of keys', run: del },
  {
    name: 'dump',
    summary: 'Gives the value of a key in the form that RESTORE takes.',
    complexity: 'O(n) in the size of the value',
    run: dump,
  },
  {
    name: 'exists',
    summary: 'Counts how many of the given keys exist.',
    complexity: 'O(n) in the number of keys',
    run: exists,
  },
  {
    name: 'keys',
    summary: 'Lists all keys that match a pattern.',
    complexity: 'O(n) in the number of all keys',
    run: keys,
  },
  { name: 'move', summary: 'Moves a key to another database.', complexity: 'O(1)', run: move },
  { name: 'object', summary: 'Tells how the value of a key is held.', complexity: 'By subcommand' },
  {
    name: 'object|encoding',
    summary: 'Names the form in which the value of a key is held.',
    complexity: 'O(1)',
    run: objectEncoding,
  },
  {
    name: 'object|freq',
    summary: 'Gives how often a key is used, on a logarithmic scale.',
    complexity: 'O(1)',
    run: objectFreq,
  },
  { name: 'object|help', summary: 'Lists what OBJECT can tell.', complexity: 'O(1)', run: objectHelp },
  {
    name: 'object|idletime',
    summary: 'Gives the seconds since a key was last used.',
    complexity: 'O(1)',
    run: objectIdletime,
  },
  {
    name: 'object|refcount',
    summary: 'Gives how many share the value of a key, which is one.',
    complexity: 'O(1)',
    run: objectRefcount,
  },
  { name: 'randomkey', summary: 'Gives a key by chance.', complexity: 'O(1)', run: randomkey },
  {
    name: 'rename',
    summary: 'Gives a key another name, and replaces the key that had it.',
    complexity: 'O(1)',
    run: rename,
  },
  { name: 'renamenx', summary: 'Gives a key another name that no key has.', complexity: 'O(1)', run: renamenx },
  {
    name: 'restore',
    summary: 'Makes a key of a value that DUMP has given.',
    complexity: 'O(n log n) in the size of the value',
    run: restore,
  },
  {
    name: 'scan',
    summary: 'Walks over all keys in steps.',
    complexity: 'O(1) for each step, O(n) for all keys',
    run: scan,
  },
  {
    name: 'touch',
    summary: 'Counts how many of the given keys exist, and marks them as used.',
    complexity: 'O(n) in the number of keys',
    run: touch,
  },
  { name: 'type', summary: 'Names the type of the value of a key.', complexity: 'O(1)', run: type },
  {
    name: 'unlink',
    summary: 'Deletes keys; what is large is freed afterwards.',
    complexity: 'O(n) in the number of keys',
    run: del,
  },
]);

/** Commands on whole databases. */
export const databaseCommands = defineCommands<CommandContext>([
  { name: 'dbsize', summary: 'Gives the number of keys in the database.', complexity: 'O(1)', run: dbsize },
  {
    name: 'flushall',
    summary: 'Deletes all keys of all databases.',
    complexity: 'O(1); memory is freed afterwards',
    run: flushall,
  },
  {
    name: 'flushdb',
    summary: 'Deletes all keys of the database.',
    complexity: 'O(1); memory is freed afterwards',
    run: flushdb,
  },
  { name: 'swapdb', summary: 'Exchanges two databases, for all clients.', complexity: 'O(1)', run: swapdb },
]);
