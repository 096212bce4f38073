import { defineCommands, isKeyword, SYNTAX_ERROR } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { replyWhenDone } from '../commands/deferred.ts';
import type { ServerContext } from '../context.ts';
import type { Kernel } from '../kernel.ts';
import type { ShutdownOptions } from './shutdown.ts';

export const shutdownCommands = defineCommands<ServerContext>([
  {
    name: 'shutdown',
    summary: 'Ends the server.',
    complexity: 'O(N) when the data is saved, where N is the number of keys; O(1) otherwise',
    run: shutdown,
  },
]);

/** SHUTDOWN [NOSAVE|SAVE] [NOW] [FORCE] [ABORT]. Answered by the end of the connection. */
function shutdown(context: ServerContext, args: Args): void {
  const { kernel, reply } = context;
  const given = new Set<string>();
  for (let i = 1; i < args.count; i++) {
    const word = ['nosave', 'save', 'now', 'force', 'abort'].find((name) => isKeyword(args, i, name));
    if (word === undefined) return reply.error(SYNTAX_ERROR);
    given.add(word);
  }
  const isAbort = given.has('abort');
  if ((isAbort && given.size > 1) || (given.has('save') && given.has('nosave'))) return reply.error(SYNTAX_ERROR);
  if (isAbort) return kernel.shutdown.abort() ? reply.ok() : reply.error('ERR No shutdown in progress.');
  kernel.log.warning('User requested shutdown...');
  replyWhenDone(context, ended(kernel, shutdownOptionsOf([...given])), (writer) =>
    writer.error('ERR Errors trying to SHUTDOWN. Check logs.'),
  );
}

/** By the words of SHUTDOWN, and of `shutdown-on-sigterm`. */
export function shutdownOptionsOf(words: readonly string[]): ShutdownOptions {
  return {
    save: words.includes('nosave') ? 'never' : words.includes('save') ? 'always' : 'default',
    isForced: words.includes('force'),
    isNow: words.includes('now'),
  };
}

/** Resolves when the server goes on; otherwise nobody is left who could be told. */
async function ended(kernel: Kernel, options: ShutdownOptions): Promise<void> {
  if (!(await kernel.shutdown.begin(options))) return;
  kernel.onShutdown();
  await new Promise(() => {});
}
