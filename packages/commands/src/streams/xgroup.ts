import { type EntryRef, type GroupRef, StreamId, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, isKeyword, textAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import {
  BUSY_GROUP,
  ENTRIES_READ_NEGATIVE,
  NOT_INTEGER,
  noSuchGroupForKey,
  wrongSubcommandArity,
  XGROUP_NO_KEY,
} from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { newConsumer } from './consumer-at.ts';
import { groupAt } from './groups-of-key.ts';
import { idAt, isOneByte, strictIdAt } from './id-argument.ts';

/** Entries read that are not known. */
const unknown = -1n;
const dollar = 0x24;
const id = new StreamId();
const options = { isMakingStream: false, entriesRead: unknown };

/** XGROUP CREATE key group id|$ [MKSTREAM] [ENTRIESREAD n]. */
export function xgroupCreate(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const { buffer, end, start } = args;
  if (!readOptions(context, args, true)) return;
  let e = streamAt(context, args, options.isMakingStream);
  if (e === REFUSED) return;
  if (args.count > 8) return reply.error(wrongSubcommandArity('XGROUP', textAt(args, 1, 128)));
  if (!isOneByte(args, 4, dollar)) {
    if (!strictIdAt(context, args, 4, id)) return;
  } else if (e === 0) id.setMin();
  else db.streams.lastId(e, id);
  const isNew = e === 0;
  if (isNew) {
    e = db.streams.create(buffer, start[2], end[2]);
    if (e === 0) return replyOutOfMemory(context);
  } else if (groupAt(context, args, e, 3) !== 0) return reply.error(BUSY_GROUP);
  const group = db.streamGroups.create(e, buffer, start[3], end[3], id, options.entriesRead);
  if (group === 0) {
    if (isNew) db.removeEntry(e);
    return replyOutOfMemory(context);
  }
  if (isNew) context.touch(args, 2, KeyEvents.groupCreate);
  else changed(context, args, KeyEvents.groupCreate);
  reply.ok();
}

/** XGROUP SETID key group id|$ [ENTRIESREAD n]. */
export function xgroupSetid(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  if (!readOptions(context, args, false)) return;
  const e = streamAt(context, args, false);
  if (e === REFUSED) return;
  const group = existing(context, args, e);
  if (group === 0) return;
  if (args.count > 7) return reply.error(wrongSubcommandArity('XGROUP', textAt(args, 1, 128)));
  if (isOneByte(args, 4, dollar)) db.streams.lastId(e, id);
  else if (!idAt(context, args, 4, id)) return;
  db.streamGroups.setLastId(group, id);
  db.streamGroups.setEntriesRead(group, options.entriesRead);
  changed(context, args, KeyEvents.groupSetId);
  reply.ok();
}

/** XGROUP DESTROY key group. Consumers that wait for entries of the group are told that it is gone. */
export function xgroupDestroy(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = streamAt(context, args, false);
  if (e === REFUSED) return;
  const group = groupAt(context, args, e, 3);
  if (group === 0) return reply.integer(0);
  db.streamGroups.destroy(e, group);
  changed(context, args, KeyEvents.groupDestroy);
  context.wake(args, 2);
  reply.integer(1);
}

/** XGROUP CREATECONSUMER key group consumer. */
export function xgroupCreateconsumer(context: CommandContext, args: Args): void {
  const { reply } = context;
  const e = streamAt(context, args, false);
  if (e === REFUSED) return;
  const group = existing(context, args, e);
  if (group === 0) return;
  const known = context.db.streamGroups.findConsumer(group, args.buffer, args.start[4], args.end[4]);
  if (known !== 0) return reply.integer(0);
  if (newConsumer(context, args, 2, group, 4) === 0) return replyOutOfMemory(context);
  reply.integer(1);
}

/** XGROUP DELCONSUMER key group consumer: how many entries were pending for it. */
export function xgroupDelconsumer(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = streamAt(context, args, false);
  if (e === REFUSED) return;
  const group = existing(context, args, e);
  if (group === 0) return;
  const consumer = db.streamGroups.findConsumer(group, args.buffer, args.start[4], args.end[4]);
  if (consumer === 0) return reply.integer(0);
  const count = db.streamGroups.removeConsumer(group, consumer);
  changed(context, args, KeyEvents.groupDeleteConsumer);
  reply.integer(count);
}

/** Options from argument 5 on. */
function readOptions(context: CommandContext, args: Args, isCreating: boolean): boolean {
  const { reply } = context;
  options.isMakingStream = false;
  options.entriesRead = unknown;
  for (let i = 5; i < args.count; i++) {
    if (isCreating && isKeyword(args, i, 'mkstream')) options.isMakingStream = true;
    else if (isKeyword(args, i, 'entriesread') && i + 1 < args.count) {
      const read = bigIntegerAt(args, ++i);
      if (read === undefined || read < unknown) {
        reply.error(read === undefined ? NOT_INTEGER : ENTRIES_READ_NEGATIVE);
        return false;
      }
      options.entriesRead = read;
    } else {
      reply.error(wrongSubcommandArity('XGROUP', textAt(args, 1, 128)));
      return false;
    }
  }
  return true;
}

/** The stream in argument 2. REFUSED: there is none, and it may not be missing. */
function streamAt(context: CommandContext, args: Args, mayBeMissing: boolean): EntryRef {
  const e = typedToWrite(context, args, 2, ValueType.stream);
  if (e !== 0 || mayBeMissing) return e;
  context.reply.error(XGROUP_NO_KEY);
  return REFUSED;
}

/** The group in argument 3; 0: there is none, which has been answered. */
function existing(context: CommandContext, args: Args, e: EntryRef): GroupRef {
  const group = groupAt(context, args, e, 3);
  if (group === 0) context.reply.error(noSuchGroupForKey(textAt(args, 3), textAt(args, 2)));
  return group;
}

/** As in Redis, WATCH and client-side caches do not hear of what groups do. */
function changed(context: CommandContext, args: Args, event: (typeof KeyEvents)[keyof typeof KeyEvents]): void {
  context.countChanges(1);
  context.notify(args, 2, event);
}

const help = [
  'XGROUP <subcommand> [<arg> ...]. Subcommands are:',
  'CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD <n>]',
  '    A new group that begins behind <id>, or at the end of the stream. MKSTREAM makes the stream if there is none.',
  'CREATECONSUMER <key> <group> <consumer>',
  '    A new consumer; one that reads for the first time is made by itself.',
  'DELCONSUMER <key> <group> <consumer>',
  '    Removes a consumer, and forgets what was pending for it.',
  'DESTROY <key> <group>',
  '    Removes a group.',
  'SETID <key> <group> <id|$> [ENTRIESREAD <n>]',
  '    Lets a group go on behind <id>.',
  'HELP',
  '    This text.',
];

export function xgroupHelp(context: CommandContext): void {
  context.reply.array(help.length);
  for (const line of help) context.reply.simple(line);
}
