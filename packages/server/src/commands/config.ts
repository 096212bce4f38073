import { latin1Bytes, latin1Of } from '@kvartz/base';
import { defineCommands, matchGlob, SYNTAX_ERROR } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { findDirective } from '../config/registry.ts';
import { rewriteConfigText } from '../config/rewrite.ts';
import type { ServerContext } from '../context.ts';
import type { Kernel } from '../kernel.ts';
import { byteStringAt } from './byte-string-argument.ts';
import { replyWhenDone } from './deferred.ts';
import { replyHelp } from './help.ts';

export const configCommands = defineCommands<ServerContext>([
  { name: 'config', summary: 'Commands about the configuration.', complexity: 'Depends on subcommand.' },
  {
    name: 'config|get',
    summary: 'The values of directives.',
    complexity: 'O(N) where N is the number of directives',
    run: get,
  },
  {
    name: 'config|set',
    summary: 'Changes directives while the server runs.',
    complexity: 'O(N) where N is the number of directives given',
    run: set,
  },
  {
    name: 'config|rewrite',
    summary: 'Writes the configuration in use to the file that the server was started with.',
    complexity: 'O(1)',
    run: rewrite,
  },
  { name: 'config|resetstat', summary: 'Sets the counters of INFO to zero.', complexity: 'O(1)', run: resetstat },
  { name: 'config|help', summary: 'Tells about the subcommands.', complexity: 'O(1)', run: help },
]);

function get({ kernel, reply }: ServerContext, args: Args): void {
  const patterns: string[] = [];
  for (let i = 2; i < args.count; i++) patterns.push(byteStringAt(args, i));
  const found = kernel.config.match(patterns, (pattern, name) => {
    const [p, n] = [latin1Bytes(pattern), latin1Bytes(name)];
    return matchGlob(p, 0, p.length, n, 0, n.length, true);
  });
  reply.map(found.length);
  for (const [name, value] of found) {
    reply.bulkBytes(latin1Bytes(name));
    reply.bulkBytes(latin1Bytes(value));
  }
}

function set({ client, kernel, reply }: ServerContext, args: Args): void {
  if (args.count % 2 !== 0) return reply.error(SYNTAX_ERROR);
  const pairs: [string, string][] = [];
  for (let i = 2; i < args.count; i += 2) pairs.push([byteStringAt(args, i), byteStringAt(args, i + 1)]);
  const error = kernel.config.setAll(pairs, { isLocal: client.connection.isLoopback });
  if (error !== undefined) return reply.error(`ERR ${error}`);
  warnWithoutEffect(kernel, pairs);
  reply.ok();
}

function warnWithoutEffect({ config, log }: Kernel, pairs: readonly (readonly [string, string])[]): void {
  for (const [name] of pairs) {
    const row = findDirective(name);
    if (row?.effect !== 'accepted' || config.get(row.name) === row.defaultValue) continue;
    log.warning(`CONFIG SET ${row.name}: accepted, but it has no effect in this version`);
  }
}

function rewrite(context: ServerContext): void {
  const { kernel, reply } = context;
  const { path } = kernel.config;
  if (path === undefined) return reply.error('ERR The server is running without a config file');
  if (context.isInExec) return reply.error('ERR CONFIG REWRITE is not allowed in a transaction');
  replyWhenDone(context, rewriteFile(kernel, path), (writer, outcome) => {
    if ('value' in outcome) {
      kernel.log.notice('CONFIG REWRITE executed with success.');
      return writer.ok();
    }
    const reason = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
    kernel.log.warning(`CONFIG REWRITE failed: ${reason}`);
    return writer.error(`ERR Rewriting config file: ${reason}`);
  });
}

async function rewriteFile({ config, env }: Kernel, path: string): Promise<void> {
  const old = (await env.disk.exists(path)) ? latin1Of(await env.disk.readFile(path)) : '';
  const text = rewriteConfigText(old, (name) => config.get(name));
  await env.disk.writeFileAtomic(path, latin1Bytes(text));
}

function resetstat(context: ServerContext): void {
  const { kernel } = context;
  kernel.stats.reset();
  kernel.eviction.resetStats();
  kernel.arena.lazyFree.freedCount = 0;
  kernel.output.bytesWritten = 0;
  context.keyspaceHits = 0;
  context.keyspaceMisses = 0;
  context.expiredFields = 0;
  for (const command of kernel.table.all()) command.resetStats();
  context.reply.ok();
}

function help(context: ServerContext): void {
  replyHelp(context, 'CONFIG', [
    'GET <pattern> [<pattern> ...]',
    '    Return the directives whose names fit a glob-like <pattern>, with their values.',
    'SET <directive> <value> [<directive> <value> ...]',
    '    Change directives: all of them or, when one is refused, none.',
    'RESETSTAT',
    '    Set the counters that INFO reports to zero.',
    'REWRITE',
    '    Write the values in use to the configuration file.',
  ]);
}
