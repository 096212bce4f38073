import { integerAt, isKeyword, NOT_INTEGER, textAt, wrongArity } from '@kvartz/commands';
import type { OperatorCommand } from '@kvartz/cluster';
import type { Args } from '@kvartz/resp';
import { keySlot, SLOT_COUNT } from '@kvartz/router';
import type { ServerContext } from '../../context.ts';
import { clusterOf, operate } from './operator.ts';
import { INVALID_SLOT, slotAt, slotRangesFrom, slotsFrom } from './slot-arguments.ts';

export function addSlots(context: ServerContext, args: Args): void {
  changeSlots(context, 'addSlots', slotsFrom(args, 2));
}

export function delSlots(context: ServerContext, args: Args): void {
  changeSlots(context, 'delSlots', slotsFrom(args, 2));
}

export function addSlotsRange(context: ServerContext, args: Args): void {
  if (args.count % 2 !== 0) return context.reply.error(wrongArity('cluster|addslotsrange'));
  changeSlots(context, 'addSlots', slotRangesFrom(args, 2));
}

export function delSlotsRange(context: ServerContext, args: Args): void {
  if (args.count % 2 !== 0) return context.reply.error(wrongArity('cluster|delslotsrange'));
  changeSlots(context, 'delSlots', slotRangesFrom(args, 2));
}

function changeSlots(context: ServerContext, name: 'addSlots' | 'delSlots', slots: number[] | string): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  if (typeof slots === 'string') return context.reply.error(slots);
  operate(context, cluster, { name, slots });
}

export function flushSlots(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  if (context.databases[0].keyCount > 0) {
    return context.reply.error('ERR DB must be empty to perform CLUSTER FLUSHSLOTS.');
  }
  operate(context, cluster, { name: 'flushSlots' });
}

/** CLUSTER SETSLOT slot MIGRATING id | IMPORTING id | NODE id | STABLE. */
export function setSlot(context: ServerContext, args: Args): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const slot = slotAt(args, 2);
  if (slot < 0) return context.reply.error(INVALID_SLOT);
  const command = setSlotCommand(context, args, slot);
  if (command === undefined) {
    return context.reply.error('ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP');
  }
  operate(context, cluster, command);
}

function setSlotCommand({ databases }: ServerContext, args: Args, slot: number): OperatorCommand | undefined {
  if (args.count === 4) return isKeyword(args, 3, 'stable') ? { name: 'setSlotStable', slot } : undefined;
  if (args.count !== 5) return undefined;
  const id = textAt(args, 4);
  if (isKeyword(args, 3, 'migrating')) return { name: 'setSlotMigrating', slot, id };
  if (isKeyword(args, 3, 'importing')) return { name: 'setSlotImporting', slot, id };
  if (!isKeyword(args, 3, 'node')) return undefined;
  return { name: 'setSlotNode', slot, id, keysInSlot: databases[0].slotCount(slot) };
}

export function keySlotOf(context: ServerContext, args: Args): void {
  if (clusterOf(context) === undefined) return;
  context.reply.integer(keySlot(args.buffer.u8, args.start[2], args.end[2]));
}

export function countKeysInSlot(context: ServerContext, args: Args): void {
  if (clusterOf(context) === undefined) return;
  const slot = integerAt(args, 2);
  if (Number.isNaN(slot)) return context.reply.error(NOT_INTEGER);
  if (slot < 0 || slot >= SLOT_COUNT) return context.reply.error('ERR Invalid slot');
  context.reply.integer(context.databases[0].slotCount(slot));
}

export function getKeysInSlot(context: ServerContext, args: Args): void {
  if (clusterOf(context) === undefined) return;
  const { databases, reply } = context;
  const [slot, countMax] = [integerAt(args, 2), integerAt(args, 3)];
  if (Number.isNaN(slot) || Number.isNaN(countMax)) return reply.error(NOT_INTEGER);
  if (slot < 0 || slot >= SLOT_COUNT || countMax < 0) return reply.error('ERR Invalid slot or number of keys');
  const [database] = databases;
  reply.array(Math.min(countMax, database.slotCount(slot)));
  database.forEachInSlot(slot, countMax, (entry) => {
    const key = database.keyOf(entry);
    reply.bulk(key.buffer, key.start, key.end);
  });
}
