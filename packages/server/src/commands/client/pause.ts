import { integerAt, isKeyword, textAt, wrongSubcommandArity } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';

/** CLIENT PAUSE milliseconds [WRITE|ALL]. */
export function pause({ kernel, nowMs, reply }: ServerContext, args: Args): void {
  const isWrite = args.count === 4 && isKeyword(args, 3, 'write');
  if (args.count > 4) return reply.error(wrongSubcommandArity('CLIENT', textAt(args, 1)));
  if (args.count === 4 && !isWrite && !isKeyword(args, 3, 'all')) {
    return reply.error('ERR CLIENT PAUSE mode must be WRITE or ALL');
  }
  const durationMs = integerAt(args, 2);
  if (Number.isNaN(durationMs)) return reply.error('ERR timeout is not an integer or out of range');
  if (durationMs < 0) return reply.error('ERR timeout is negative');
  kernel.clientPause.begin(Math.min(nowMs + durationMs, Number.MAX_SAFE_INTEGER), isWrite ? 'write' : 'all');
  reply.ok();
}

export function unpause({ kernel, reply }: ServerContext): void {
  kernel.clientPause.end();
  reply.ok();
}
