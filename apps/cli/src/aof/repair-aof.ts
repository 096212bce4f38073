import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { confirm, isCancel } from '@clack/prompts';
import { ByteBuffer } from '@kvartz/base';
import { realEnv } from '@kvartz/node';
import { countCommands } from '@kvartz/persistence';
import { cutFile } from '@kvartz/server';
import { ExitCode } from '../files/exit-codes.ts';
import { UsageError } from '../usage-error.ts';
import { firstFault, lineOf } from './aof-report.ts';
import { aofTarget } from './aof-target.ts';
import { type AofFileReport, checkAofFile } from './check-aof.ts';

/** Of what is dropped, so much is looked through for commands. */
const lookedThroughBytes = 64 * 2 ** 20;

/** Cuts the last file back to its last whole command or transaction, after asking; what is cut off is kept beside it. */
export async function repairAof(path: string, flags: { readonly yes?: boolean }): Promise<number> {
  const { paths } = await aofTarget(path);
  const reports: AofFileReport[] = [];
  for (const one of paths) reports.push(await checkAofFile(one));
  for (const report of reports) console.log(lineOf(report));
  const fault = firstFault(reports);
  if (fault === undefined) {
    console.log('There is nothing to repair');
    return ExitCode.fine;
  }
  const { isLast, report } = fault;
  if (report.isRdbDamaged || !isLast) {
    const reason = report.isRdbDamaged
      ? 'the RDB file in it is damaged, and of that nothing can be cut off'
      : 'it is not the last file, and commands in later ones may build on what would be missing';
    console.error(`${report.path} cannot be repaired: ${reason}. Put it back from a copy`);
    return ExitCode.finding;
  }
  console.log(await lossOf(report));
  if (flags.yes !== true && !(await isConfirmed(report))) {
    console.log('Nothing was changed');
    return ExitCode.finding;
  }
  const kept = await cutFile(realEnv('.').disk, resolve(report.path), report.safeOffset);
  console.log(`${report.path} is repaired: it has ${report.safeOffset} bytes now, and what was cut off is ${kept}`);
  return ExitCode.fine;
}

/** What would go. */
async function lossOf({ path, safeOffset, sizeBytes }: AofFileReport): Promise<string> {
  const bytes = sizeBytes - safeOffset;
  const buffer = new ByteBuffer(Math.min(bytes, lookedThroughBytes));
  const file = await open(path);
  let gotBytes: number;
  try {
    gotBytes = (await file.read(buffer.u8, 0, buffer.sizeBytes, safeOffset)).bytesRead;
  } finally {
    await file.close();
  }
  const least = gotBytes < bytes ? 'at least ' : '';
  const count = countCommands(buffer, 0, gotBytes);
  return `From offset ${safeOffset} on, ${bytes} of ${sizeBytes} bytes will be cut off; ${least}${count} whole commands are among them`;
}

async function isConfirmed({ path }: AofFileReport): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UsageError('nobody can be asked here; --yes repairs without asking', ExitCode.trouble);
  }
  const answer = await confirm({ message: `Cut ${path}?`, initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
}
