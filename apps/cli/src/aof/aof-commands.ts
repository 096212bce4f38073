import { type Command, Option } from 'commander';
import { exitCodes, fileAction } from '../files/exit-codes.ts';
import { wholeNumber } from '../whole-number.ts';
import { aofToRdb } from './aof-to-rdb.ts';
import { printAofCheck } from './print-aof-check.ts';
import { repairAof } from './repair-aof.ts';

const databasesMax = 10_000;

/** `kvartz aof ...` */
export function addAofCommands(kvartz: Command): void {
  const aof = kvartz.command('aof').description('look into append-only files: a folder, its manifest, or one file');
  aof.addHelpText('after', exitCodes);
  aof
    .command('check')
    .description('read all files, and say whether they are right and what they hold')
    .argument('<path>')
    .option('--json', 'print JSON')
    .addHelpText('after', exitCodes)
    .action(fileAction(printAofCheck));
  aof
    .command('repair')
    .description(
      'cut the last file back to its last whole command; shows what goes, asks, and keeps it beside the file',
    )
    .argument('<path>')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', exitCodes)
    .action(fileAction(repairAof));
  aof
    .command('to-rdb')
    .description('run all commands in memory and write the outcome as a new RDB file')
    .argument('<path>')
    .argument('<out>')
    .option('--databases <count>', 'number of databases', wholeNumber(1, databasesMax), 16)
    .addOption(new Option('--rdb-version <version>', 'of the file').choices(['9', '10', '11', '12']).default('10'))
    .option('--drop-tail', 'leave out what is not whole at the end')
    .addHelpText('after', exitCodes)
    .action(fileAction(aofToRdb));
}
