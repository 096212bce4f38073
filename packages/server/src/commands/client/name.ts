import { textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';

/** Names stand in CLIENT LIST between blanks: printable ASCII only. */
export function isPrintable(text: string): boolean {
  return /^[!-~]*$/.test(text);
}

/** Takes argument `i` as the client's name, or answers that it cannot be one and returns false. */
export function setClientName({ client, reply }: ServerContext, args: Args, i: number): boolean {
  const name = textAt(args, i);
  if (!isPrintable(name)) {
    reply.error('ERR Client names cannot contain spaces, newlines or special characters.');
    return false;
  }
  client.name = name;
  return true;
}

export function setname(context: ServerContext, args: Args): void {
  if (setClientName(context, args, 2)) context.reply.ok();
}

export function getname({ client, reply }: ServerContext): void {
  if (client.name === '') reply.null();
  else reply.bulkText(client.name);
}

/** CLIENT SETINFO lib-name|lib-ver value. */
export function setinfo({ client, reply }: ServerContext, args: Args): void {
  const attribute = textAt(args, 2);
  const value = textAt(args, 3);
  const lower = attribute.toLowerCase();
  if (lower !== 'lib-name' && lower !== 'lib-ver') return reply.error(`ERR Unrecognized option '${attribute}'`);
  if (!isPrintable(value)) {
    return reply.error(`ERR ${attribute} cannot contain spaces, newlines or special characters.`);
  }
  if (lower === 'lib-name') client.libName = value;
  else client.libVersion = value;
  reply.ok();
}
