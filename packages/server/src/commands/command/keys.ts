import { latin1Of } from '@kvartz/base';
import { CommandFlag, findKeysAndFlags, KeyPositions } from '@kvartz/commands';
import { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import type { CommandTable } from '../../table.ts';
import { shownKeyFlags, type Spec } from './facts.ts';
import { replySimples } from './info.ts';

/** COMMAND GETKEYS command [argument ...]. */
export function getkeys(context: ServerContext, args: Args): void {
  const { reply } = context;
  const request = requestIn(args);
  const keys = findKeysOf(context, request);
  if (keys === undefined) return;
  reply.array(keys.count);
  for (let i = 0; i < keys.count; i++) replyKey(context, request, keys.indexes[i]);
}

/** COMMAND GETKEYSANDFLAGS command [argument ...]. */
export function getkeysandflags(context: ServerContext, args: Args): void {
  const { reply } = context;
  const request = requestIn(args);
  const keys = findKeysOf(context, request);
  if (keys === undefined) return;
  reply.array(keys.count);
  for (let i = 0; i < keys.count; i++) {
    reply.array(2);
    replyKey(context, request, keys.indexes[i]);
    replySimples(reply, shownKeyFlags(keys.flags[i]));
  }
}

function replyKey({ reply }: ServerContext, request: Args, index: number): void {
  reply.bulk(request.buffer, request.start[index], request.end[index]);
}

/** The request that stands after COMMAND GETKEYS: another view of the same bytes. */
function requestIn(args: Args): Args {
  const request = new Args(args.buffer, args.count - 2);
  request.count = args.count - 2;
  request.start.set(args.start.subarray(2, args.count));
  request.end.set(args.end.subarray(2, args.count));
  return request;
}

/** Undefined when an error was answered. */
function findKeysOf({ kernel, reply }: ServerContext, request: Args): KeyPositions | undefined {
  const fail = (text: string): undefined => {
    reply.error(text);
    return undefined;
  };
  const spec = specOf(kernel.table, request);
  if (spec === undefined) return fail('ERR Invalid command specified');
  if (spec.keySpecs.length === 0 && spec.keysOf === undefined) return fail('ERR The command has no key arguments');
  const isArityRight = spec.arity >= 0 ? request.count === spec.arity : request.count >= -spec.arity;
  if (!isArityRight) return fail('ERR Invalid number of arguments specified for command');
  const found = new KeyPositions();
  const mayHaveNone = (spec.flags & CommandFlag.no_mandatory_keys) !== 0;
  if (findKeysAndFlags(spec, request, found) > 0) return found;
  if (!mayHaveNone) return fail('ERR Invalid arguments specified for command');
  found.count = 0;
  return found;
}

function specOf(table: CommandTable, request: Args): Spec | undefined {
  const { buffer, count, end, start } = request;
  const command = table.find(buffer, start[0], end[0]);
  if (command?.subcommands === undefined || command.subcommands.size === 0 || count < 2) return command?.spec;
  return command.subcommands.get(latin1Of(buffer.u8, start[1], end[1]).toLowerCase())?.spec;
}
