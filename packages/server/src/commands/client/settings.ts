import { integerAt, isKeyword, NOT_INTEGER, SYNTAX_ERROR, textAt, wrongSubcommandArity } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { Gate } from '../../client.ts';
import type { ServerContext } from '../../context.ts';

/** CLIENT REPLY ON|OFF|SKIP: OFF and SKIP are not answered. */
export function reply({ client, reply: writer }: ServerContext, args: Args): void {
  if (isKeyword(args, 2, 'on')) {
    client.replyMode = 'on';
    client.setGate(Gate.silent, false);
    writer.ok();
  } else if (isKeyword(args, 2, 'off')) {
    client.replyMode = 'off';
    client.setGate(Gate.silent, true);
  } else if (isKeyword(args, 2, 'skip')) {
    if (client.replyMode !== 'off') client.replyMode = 'skip';
    client.setGate(Gate.silent, true);
  } else writer.error(SYNTAX_ERROR);
}

/** Argument 2 as ON or OFF; undefined when an error was answered. */
function onOrOff({ reply: writer }: ServerContext, args: Args): boolean | undefined {
  if (isKeyword(args, 2, 'on')) return true;
  if (isKeyword(args, 2, 'off')) return false;
  writer.error(SYNTAX_ERROR);
  return undefined;
}

export function noEvict(context: ServerContext, args: Args): void {
  const isOn = onOrOff(context, args);
  if (isOn === undefined) return;
  context.client.isNoEvict = isOn;
  context.reply.ok();
}

export function noTouch(context: ServerContext, args: Args): void {
  const isOn = onOrOff(context, args);
  if (isOn === undefined) return;
  context.client.isNoTouch = isOn;
  context.client.setGate(Gate.noTouch, isOn);
  context.reply.ok();
}

/** CLIENT UNBLOCK id [TIMEOUT|ERROR]: 1, or 0 when no such client waits for a key. */
export function unblock({ kernel, reply: writer }: ServerContext, args: Args): void {
  if (args.count > 4) return writer.error(wrongSubcommandArity('CLIENT', textAt(args, 1)));
  const isError = args.count === 4 && isKeyword(args, 3, 'error');
  if (args.count === 4 && !isError && !isKeyword(args, 3, 'timeout')) {
    return writer.error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
  }
  const id = integerAt(args, 2);
  if (Number.isNaN(id)) return writer.error(NOT_INTEGER);
  const target = kernel.clients.get(id);
  writer.integer(target !== undefined && kernel.blocking.unblock(target, isError) ? 1 : 0);
}
