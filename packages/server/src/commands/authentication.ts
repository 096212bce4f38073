import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import { byteStringAt } from './byte-string-argument.ts';

const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';
const NO_PASSWORD_SET =
  'ERR AUTH <password> called without any password configured for the default user. ' +
  'Are you sure your configuration is correct?';

/** AUTH [username] password. Until there are ACL users, `default` is the only one, and its password `requirepass`. */
export function auth(context: ServerContext, args: Args): void {
  if (args.count > 3) return context.reply.error('ERR syntax error');
  if (args.count === 2 && context.kernel.config.requirepass === '') return context.reply.error(NO_PASSWORD_SET);
  const user = args.count === 3 ? byteStringAt(args, 1) : 'default';
  if (authenticate(context, user, args, args.count - 1)) context.reply.ok();
}

/** Lets the client in, or answers that the pair is wrong and returns false. */
export function authenticate(context: ServerContext, user: string, args: Args, passwordIndex: number): boolean {
  const { client, kernel, reply } = context;
  const password = kernel.config.requirepass;
  if (user !== 'default' || (password !== '' && !isPassword(args, passwordIndex, password))) {
    reply.error(WRONG_PASSWORD);
    return false;
  }
  client.user = 'default';
  kernel.admission.authenticated(client);
  return true;
}

/** Takes as long for a wrong guess as for a right one, however much of it is right. `password`: a character a byte. */
function isPassword(args: Args, i: number, password: string): boolean {
  const { u8 } = args.buffer;
  const start = args.start[i];
  const length = args.end[i] - start;
  let difference = length ^ password.length;
  for (let at = 0; at < password.length; at++)
    difference |= password.charCodeAt(at) ^ (at < length ? u8[start + at] : 0);
  return difference === 0;
}
