import { CommandFlag, textAt } from '@kvartz/commands';
import type { Args, RequestBatch } from '@kvartz/resp';
import { serverTable } from '../all-commands.ts';
import { Client } from '../client.ts';
import type { Kernel } from '../kernel.ts';
import { noConnection } from '../no-connection.ts';
import { enterCommand } from '../run-command.ts';
import type { CommandTable, ServerCommand } from '../table.ts';

/** A command that the server cannot start with. */
export class AofCommandError extends Error {
  override readonly name = 'AofCommandError';
}

/** So many errors of commands are told one by one. */
const errorsTold = 10;
/** What commands are written with that change nothing themselves. */
const passed = CommandFlag.write | CommandFlag.may_replicate;
/** Commands of connections and of the server, which an append-only file has no use for. */
const foreign = CommandFlag.admin | CommandFlag.noscript;

/**
 * Runs the commands of append-only files, as a client that nobody hears: no gates, no effects, no notifications, no waiting. The keyspaces
 * must be in expiry mode `ignore`: when a key went stands in the file.
 */
export class AofCommands {
  /** Commands that answered an error. */
  failed = 0;
  readonly #kernel: Kernel;
  readonly #client: Client;
  /** Of MULTI, until EXEC comes; undefined: there is no transaction. */
  #queue: { readonly args: Args; readonly offset: number }[] | undefined;
  /** Commands by the names that they had before `rename-command`: those are in files that were written without it. */
  #originals: CommandTable | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#client = new Client(0, kernel, noConnection, kernel.admission.openLimits, kernel.monotonicMs);
    this.#client.mustBeObeyed = true;
  }

  multi(): void {
    this.#queue = [];
  }

  exec(): void {
    const queue = this.#queue ?? [];
    this.#queue = undefined;
    for (const { args, offset } of queue) this.#run(args, offset);
  }

  /** `offset`: where it stands in the file. Throws AofCommandError where the start has to end. */
  run(args: Args, offset: number): void {
    if (this.#queue === undefined) this.#run(args, offset);
    else this.#queue.push({ args: args.clone(), offset });
  }

  /** The misses of all their keys overlap. `base`: where in the file the chunk would begin. */
  runBatch(batch: RequestBatch, base: number): void {
    const keyspace = this.#kernel.databases[this.#client.dbIndex];
    for (let i = 0; i < batch.count; i++) {
      const args = batch.args[i];
      if (args.count > 1 && keyspace.wantsAnnouncements) keyspace.announce(args.buffer, args.start[1], args.end[1]);
    }
    keyspace.prefetch();
    for (let i = 0; i < batch.count; i++) this.#run(batch.args[i], base + batch.starts[i]);
  }

  #run(args: Args, offset: number): void {
    const { context } = this.#kernel;
    const { reply } = context;
    const { errorCount, position } = reply;
    const command = this.#commandOf(args);
    if (command?.run === undefined)
      throw new AofCommandError(`unknown command '${textAt(args, 0, 128)}' at offset ${offset}`);
    if (!command.isArityRight(args.count)) {
      throw new AofCommandError(`'${command.name}' with ${args.count} words, at offset ${offset}, is no command`);
    }
    if ((command.flags & passed) === 0 && (command.flags & foreign) !== 0) {
      throw new AofCommandError(`'${command.name}' at offset ${offset} has no place in an append-only file`);
    }
    if ((command.flags & CommandFlag.pubsub) !== 0) return;
    enterCommand(context, this.#client);
    // What would wait for a key finds none, and goes on.
    context.isInExec = true;
    command.run(context, args);
    context.isInExec = false;
    reply.position = position;
    if (reply.errorCount !== errorCount) this.#noteError(command, args, offset);
    if (this.#client.halts !== 0) throw new AofCommandError(`'${command.name}' at offset ${offset} would wait`);
  }

  #commandOf(args: Args): ServerCommand | undefined {
    const { table } = this.#kernel;
    return commandIn(table, args) ?? commandIn((this.#originals ??= serverTable()), args);
  }

  /** Redis goes on, whatever the error. What would change what all that follows means is refused here. */
  #noteError(command: ServerCommand, args: Args, offset: number): void {
    const { lastError } = this.#kernel.context.reply;
    if (lastError.startsWith('OOM'))
      throw new AofCommandError(`there is no memory for '${command.name}' at offset ${offset}`);
    if (command.name === 'select') {
      const count = this.#kernel.databases.length;
      throw new AofCommandError(
        `expected a database below ${count} (see the directive 'databases') at offset ${offset}, found ${textAt(args, 1, 32)}`,
      );
    }
    this.failed++;
    if (this.failed > errorsTold) return;
    this.#kernel.log.warning(
      `'${command.name}' of the append-only file, at offset ${offset}, answered an error and changed nothing: ${lastError}`,
    );
  }
}

function commandIn(table: CommandTable, args: Args): ServerCommand | undefined {
  const command = table.find(args.buffer, args.start[0], args.end[0]);
  if (command?.subcommands === undefined || args.count < 2) return command;
  return command.subcommands.get(textAt(args, 1, 128).toLowerCase());
}
