import { defineCommands, isKeyword, SYNTAX_ERROR } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { replyWhenDone } from '../commands/deferred.ts';
import type { ServerContext } from '../context.ts';

const ALREADY = 'ERR Background save already in progress';
const OTHER =
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE " +
  'whenever possible.';

export const saveCommands = defineCommands<ServerContext>([
  {
    name: 'save',
    summary: 'Writes a snapshot, and answers when it is on the disk.',
    complexity: 'O(N) where N is the number of keys',
    run: save,
  },
  {
    name: 'bgsave',
    summary: 'Begins to write a snapshot.',
    complexity: 'O(1)',
    run: bgsave,
  },
  { name: 'lastsave', summary: 'When the data was last saved.', complexity: 'O(1)', run: lastsave },
]);

/** Unlike in Redis others are served meanwhile; what is saved are the data of this moment. */
function save(context: ServerContext): void {
  const { snapshots } = context.kernel.persistence;
  if (snapshots.isRunning) return context.reply.error(ALREADY);
  snapshots.count++;
  replyWhenDone(context, snapshots.save(), (reply, outcome) => {
    if ('value' in outcome && outcome.value) reply.ok();
    else reply.error('ERR');
  });
}

/** BGSAVE [SCHEDULE]. */
function bgsave(context: ServerContext, args: Args): void {
  const { isInExec, kernel, reply } = context;
  const isScheduling = args.count === 2 && isKeyword(args, 1, 'schedule');
  if (args.count > 1 && !isScheduling) return reply.error(SYNTAX_ERROR);
  const { appendOnlyFile, snapshots } = kernel.persistence;
  if (snapshots.isRunning) return reply.error(ALREADY);
  if (appendOnlyFile.isRewriting || isInExec) {
    if (!isScheduling && !isInExec) return reply.error(OTHER);
    snapshots.isScheduled = true;
    return reply.simple('Background saving scheduled');
  }
  snapshots.saveInBackground();
  reply.simple('Background saving started');
}

function lastsave({ kernel, reply }: ServerContext): void {
  reply.integer(kernel.persistence.snapshots.lastSaveSeconds);
}
