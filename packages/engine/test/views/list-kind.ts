import type { ByteBuffer, Prng } from '@kvartz/base';
import type { EntryRef, Keyspace } from '../../src/index.ts';
import { bufferOf } from '../model.ts';
import { below, textOf, type ViewKind } from './view-kind.ts';

const key = bufferOf('key');

/** Few different ones, so that they are found; some are integers, some stand alone. */
function someElement(random: Prng): ByteBuffer {
  const i = below(random, 40);
  if (i < 10) return bufferOf(String(i * 1000));
  return bufferOf(i === 39 ? `long ${'z'.repeat(9000)}` : `element ${'e'.repeat(i)}`);
}

/** A list of packs of four elements. */
export const listKind: ViewKind = {
  name: 'list',
  isOrdered: true,

  create({ lists }, random, count) {
    const first = someElement(random);
    const e = lists.create(key, 0, 3, first, 0, first.sizeBytes, 0, 100);
    for (let i = 0; e !== 0 && i < count; i++) {
      const element = someElement(random);
      lists.push(e, true, element, 0, element.sizeBytes);
    }
  },

  change(keyspace, e, random) {
    const { lists } = keyspace;
    const count = keyspace.countOf(e);
    const element = someElement(random);
    const end = element.sizeBytes;
    const index = below(random, count);
    const choice = below(random, 60);
    if (choice < 14) lists.push(e, choice < 7, element, 0, end);
    else if (choice < 26) lists.drop(e, choice < 20, 1);
    else if (choice < 28) lists.drop(e, choice < 27, Math.min(count, below(random, 30)));
    else if (choice < 29) lists.trim(e, below(random, index + 1), count - below(random, count - index));
    else if (choice < 38) lists.insert(e, index, element, 0, end);
    else if (choice < 47) lists.set(e, index, element, 0, end);
    else if (choice < 50) lists.rotate(e, choice < 49);
    else if (choice < 56) lists.removeEqual(e, choice < 53, 1 + below(random, 3), element, 0, end);
    else if (choice === 56) lists.removeEqual(e, false, Infinity, element, 0, end);
    // Packs of other sizes, as after CONFIG SET.
    else keyspace.limits.listMaxListpackSize = [4, 1, -1, 30][choice - 57] ?? 4;
  },

  read: ({ lists }: Keyspace, e: EntryRef) => {
    const lines: string[] = [];
    const { walk } = lists;
    walk.seek(e, lists.count(e), 0, false);
    while (walk.next()) lines.push(textOf(walk.read()));
    return lines;
  },
};
