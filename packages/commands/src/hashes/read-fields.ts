import { elementBytes, type EntryRef, PackedFields, type Span, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { writeElements } from '../lists/element-bulks.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { replyField, withoutExpired } from './one-field.ts';

function hashToRead(context: CommandContext, args: Args): EntryRef {
  return typedToRead(context, args, 1, ValueType.hash);
}

/** HGET key field. */
export function hget(context: CommandContext, args: Args): void {
  const entry = hashToRead(context, args);
  if (entry !== REFUSED) replyField(context, args, entry, 2);
}

/** HMGET key field [field ...]. */
export function hmget(context: CommandContext, args: Args): void {
  let entry = hashToRead(context, args);
  if (entry === REFUSED) return;
  context.reply.array(args.count - 2);
  const elements = entry === 0 ? undefined : context.db.hashes.elements(entry);
  if (elements !== undefined) return replyPacked(context, args, elements);
  for (let i = 2; i < args.count; i++) entry = replyField(context, args, entry, i);
}

const packedFields = new PackedFields();

function replyPacked({ reply }: CommandContext, args: Args, elements: Span): void {
  const { buffer } = elements;
  packedFields.begin(elements);
  for (let i = 2; i < args.count; i++) {
    const at = packedFields.find(args.buffer, args.start[i], args.end[i]);
    if (at === 0) reply.null();
    else writeElements(reply, buffer, at, at + elementBytes(buffer, at), 1);
  }
}

export function hexists(context: CommandContext, args: Args): void {
  const found = hashToRead(context, args);
  if (found === REFUSED) return;
  const entry = withoutExpired(context, args, found, 2);
  const isThere = entry !== 0 && context.db.hashes.has(entry, args.buffer, args.start[2], args.end[2]);
  context.reply.integer(isThere ? 1 : 0);
}

/** Fields that have expired and have not been removed count. */
export function hlen(context: CommandContext, args: Args): void {
  const entry = hashToRead(context, args);
  if (entry !== REFUSED) context.reply.integer(entry === 0 ? 0 : context.db.countOf(entry));
}

export function hstrlen(context: CommandContext, args: Args): void {
  const found = hashToRead(context, args);
  if (found === REFUSED) return;
  const entry = withoutExpired(context, args, found, 2);
  const length = entry === 0 ? 0 : context.db.hashes.valueLength(entry, args.buffer, args.start[2], args.end[2]);
  context.reply.integer(Math.max(0, length));
}

export function hgetall(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = hashToRead(context, args);
  if (entry === REFUSED) return;
  if (entry === 0) return reply.map(0);
  const elements = db.hashes.elements(entry);
  if (elements !== undefined) {
    const count = db.countOf(entry);
    reply.map(count);
    return writeElements(reply, elements.buffer, elements.start, elements.end, count * 2);
  }
  reply.map(db.hashes.visibleCount(entry));
  const walk = db.hashes.walk(entry);
  while (walk.next()) {
    reply.bulk(walk.field.buffer, walk.field.start, walk.field.end);
    reply.bulk(walk.value.buffer, walk.value.start, walk.value.end);
  }
}

export function hkeys(context: CommandContext, args: Args): void {
  replyHalves(context, args, false);
}

export function hvals(context: CommandContext, args: Args): void {
  replyHalves(context, args, true);
}

/** All fields, or all values. */
function replyHalves(context: CommandContext, args: Args, areValues: boolean): void {
  const { db, reply } = context;
  const entry = hashToRead(context, args);
  if (entry === REFUSED) return;
  if (entry === 0) return reply.array(0);
  const elements = db.hashes.elements(entry);
  if (elements !== undefined) {
    const { buffer, start, end } = elements;
    const count = db.countOf(entry);
    reply.array(count);
    const first = areValues ? start + elementBytes(buffer, start) : start;
    return writeElements(reply, buffer, first, end, count, 2);
  }
  reply.array(db.hashes.visibleCount(entry));
  const walk = db.hashes.walk(entry);
  while (walk.next()) {
    const { buffer, start, end } = areValues ? walk.value : walk.field;
    reply.bulk(buffer, start, end);
  }
}
