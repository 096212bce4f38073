import type { ConsumerRef, EntryRef, GroupRef, StreamId } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { newConsumer, seenConsumer } from './consumer-at.ts';
import { propagateConsumer, propagatePending } from './group-effects.ts';
import { replyEntry, replyId } from './reply-entries.ts';

export const Claimed = {
  /** The consumer has it, and it has been replied. */
  yes: 0,
  /** The stream has no such entry: it is pending no longer. */
  deleted: 1,
  /** It is not pending, or not idle for long enough. */
  nothing: 2,
  noMemory: 3,
} as const;
export type Claimed = (typeof Claimed)[keyof typeof Claimed];

/** Entries that change hands: what XCLAIM and XAUTOCLAIM do with one. Key, group and consumer are arguments 1, 2 and 3. */
export class Claim {
  stream: EntryRef = 0;
  group: GroupRef = 0;
  idleMsMin = 0;
  /** Entries become pending that are not. */
  isForced = false;
  isJustId = false;
  deliveredMs = 0;
  /** Less than 0: one more than before, or as many if only IDs are asked for. */
  deliveries = -1;
  #consumer: ConsumerRef = 0;
  /** It has been made for this request and has got nothing yet. */
  #isNew = false;

  begin(context: CommandContext, args: Args, stream: EntryRef, group: GroupRef, idleMsMin: number): void {
    this.stream = stream;
    this.group = group;
    this.idleMsMin = idleMsMin;
    this.isForced = false;
    this.isJustId = false;
    this.deliveredMs = context.nowMs;
    this.deliveries = -1;
    this.#isNew = false;
    this.#consumer = seenConsumer(context, args, group, 3);
  }

  take(context: CommandContext, args: Args, id: StreamId): Claimed {
    const { db, nowMs, reply } = context;
    const { streamGroups, streams } = db;
    const { pending } = streamGroups;
    const { group } = this;
    let entry = pending.find(group, id);
    const { walk } = streams;
    walk.seek(streams.root(this.stream), id, id, false);
    if (!walk.next()) {
      if (entry === 0) return Claimed.nothing;
      propagatePending(context, args, 1, 2, group, id);
      pending.remove(group, id);
      context.countChanges(1);
      return Claimed.deleted;
    }
    if (entry === 0 && !this.isForced) return Claimed.nothing;
    if (entry !== 0 && this.idleMsMin > 0 && nowMs - pending.deliveredMs(entry) < this.idleMsMin)
      return Claimed.nothing;
    const consumer = this.#owner(context, args);
    if (consumer === 0) return Claimed.noMemory;
    if (entry === 0) {
      entry = pending.deliver(group, consumer, id, nowMs);
      if (entry === 0) return this.#withoutMemory(context, args);
    } else if (!pending.give(group, entry, consumer, id)) return this.#withoutMemory(context, args);
    this.#isNew = false;
    const before = pending.deliveries(entry);
    const deliveries = this.deliveries >= 0 ? this.deliveries : this.isJustId ? before : before + 1;
    pending.setDelivery(group, id, entry, this.deliveredMs, deliveries);
    streamGroups.setActiveMs(consumer, nowMs);
    if (this.isJustId) replyId(reply, id);
    else replyEntry(reply, walk);
    propagatePending(context, args, 1, 2, group, id);
    context.countChanges(1);
    return Claimed.yes;
  }

  #owner(context: CommandContext, args: Args): ConsumerRef {
    if (this.#consumer === 0) {
      this.#consumer = newConsumer(context, args, 1, this.group, 3);
      this.#isNew = this.#consumer !== 0;
    }
    return this.#consumer;
  }

  #withoutMemory(context: CommandContext, args: Args): Claimed {
    if (this.#isNew) propagateConsumer(context, args, 1, 2, 3);
    return Claimed.noMemory;
  }
}
