import { type Keyspace, NO_EXPIRY } from '@kvartz/engine';
import { isPayload, LoadState, PayloadLoader } from '@kvartz/persistence';
import type { Args } from '@kvartz/resp';
import type { CommandContext, EffectPart } from '../context.ts';
import { BAD_DATA_FORMAT, BAD_PAYLOAD, BUSY_KEY, INVALID_TTL } from '../errors.ts';
import { isPast } from '../expiry/store-expire-time.ts';
import { KeyEvents } from '../key-events.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { RestoreRequest, timeAt } from './restore-request.ts';

const request = new RestoreRequest();
const loaders = new WeakMap<Keyspace['arena'], PayloadLoader>();

/** RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ counter]. */
export function restore(context: CommandContext, args: Args): void {
  const { db, nowMs, reply } = context;
  const { buffer, end, start } = args;
  if (!request.read(context, args)) return;
  if (!request.isReplace && db.find(buffer, start[1], end[1]) !== 0) return reply.error(BUSY_KEY);
  const atMs = timeAt(context, args, request.isAbsolute ? 0 : nowMs, INVALID_TTL);
  if (Number.isNaN(atMs)) return;
  if (!isPayload(buffer, start[3], end[3])) return reply.error(BAD_PAYLOAD);
  const loader = loaderOf(db.arena);
  const state = loader.load(db, buffer, start[3], end[3]);
  if (state === undefined) return reply.error(BAD_DATA_FORMAT);
  if (state === LoadState.noMemory) return replyOutOfMemory(context);
  if (atMs !== 0 && isPast(context, atMs)) {
    loader.drop();
    if (request.isReplace && db.remove(buffer, start[1], end[1])) {
      context.touch(args, 1, KeyEvents.del);
      context.propagate('DEL', { args, index: 1 });
    }
    return reply.ok();
  }
  if (!store(context, args, loader, atMs)) return replyOutOfMemory(context);
  context.touch(args, 1, KeyEvents.restore);
  if (context.isPropagating && atMs !== 0) context.propagate(...effectOf(args, atMs));
  reply.ok();
}

/** False: no memory, and the key is as it was. */
function store({ db }: CommandContext, { buffer, end, start }: Args, loader: PayloadLoader, atMs: number): boolean {
  const entry = loader.move(db, buffer, start[1], end[1], atMs === 0 ? NO_EXPIRY : atMs);
  if (entry === 0) return false;
  if (db.accessPolicy === 'lfu') {
    if (request.freq >= 0) db.setLfuCounter(entry, request.freq);
  } else if (request.idleSeconds >= 0) db.setIdleMs(entry, request.idleSeconds * 1000);
  return true;
}

function effectOf(args: Args, atMs: number): EffectPart[] {
  const parts: EffectPart[] = ['RESTORE', { args, index: 1 }, atMs, { args, index: 3 }];
  if (request.isReplace) parts.push('REPLACE');
  if (request.idleSeconds >= 0) parts.push('IDLETIME', Math.min(request.idleSeconds, Number.MAX_SAFE_INTEGER));
  if (request.freq >= 0) parts.push('FREQ', request.freq);
  parts.push('ABSTTL');
  return parts;
}

function loaderOf(arena: Keyspace['arena']): PayloadLoader {
  let loader = loaders.get(arena);
  if (loader === undefined) {
    loader = new PayloadLoader(arena);
    loaders.set(arena, loader);
  }
  return loader;
}
