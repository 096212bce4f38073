import { ByteBuffer, utf8Bytes } from '@kvartz/base';
import { Arena, type EntryRef, Keyspace, StreamId } from '@kvartz/engine';
import { describe, expect, test } from 'vitest';
import { type RdbVersion, RdbWriter } from '../index.ts';
import { KeyHead } from './key-head.ts';
import { ValueWriter } from './value-writer.ts';

const elements = 3000;
const key = bytes('key');

function bytes(text: string): ByteBuffer {
  return ByteBuffer.from(utf8Bytes(text));
}

function build(kind: string): { keyspace: Keyspace; e: EntryRef } {
  const keyspace = new Keyspace({ arena: new Arena({ checked: true }), hashKey: [1, 2] });
  const { hashes, lists, sets, sortedSets, streamGroups, streams } = keyspace;
  const one = bytes('element');
  let e: EntryRef = 0;
  if (kind === 'list') e = lists.create(key, 0, 3, one, 0, 7);
  else if (kind === 'set') e = sets.create(key, 0, 3, one, 0, 7);
  else if (kind === 'zset') e = sortedSets.create(key, 0, 3, one, 0, 7, 0.5);
  else if (kind === 'stream') e = streams.create(key, 0, 3);
  else e = hashes.create(key, 0, 3);
  const group = kind === 'stream' ? streamGroups.create(e, one, 0, 7, new StreamId(), 0n) : 0;
  const consumer = group === 0 ? 0 : streamGroups.createConsumer(group, one, 0, 7, 5);
  for (let i = 0; i < elements; i++) {
    const element = bytes(`element ${i}`);
    const end = element.sizeBytes;
    if (kind === 'list') lists.push(e, true, element, 0, end);
    else if (kind === 'set') sets.add(e, element, 0, end);
    else if (kind === 'zset') sortedSets.add(e, element, 0, end, i % 97);
    else if (kind !== 'stream') hashes.set(e, element, 0, end, element, 0, end);
    else {
      const id = new StreamId().set(i + 1, 0);
      streams.append(e, id, { buffer: element, start: Int32Array.of(0, 0), end: Int32Array.of(end, end) }, 0, 1);
      streams.setLastId(e, id);
      streamGroups.pending.deliver(group, consumer, id, i);
    }
    if (kind === 'timed hash' && i % 3 === 0) hashes.timed.setTime(e, element, 0, end, 1_000_000 + i);
  }
  return { keyspace, e };
}

describe('ValueWriter', () => {
  test.each(['list', 'set', 'zset', 'hash', 'timed hash', 'stream'])('%s: in many steps as in one', (kind) => {
    const { e, keyspace } = build(kind);
    for (const version of [9, 10, 11, 12] as RdbVersion[]) {
      const whole = new RdbWriter({ version });
      new ValueWriter(whole).writeKey(keyspace, e);
      const pieces = new RdbWriter({ version });
      const values = new ValueWriter(pieces);
      values.beginKey(keyspace, e);
      let steps = 0;
      let largest = 0;
      for (let before = pieces.out.length; !values.step(1); steps++) {
        largest = Math.max(largest, pieces.out.length - before);
        before = pieces.out.length;
      }
      expect(steps).toBeGreaterThan(3);
      expect(largest).toBeLessThan(whole.out.length / 2);
      expect(pieces.out.take()).toEqual(whole.out.take());
    }
  });

  test.each(['list', 'set', 'zset', 'hash', 'timed hash', 'stream'])('%s: of a view as of the key', (kind) => {
    const { e, keyspace } = build(kind);
    for (const version of [9, 10, 11, 12] as RdbVersion[]) {
      const whole = new RdbWriter({ version });
      new ValueWriter(whole).writeKey(keyspace, e, 'lru');
      const viewed = new RdbWriter({ version });
      const values = new ValueWriter(viewed);
      const view = keyspace.arena.views.open(keyspace, e)!;
      values.beginView(new KeyHead(keyspace, e, 'lru'), view);
      let steps = 0;
      while (!values.step(100)) steps++;
      view.close();
      expect(steps).toBeGreaterThan(3);
      expect(viewed.out.take()).toEqual(whole.out.take());
    }
  });
});
