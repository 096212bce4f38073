import { textAt } from '@kvartz/commands';
import type { Args, ReplyWriter } from '@kvartz/resp';
import { Gate } from '../client.ts';
import { replyWhenDone } from '../commands/deferred.ts';
import type { ServerContext } from '../context.ts';
import type { Kernel } from '../kernel.ts';
import { DataFileError } from './data-file-error.ts';
import { loadRdb } from './rdb-loading.ts';

const NOT_IN_EXEC = 'ERR DEBUG RELOAD and LOADAOF are not allowed in a transaction';
const WRONG_OPTION = 'ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.';

/** DEBUG RELOAD [NOSAVE] [MERGE] [NOFLUSH]: saves, and loads what was saved. Keys that are there already give way to those of the file. */
export function reload(context: ServerContext, args: Args): void {
  const { kernel, reply } = context;
  const given = new Set<string>();
  for (let i = 2; i < args.count; i++) {
    const word = textAt(args, i).toLowerCase();
    if (!['merge', 'noflush', 'nosave'].includes(word)) return reply.error(WRONG_OPTION);
    given.add(word);
  }
  if (context.isInExec) return reply.error(NOT_IN_EXEC);
  replyWhenDone(context, keepOut(kernel, reloaded(kernel, !given.has('nosave'), !given.has('noflush'))), answer);
}

/** DEBUG LOADAOF: the data that the append-only file gives. */
export function loadAppendOnlyFile(context: ServerContext): void {
  const { isInExec, kernel, reply } = context;
  if (isInExec) return reply.error(NOT_IN_EXEC);
  const file = kernel.persistence.appendOnlyFile;
  if (file?.isOn !== true) return reply.error('ERR The append-only file is off');
  const work = async (): Promise<string | undefined> => {
    if (!(await file.flush())) return 'ERR';
    empty(kernel);
    await file.load(kernel.persistence.loading);
    kernel.log.warning('Append Only File loaded by DEBUG LOADAOF');
    return undefined;
  };
  replyWhenDone(context, keepOut(kernel, work()), answer);
}

function answer(reply: ReplyWriter, outcome: { readonly value?: string | undefined; readonly error?: unknown }): void {
  if ('error' in outcome) reply.error('ERR Error trying to load the RDB dump, check server logs.');
  else if (outcome.value === undefined) reply.ok();
  else reply.error(outcome.value);
}

async function reloaded(kernel: Kernel, isSaving: boolean, isEmptying: boolean): Promise<string | undefined> {
  const { config, log, persistence } = kernel;
  await persistence.snapshots.abort();
  if (isSaving && !(await persistence.snapshots.save())) return 'ERR';
  if (isEmptying) empty(kernel);
  if (!(await loadRdb(kernel, config.dbFilename, persistence.loading))) {
    throw new DataFileError(config.dbFilename, 'there is no such file', 'Save first');
  }
  log.warning('DB reloaded by DEBUG RELOAD');
  return undefined;
}

/** Others are answered -LOADING meanwhile. */
async function keepOut<T>(kernel: Kernel, work: Promise<T>): Promise<T> {
  kernel.setGate(Gate.loading, true);
  try {
    return await work;
  } catch (error) {
    kernel.log.warning(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    kernel.setGate(Gate.loading, false);
  }
}

/** As FLUSHALL, of which nobody else is told. */
function empty({ databases, observers, persistence, tracking }: Kernel): void {
  if (observers.isOn) {
    for (let i = 0; i < databases.length; i++) observers.databaseChanges(i, i);
    tracking.flushed();
  }
  for (const database of databases) database.clear();
  persistence.functionLibraries.length = 0;
}
