import { integerAt, isKeyword, NOT_INTEGER, SYNTAX_ERROR } from '@kvartz/commands';
import { latin1Bytes } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import type { Client } from '../../client.ts';
import type { ServerContext } from '../../context.ts';
import { type ClientTracking, overlapOf, type TrackingOptions } from '../../tracking/client-tracking.ts';
import { byteStringAt } from '../byte-string-argument.ts';

interface TrackingRequest {
  redirectId: number;
  isBroadcast: boolean;
  isOptIn: boolean;
  isOptOut: boolean;
  isNoLoop: boolean;
  readonly prefixes: string[];
}

/** CLIENT TRACKING ON|OFF [REDIRECT id] [PREFIX prefix ...] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]. */
export function tracking(context: ServerContext, args: Args): void {
  const { client, kernel, reply } = context;
  const request = parseRequest(context, args);
  if (typeof request === 'string') return reply.error(request);
  if (isKeyword(args, 2, 'off')) kernel.tracking.disable(client);
  else if (isKeyword(args, 2, 'on')) {
    const refusal = refusalOf(request, client.tracking);
    if (refusal !== undefined) return reply.error(refusal);
    kernel.tracking.enable(client, optionsOf(request), request.prefixes);
  } else return reply.error(SYNTAX_ERROR);
  reply.ok();
}

/** A string says what is wrong. */
function parseRequest({ kernel }: ServerContext, args: Args): TrackingRequest | string {
  const request = {
    redirectId: 0,
    isBroadcast: false,
    isOptIn: false,
    isOptOut: false,
    isNoLoop: false,
    prefixes: [] as string[],
  };
  for (let i = 3; i < args.count; i++) {
    const isLast = i + 1 === args.count;
    if (isKeyword(args, i, 'redirect') && !isLast) {
      if (request.redirectId !== 0) return 'ERR A client can only redirect to a single other client';
      request.redirectId = integerAt(args, ++i);
      if (Number.isNaN(request.redirectId)) return NOT_INTEGER;
      if (!kernel.clients.has(request.redirectId)) return 'ERR The client ID you want redirect to does not exist';
    } else if (isKeyword(args, i, 'prefix') && !isLast) request.prefixes.push(byteStringAt(args, ++i));
    else if (isKeyword(args, i, 'bcast')) request.isBroadcast = true;
    else if (isKeyword(args, i, 'optin')) request.isOptIn = true;
    else if (isKeyword(args, i, 'optout')) request.isOptOut = true;
    else if (isKeyword(args, i, 'noloop')) request.isNoLoop = true;
    else return SYNTAX_ERROR;
  }
  return request;
}

/** What the options, and those in force, have against each other. */
function refusalOf(request: TrackingRequest, current: ClientTracking | undefined): string | undefined {
  const { isBroadcast, isOptIn, isOptOut, prefixes } = request;
  if (!isBroadcast && prefixes.length > 0) return 'ERR PREFIX option requires BCAST mode to be enabled';
  if (current !== undefined && current.options.isBroadcast !== isBroadcast) return cannotSwitch('BCAST mode on/off');
  if (isBroadcast && (isOptIn || isOptOut)) return 'ERR OPTIN and OPTOUT are not compatible with BCAST';
  if (isOptIn && isOptOut) return "ERR You can't specify both OPTIN mode and OPTOUT mode";
  const choice = current?.options.choice;
  if ((isOptIn && choice === 'optout') || (isOptOut && choice === 'optin')) return cannotSwitch('OPTIN/OPTOUT mode');
  return overlapOf(prefixes, current?.prefixes ?? new Set());
}

function cannotSwitch(what: string): string {
  return (
    `ERR You can't switch ${what} before disabling tracking for this client, and then re-enabling it with a different ` +
    'mode.'
  );
}

function optionsOf({ isBroadcast, isNoLoop, isOptIn, isOptOut, redirectId }: TrackingRequest): TrackingOptions {
  return { redirectId, isBroadcast, isNoLoop, choice: isOptIn ? 'optin' : isOptOut ? 'optout' : 'all' };
}

/** CLIENT CACHING YES|NO. */
export function caching({ client, reply }: ServerContext, args: Args): void {
  const current = client.tracking;
  if (current === undefined) {
    return reply.error(
      'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
    );
  }
  const [word, choice] = isKeyword(args, 2, 'yes') ? ['YES', 'optin'] : ['NO', 'optout'];
  if (word === 'NO' && !isKeyword(args, 2, 'no')) return reply.error(SYNTAX_ERROR);
  if (current.options.choice !== choice) {
    return reply.error(
      `ERR CLIENT CACHING ${word} is only valid when tracking is enabled in ${choice.toUpperCase()} mode.`,
    );
  }
  current.isCachingGiven = true;
  reply.ok();
}

export function trackinginfo({ client, reply }: ServerContext): void {
  const flags = flagsOf(client);
  reply.map(3);
  reply.bulkText('flags');
  reply.set(flags.length);
  for (const flag of flags) reply.bulkText(flag);
  reply.bulkText('redirect');
  reply.integer(redirectOf(client));
  reply.bulkText('prefixes');
  const prefixes = [...(client.tracking?.prefixes ?? [])].toSorted();
  reply.array(prefixes.length);
  for (const prefix of prefixes) reply.bulkBytes(latin1Bytes(prefix));
}

function flagsOf({ tracking: current }: Client): string[] {
  if (current === undefined) return ['off'];
  const flags = ['on'];
  const { choice, isBroadcast, isNoLoop } = current.options;
  if (isBroadcast) flags.push('bcast');
  if (choice !== 'all') flags.push(choice);
  if (current.isCachingGiven) flags.push(choice === 'optin' ? 'caching-yes' : 'caching-no');
  if (isNoLoop) flags.push('noloop');
  if (current.isRedirectBroken) flags.push('broken_redirect');
  return flags;
}

export function getredir({ client, reply }: ServerContext): void {
  reply.integer(redirectOf(client));
}

/** -1: tracking is off. 0: the client itself is told. */
function redirectOf(client: Client): number {
  return client.tracking?.options.redirectId ?? -1;
}
