/**
 * Views of large values under writes: how long opening one takes, the longest step, and the longest single write beside one.
 *
 *   node packages/engine/src/views/views.bench.ts [--small | elements [kind ...]]
 */
import { ByteBuffer, Prng } from '@kvartz/base';
import { Arena, type EntryRef, Keyspace, type Span, StreamId, type ViewSink } from '../index.ts';

const [first = '1000000', ...kinds] = process.argv.slice(2);
const elements = first === '--small' ? 2000 : Number(first);
const stepElements = 500;
const key = ByteBuffer.from(new TextEncoder().encode('key'));

interface Kind {
  add(keyspace: Keyspace, e: EntryRef, element: ByteBuffer, i: number): void;
  write(keyspace: Keyspace, e: EntryRef, element: ByteBuffer, i: number): void;
}

const size = 16;
const id = new StreamId();
const texts = { buffer: new ByteBuffer(0), start: Int32Array.of(0, 4), end: Int32Array.of(4, size) };

function addEntry({ streams }: Keyspace, e: EntryRef, buffer: ByteBuffer): void {
  streams.lastId(e, id).increment();
  streams.append(e, id, { ...texts, buffer }, 0, 1);
}

const all: Record<string, Kind> = {
  set: {
    add: ({ sets }, e, element) => sets.add(e, element, 0, size),
    write: ({ sets }, e, element) => sets.remove(e, element, 0, size),
  },
  hash: {
    add: ({ hashes }, e, element) => hashes.set(e, element, 0, size, element, 0, 8),
    write: ({ hashes }, e, element) => hashes.set(e, element, 0, size, element, 8, 16),
  },
  zset: {
    add: ({ sortedSets }, e, element, i) => sortedSets.add(e, element, 0, size, i),
    write: ({ sortedSets }, e, element, i) => sortedSets.add(e, element, 0, size, -i),
  },
  list: {
    add: ({ lists }, e, element) => lists.push(e, true, element, 0, size),
    write: ({ lists }, e, element, i) => lists.set(e, i, element, 0, size),
  },
  stream: {
    add: (keyspace, e, element) => addEntry(keyspace, e, element),
    write: (keyspace, e, element) => addEntry(keyspace, e, element),
  },
};

function create(keyspace: Keyspace, name: string, element: ByteBuffer): EntryRef {
  const { hashes, lists, sets, sortedSets, streams } = keyspace;
  if (name === 'set') return sets.create(key, 0, 3, element, 0, size);
  if (name === 'hash') return hashes.create(key, 0, 3);
  if (name === 'zset') return sortedSets.create(key, 0, 3, element, 0, size, 0);
  return name === 'list' ? lists.create(key, 0, 3, element, 0, size) : streams.create(key, 0, 3);
}

/** Looks at a byte of each. */
class Sum implements ViewSink {
  sum = 0;
  count = 0;

  #add({ u8 }: ByteBuffer, start: number): void {
    this.count++;
    this.sum = (this.sum + u8[start]) >>> 0;
  }

  member({ buffer, start }: Span): void {
    this.#add(buffer, start);
  }

  field({ buffer, start }: Span): void {
    this.#add(buffer, start);
  }

  scored({ buffer, start }: Span): void {
    this.#add(buffer, start);
  }

  pack(bytes: ByteBuffer, start: number): void {
    this.#add(bytes, start);
  }

  node(_: StreamId, bytes: ByteBuffer, start: number): void {
    this.#add(bytes, start);
  }

  stream(): void {}
  group(): void {}
  pending(): void {}
  consumers(): void {}
  consumer(): void {}
  owned(): void {}
}

function elementOf(buffer: ByteBuffer, i: number): ByteBuffer {
  const text = `element:${String(i).padStart(8, '0')}`;
  for (let at = 0; at < size; at++) buffer.u8[at] = text.charCodeAt(at);
  return buffer;
}

/** The three longest of many times, which are not kept: growing arrays would be measured, too. */
class Longest {
  readonly #ms = new Float64Array(3);
  sumMs = 0;
  count = 0;

  add(ms: number): void {
    this.sumMs += ms;
    this.count++;
    if (ms <= this.#ms[0]) return;
    this.#ms[0] = ms;
    this.#ms.sort();
  }

  get text(): string {
    const [third, second, longest] = this.#ms;
    return `${longest.toFixed(3)} ms, then ${second.toFixed(3)}, ${third.toFixed(3)}`;
  }
}

for (const name of kinds.length > 0 ? kinds : Object.keys(all)) {
  const kind = all[name];
  const arena = new Arena();
  const keyspace = new Keyspace({ arena, hashKey: [1, 2] });
  keyspace.limits.setMaxListpackEntries = 0;
  const buffer = new ByteBuffer(size);
  const e = create(keyspace, name, elementOf(buffer, 0));
  for (let i = 0; i < elements; i++) kind.add(keyspace, e, elementOf(buffer, i), i);
  const dataBytes = arena.usedBytes;
  const random = new Prng(1);
  const sink = new Sum();
  const steps = new Longest();
  const writes = new Longest();
  let start = performance.now();
  const view = arena.views.open(keyspace, e)!;
  const openMs = performance.now() - start;
  arena.resetPeak();
  for (let isOver = false; !isOver;) {
    for (let i = 0; i < 20; i++) {
      const at = random.uint32() % elements;
      elementOf(buffer, at);
      start = performance.now();
      kind.write(keyspace, e, buffer, at % keyspace.countOf(e));
      writes.add(performance.now() - start);
    }
    start = performance.now();
    isOver = view.step(stepElements, sink);
    steps.add(performance.now() - start);
  }
  const more = (arena.peakBytes - dataBytes) / dataBytes;
  start = performance.now();
  view.close();
  const closeMs = performance.now() - start;
  console.log(`${name}: ${elements} elements, checksum ${sink.sum.toString(16)} of ${sink.count}`);
  console.log(`  open ${openMs.toFixed(3)} ms, close ${closeMs.toFixed(3)} ms`);
  console.log(`  steps of ${stepElements}: longest ${steps.text}; all ${steps.sumMs.toFixed(0)} ms`);
  console.log(
    `  ${writes.count} writes: longest ${writes.text}; ${((writes.sumMs * 1000) / writes.count).toFixed(2)} us each`,
  );
  console.log(`  more memory: ${(more * 100).toFixed(1)}%`);
}
