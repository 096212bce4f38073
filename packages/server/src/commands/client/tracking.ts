import { isKeyword, SYNTAX_ERROR } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';

/** CLIENT TRACKING ON|OFF ...: it is always off. */
export function tracking({ reply }: ServerContext, args: Args): void {
  if (isKeyword(args, 2, 'off')) reply.ok();
  else if (isKeyword(args, 2, 'on')) reply.error('ERR Kvartz does not support client-side caching yet');
  else reply.error(SYNTAX_ERROR);
}

export function caching({ reply }: ServerContext): void {
  reply.error(
    'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
  );
}

export function trackinginfo({ reply }: ServerContext): void {
  reply.map(3);
  reply.bulkText('flags');
  reply.set(1);
  reply.bulkText('off');
  reply.bulkText('redirect');
  reply.integer(-1);
  reply.bulkText('prefixes');
  reply.array(0);
}

/** -1: tracking is off. */
export function getredir({ reply }: ServerContext): void {
  reply.integer(-1);
}
