import { type EntryRef, streamEntryBytesMax, StreamId, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword, lengthAt } from '../arguments.ts';
import type { CommandContext, EffectPart } from '../context.ts';
import {
  INVALID_STREAM_ID,
  STREAM_ENTRY_TOO_LARGE,
  STREAM_EXHAUSTED,
  STREAM_ID_NOT_ABOVE_LAST,
  STREAM_ID_ZERO,
  wrongArity,
} from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { isOneByte } from './id-argument.ts';
import { replyId } from './reply-entries.ts';
import { TrimRequest } from './trim-request.ts';

const star = 0x2a;
const hyphen = 0x2d;

const trim = new TrimRequest();
const id = new StreamId();
const last = new StreamId();

/** How much of the ID the request gives: `*`, `ms-*`, or all of it. */
type IdForm = 'auto' | 'autoSeq' | 'given';
let idForm: IdForm = 'auto';
let isKeyRequired = false;

/** XADD key [NOMKSTREAM] [MAXLEN | MINID [= | ~] threshold [LIMIT count]] * | id field value [field value ...]. */
export function xadd(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const { streams } = db;
  const idIndex = readOptions(context, args);
  if (idIndex < 0) return;
  const first = idIndex + 1;
  const texts = args.count - first;
  if (texts < 2 || texts % 2 === 1) return reply.error(wrongArity('xadd'));
  if (idForm === 'given' && id.isMin) return reply.error(STREAM_ID_ZERO);
  const found = typedToWrite(context, args, 1, ValueType.stream);
  if (found === REFUSED) return;
  if (found === 0 && isKeyRequired) return reply.null();
  const error = decideId(context, found) ?? sizeError(args, first);
  if (error !== undefined) return reply.error(error);
  const e = found === 0 ? streams.create(args.buffer, args.start[1], args.end[1]) : found;
  if (e === 0) return replyOutOfMemory(context);
  if (!streams.append(e, id, args, first, texts / 2)) {
    if (found === 0) db.removeEntry(e);
    return replyOutOfMemory(context);
  }
  replyId(reply, id);
  context.touch(args, 1, KeyEvents.streamAdd);
  if (trim.strategy !== 'none' && trim.trim(context, e) > 0) context.notify(args, 1, KeyEvents.streamTrim);
  if (context.isPropagating && (idForm !== 'given' || trim.isApproximate)) propagate(context, args, e, first);
}

/** Reads what stands before the fields. Returns the argument with the ID; -1: it has been refused. */
function readOptions({ mustObey, reply }: CommandContext, args: Args): number {
  trim.reset();
  isKeyRequired = false;
  idForm = 'auto';
  let i = 2;
  while (i < args.count && !isOneByte(args, i, star)) {
    const next = trim.read(args, i);
    if (typeof next === 'string') {
      reply.error(next);
      return -1;
    }
    if (next === i) {
      if (!isKeyword(args, i, 'nomkstream')) {
        if (readId(args, i)) break;
        reply.error(INVALID_STREAM_ID);
        return -1;
      }
      isKeyRequired = true;
      i++;
    } else i = next;
  }
  const conflict = trim.conflict(false, mustObey);
  if (conflict === undefined) return i;
  reply.error(conflict);
  return -1;
}

function readId(args: Args, i: number): boolean {
  const { u8 } = args.buffer;
  const start = args.start[i];
  const end = args.end[i];
  if (u8[end - 1] !== star || u8[end - 2] !== hyphen || u8.indexOf(hyphen, start) !== end - 2) {
    idForm = 'given';
    return id.parse(u8, start, end);
  }
  idForm = 'autoSeq';
  return id.parse(u8, start, end - 2);
}

/** Completes the ID. Undefined, or why the entry cannot be added. */
function decideId({ db, nowMs }: CommandContext, e: EntryRef): string | undefined {
  if (e === 0) last.setMin();
  else db.streams.lastId(e, last);
  if (last.isMax) return STREAM_EXHAUSTED;
  if (idForm === 'auto') {
    // Time may go back, IDs may not.
    if (id.set(nowMs, 0).compare(last) <= 0) id.copy(last).increment();
  } else if (idForm === 'autoSeq' && id.msHigh === last.msHigh && id.msLow === last.msLow) {
    if (last.isSeqMax) return STREAM_ID_NOT_ABOVE_LAST;
    id.copy(last).increment();
  }
  return id.compare(last) <= 0 ? STREAM_ID_NOT_ABOVE_LAST : undefined;
}

function sizeError(args: Args, first: number): string | undefined {
  if (args.end[args.count - 1] - args.start[first] <= streamEntryBytesMax) return undefined;
  let bytes = 0;
  for (let i = first; i < args.count; i++) bytes += lengthAt(args, i);
  return bytes > streamEntryBytesMax ? STREAM_ENTRY_TOO_LARGE : undefined;
}

/** With the ID that it has got, and trimmed to what is left. */
function propagate(context: CommandContext, args: Args, e: EntryRef, first: number): void {
  const parts: EffectPart[] = ['XADD', { args, index: 1 }];
  if (trim.strategy !== 'none') parts.push(trim.strategy, '=', trim.exactThreshold(context, e));
  parts.push(String(id));
  for (let index = first; index < args.count; index++) parts.push({ args, index });
  context.propagate(...parts);
}
