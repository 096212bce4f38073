import { latin1Of } from '@kvartz/base';
import { textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { Client } from './client.ts';
import { passGates } from './gates.ts';
import type { Kernel } from './kernel.ts';
import { refuse, runCommand } from './run-command.ts';
import type { ServerCommand } from './table.ts';

/** Runs a request and whatever it made possible for clients that waited: the path of every request. */
export function execute(kernel: Kernel, client: Client, args: Args): void {
  dispatch(kernel, client, args);
  if (kernel.blocking.isReady) kernel.blocking.serve(client);
}

/** Finds the command, passes it through the gates and runs it. */
function dispatch(kernel: Kernel, client: Client, args: Args): void {
  let command = kernel.table.find(args.buffer, args.start[0], args.end[0]);
  if (command === undefined) return refuseUnknown(kernel, client, args);
  if (command.subcommands !== undefined && (args.count > 1 || command.run === undefined)) {
    // A container: CONFIG GET and its like. COMMAND is one, and a command by itself.
    if (args.count < 2) return refuse(kernel, client, command, wrongArityText(command));
    const subcommand = command.subcommands.get(latin1Of(args.buffer.u8, args.start[1], args.end[1]).toLowerCase());
    if (subcommand === undefined) return refuse(kernel, client, command, unknownSubcommandText(command, args));
    command = subcommand;
  }
  if (!command.isArityRight(args.count)) return refuse(kernel, client, command, wrongArityText(command));
  const gates = (client.gates | kernel.gates) & command.gateMask;
  if (gates !== 0 && !passGates(kernel, client, command, args, gates)) return;
  runCommand(kernel, client, command, args);
}

function refuseUnknown(kernel: Kernel, client: Client, args: Args): void {
  const name = textAt(args, 0, 128);
  // A browser that was talked into sending a request here: what follows in its body must not run as commands.
  if (/^(?:post|host:)$/i.test(name)) {
    kernel.log.warning(
      'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands, perhaps with the ' +
        `help of a browser, to get commands run. Connection from ${client.connection.remote} aborted.`,
    );
    kernel.kill(client);
  } else refuse(kernel, client, undefined, unknownCommandText(name, args));
}

function wrongArityText(command: ServerCommand): string {
  return `ERR wrong number of arguments for '${command.name}' command`;
}

function unknownSubcommandText(command: ServerCommand, args: Args): string {
  return `ERR unknown subcommand '${textAt(args, 1, 128)}'. Try ${command.name.toUpperCase()} HELP.`;
}

/** Name and first arguments, each cut to 128 bytes in all, as Redis quotes them. */
function unknownCommandText(name: string, args: Args): string {
  let rest = '';
  for (let i = 1; i < args.count && rest.length < 128; i++) rest += `'${textAt(args, i, 128 - rest.length)}' `;
  return `ERR unknown command '${name}', with args beginning with: ${rest}`;
}
