import { defineCommands, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import { replyHelp } from './help.ts';

/** There are no modules: tools that ask for their list get an empty one, and nothing can be loaded. */
export const moduleCommands = defineCommands<ServerContext>([
  { name: 'module', summary: 'Commands about modules.', complexity: 'Depends on subcommand.' },
  { name: 'module|list', summary: 'The modules that are loaded: none.', complexity: 'O(1)', run: list },
  { name: 'module|load', summary: 'Refuses to load a module.', complexity: 'O(1)', run: load },
  { name: 'module|loadex', summary: 'Refuses to load a module.', complexity: 'O(1)', run: load },
  { name: 'module|unload', summary: 'Refuses to unload a module.', complexity: 'O(1)', run: unload },
  { name: 'module|help', summary: 'Tells about the subcommands.', complexity: 'O(1)', run: help },
]);

const NOT_ALLOWED =
  'ERR MODULE command not allowed. If the enable-module-command option is set to "local", you can run it from a local ' +
  'connection, otherwise you need to set this option in the configuration file, and then restart the server.';

function isAllowed({ client, kernel, reply }: ServerContext): boolean {
  const allowed = kernel.config.get('enable-module-command');
  if (allowed === 'yes' || (allowed === 'local' && client.connection.isLoopback)) return true;
  reply.error(NOT_ALLOWED);
  return false;
}

function list({ reply }: ServerContext): void {
  reply.array(0);
}

function load(context: ServerContext, args: Args): void {
  if (!isAllowed(context)) return;
  context.kernel.log.warning(`Module ${textAt(args, 2)} was not loaded: Kvartz has no modules`);
  context.reply.error('ERR Error loading the extension. Please check the server logs.');
}

function unload(context: ServerContext): void {
  if (isAllowed(context)) context.reply.error('ERR Error unloading module: no such module with that name');
}

function help(context: ServerContext): void {
  replyHelp(context, 'MODULE', [
    'LIST',
    '    Return an empty list: there are no modules.',
    'LOAD <path> [<arg> ...]',
    'LOADEX <path> [CONFIG <name> <value> ...] [ARGS <arg> ...]',
    'UNLOAD <name>',
    '    Answer with an error.',
  ]);
}
