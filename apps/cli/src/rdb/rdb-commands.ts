import type { Command } from 'commander';
import { exitCodes, fileAction } from '../files/exit-codes.ts';
import { wholeNumber } from '../whole-number.ts';
import { printRdbCheck } from './check-rdb.ts';
import { printRdbDiff } from './print-rdb-diff.ts';
import { printRdbStats } from './print-rdb-stats.ts';
import { printRdbJson } from './rdb-to-json.ts';

/** `kvartz rdb ...` */
export function addRdbCommands(kvartz: Command): void {
  const rdb = kvartz.command('rdb').description('look into RDB files, of any size and of any version since Redis 2.6');
  rdb.addHelpText('after', exitCodes);
  rdb
    .command('check')
    .description('read a whole file, every element of it, and say whether it is right')
    .argument('<file>')
    .option('--json', 'print JSON')
    .addHelpText('after', exitCodes)
    .action(fileAction(printRdbCheck));
  rdb
    .command('stats')
    .description('keys, types, biggest keys, and when keys expire')
    .argument('<file>')
    .option('--top <count>', 'how many of the biggest keys to show', wholeNumber(0, 10_000), 10)
    .option('--json', 'print JSON')
    .addHelpText('after', exitCodes)
    .action(fileAction(printRdbStats));
  rdb
    .command('to-json')
    .description('print a line of JSON for each key')
    .argument('<file>')
    .option('-o, --out <file>', 'write to a new file')
    .option('--db <index>', 'only the keys of this database', wholeNumber(0, 2 ** 31))
    .addHelpText('after', exitCodes)
    .action(fileAction(printRdbJson));
  rdb
    .command('diff')
    .description('tell which keys two files have otherwise, whatever their encodings and their order')
    .argument('<A>')
    .argument('<B>')
    .option('--json', 'print a line of JSON for each difference')
    .addHelpText('after', exitCodes)
    .action(fileAction(printRdbDiff));
}
