/** Databases of every type and encoding, small and large. */
import { Arena, Keyspace, StreamId } from '@kvartz/engine';
import { ByteBuffer, utf8Bytes } from '@kvartz/base';
import { Args } from '@kvartz/resp';

const bytes = (text: string): ByteBuffer => ByteBuffer.from(utf8Bytes(text));
const texts = ['', 'a', '1', '-5', '300', '70000', '-8388609', '12345678901', '007', 'x'.repeat(70), 'yz'.repeat(300)];

export class Samples {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 22 });
  readonly all = Array.from({ length: 3 }, () => new Keyspace({ arena: this.arena, hashKey: [1, 2] }));

  constructor(isFull: boolean) {
    for (const db of this.all) db.expiryMode = 'ignore';
    if (!isFull) return;
    const [db, second] = this.all;
    for (const text of texts) {
      const key = bytes(`string ${text}`);
      db.setString(key, 0, key.sizeBytes, bytes(text), 0, text.length, text.length % 2 === 0 ? 4_102_444_800_000 : -1);
    }
    for (const count of [1, 11, 150]) {
      addCollections(db, count, (i) => texts[i] ?? `element ${i}`);
      addCollections(second, count, (i) => String(i * i * i * 7 - 60));
    }
    addStream(db);
  }

  /** Everything can be gone over, and nothing is left when it has been freed. False: not so. */
  isSound(): boolean {
    for (const db of this.all) {
      const found: Uint8Array[] = [];
      db.forEach((e) => {
        void db.memoryOf(e);
        const { buffer, end, start } = db.keyOf(e);
        found.push(buffer.u8.slice(start, end));
      });
      for (const key of found) if (!db.remove(ByteBuffer.from(key), 0, key.length)) return false;
    }
    this.arena.lazyFree.run(Infinity);
    return this.arena.usedBytes === 0;
  }
}

function addCollections(db: Keyspace, count: number, textOf: (i: number) => string): void {
  const key = (kind: string): ByteBuffer => bytes(`${kind} of ${count}`);
  const [list, set, zset, hash, timed] = ['list', 'set', 'zset', 'hash', 'timed hash'].map(key);
  let l = 0;
  let s = 0;
  let z = 0;
  const h = db.hashes.create(hash, 0, hash.sizeBytes);
  const t = db.hashes.create(timed, 0, timed.sizeBytes);
  for (let i = 0; i < count; i++) {
    const text = bytes(textOf(i));
    const end = text.sizeBytes;
    const score = i % 3 === 0 ? i : i / 7 - 3;
    if (l === 0) l = db.lists.create(list, 0, list.sizeBytes, text, 0, end);
    else db.lists.push(l, true, text, 0, end);
    if (s === 0) s = db.sets.create(set, 0, set.sizeBytes, text, 0, end);
    else db.sets.add(s, text, 0, end);
    if (z === 0) z = db.sortedSets.create(zset, 0, zset.sizeBytes, text, 0, end, score);
    else db.sortedSets.add(z, text, 0, end, score);
    for (const e of [h, t]) db.hashes.set(e, text, 0, end, text, 0, end);
    if (i % 2 === 0) db.hashes.timed.setTime(t, text, 0, end, 4_102_444_800_000 + i);
  }
}

function addStream(db: Keyspace): void {
  const key = bytes('stream');
  const e = db.streams.create(key, 0, key.sizeBytes);
  const id = new StreamId();
  for (let i = 1; i <= 130; i++) {
    const args =
      i % 9 === 0 ? Args.of('other', String(i), 'more', 'x'.repeat(i)) : Args.of('name', `v${i}`, 'n', '70000');
    db.streams.append(e, id.set(1_700_000_000_000 + i, i % 3), args, 0, 2);
  }
  db.streams.remove(e, id.set(1_700_000_000_003, 0));
  const name = bytes('group');
  const group = db.streamGroups.create(e, name, 0, 5, id.set(1_700_000_000_050, 2), 50n);
  const consumer = db.streamGroups.createConsumer(group, name, 0, 3, 1_700_000_000_000);
  for (let i = 10; i < 20; i++) {
    db.streamGroups.pending.deliver(group, consumer, id.set(1_700_000_000_000 + i, i % 3), 1_700_000_000_000);
  }
}
