import type { Prng } from '@kvartz/base';
import { type EntryRef, type GroupRef, IdWalk, type Keyspace, StreamId } from '../../src/index.ts';
import { bufferOf } from '../model.ts';
import { below, idText, nodeLine, streamLine, textOf, type ViewKind } from './view-kind.ts';

const key = bufferOf('key');

function append({ streams }: Keyspace, e: EntryRef, random: Prng): void {
  const id = streams.lastId(e, new StreamId());
  id.set(id.words[1] + below(random, 3), below(random, 2) + id.words[3] + 1);
  const text = bufferOf(`field${below(random, 2)}value ${'v'.repeat(below(random, 30))}`);
  const texts = { buffer: text, start: Int32Array.of(0, 6), end: Int32Array.of(6, text.sizeBytes) };
  streams.append(e, id, texts, 0, 1);
}

function someId({ streams }: Keyspace, e: EntryRef, random: Prng): StreamId {
  const wanted = below(random, streams.count(e) + 1);
  const { walk } = streams;
  walk.seekAll(streams.root(e), false);
  const id = new StreamId();
  for (let i = 0; i <= wanted && walk.next(); i++) id.copy(walk.id);
  return id;
}

function changeGroup(keyspace: Keyspace, e: EntryRef, group: GroupRef, random: Prng): void {
  const { streamGroups } = keyspace;
  const { pending } = streamGroups;
  const name = bufferOf(`consumer ${below(random, 3)}`);
  const choice = below(random, 30);
  const found = streamGroups.findConsumer(group, name, 0, name.sizeBytes);
  const nowMs = 100 + below(random, 100);
  const consumer = found === 0 ? streamGroups.createConsumer(group, name, 0, name.sizeBytes, nowMs) : found;
  if (consumer === 0) return;
  const id = someId(keyspace, e, random);
  const known = pending.find(group, id);
  if (choice < 14) pending.deliver(group, consumer, id, nowMs);
  else if (choice < 19 && known !== 0) pending.give(group, known, consumer, id);
  else if (choice < 23 && known !== 0) pending.setDelivery(group, id, known, nowMs, 1 + below(random, 9));
  else if (choice < 27) pending.remove(group, id);
  else if (choice < 28) streamGroups.setSeenMs(consumer, nowMs);
  else if (choice < 29) streamGroups.setLastId(group, id);
  else streamGroups.removeConsumer(group, consumer);
}

/** A stream of nodes of five entries, with groups. */
export const streamKind: ViewKind = {
  name: 'stream',
  isOrdered: true,

  create(keyspace, random, count) {
    const e = keyspace.streams.create(key, 0, 3);
    for (let i = 0; e !== 0 && i < count; i++) append(keyspace, e, random);
    for (let i = 0; e !== 0 && i < count / 2; i++) this.change(keyspace, e, random);
  },

  change(keyspace, e, random) {
    const { streamGroups, streams } = keyspace;
    const choice = below(random, 60);
    const count = streams.count(e);
    if (choice < 14) append(keyspace, e, random);
    else if (choice < 22) streams.remove(e, someId(keyspace, e, random));
    else if (choice < 24) streams.trimToLength(e, count - below(random, Math.min(count + 1, 12)), choice === 23, 0);
    else if (choice < 25) streams.trimToId(e, someId(keyspace, e, random), below(random, 2) === 0, 0);
    else if (choice < 26) streams.setMaxDeletedId(e, someId(keyspace, e, random));
    else {
      const name = bufferOf(`group ${below(random, 2)}`);
      const group = streamGroups.find(e, name, 0, name.sizeBytes);
      if (group === 0) streamGroups.create(e, name, 0, name.sizeBytes, new StreamId(), 3n);
      else if (choice === 59 && below(random, 4) === 0) streamGroups.destroy(e, group);
      else changeGroup(keyspace, e, group, random);
    }
  },

  read(keyspace, e) {
    const { arena, streamGroups, streams } = keyspace;
    const lines: string[] = [];
    const walk = new IdWalk(arena);
    for (let has = walk.seekFirst(streams.root(e)); has; has = walk.next()) {
      const { dv, u8 } = arena.segments[walk.value >>> arena.refShift];
      const start = (walk.value & arena.refMask) << 3;
      lines.push(nodeLine(walk.id, u8, start, start + dv.getUint32(start, true)));
    }
    const ids = [
      streams.lastId(e, new StreamId()),
      streams.firstId(e, new StreamId()),
      streams.maxDeletedId(e, new StreamId()),
    ];
    lines.push(streamLine(streams.count(e), ids, streams.entriesAddedHigh(e), streams.entriesAddedLow(e)));
    for (let i = 0; i < streamGroups.count(e); i++) lines.push(...groupLines(keyspace, streamGroups.at(e, i)));
    return lines;
  },
};

function groupLines({ streamGroups }: Keyspace, group: GroupRef): string[] {
  const { pending } = streamGroups;
  const lines: string[] = [];
  const lastId = idText(streamGroups.lastId(group, new StreamId()));
  const name = textOf(streamGroups.nameOf(group));
  lines.push(`group ${name} ${lastId} ${streamGroups.entriesRead(group)} ${pending.count(group)}`);
  for (let has = pending.seekFirst(group); has; has = pending.next()) {
    const { entry, id } = pending;
    lines.push(`pending ${idText(id)} ${pending.deliveredMs(entry)} ${pending.deliveries(entry)}`);
  }
  lines.push(`consumers ${streamGroups.consumerCount(group)}`);
  for (let i = 0; i < streamGroups.consumerCount(group); i++) {
    const consumer = streamGroups.consumerAt(group, i);
    const times = `${streamGroups.seenMs(consumer)} ${streamGroups.activeMs(consumer)}`;
    lines.push(`consumer ${textOf(streamGroups.consumerName(consumer))} ${times} ${pending.count(consumer)}`);
    for (let has = pending.seekFirst(consumer); has; has = pending.next()) lines.push(`owned ${idText(pending.id)}`);
  }
  return lines;
}
