import { createHash } from 'node:crypto';
import type { RdbKey, RdbNote, RdbStream, RdbValue } from '@kvartz/persistence';

type Part = Uint8Array | string | number;

/** The first bytes of a SHA-1 over parts, each with its length, so that no two lists of parts look alike. */
function digestOf(parts: Iterable<Part>): Buffer {
  const sha = createHash('sha1');
  for (const part of parts) {
    const bytes = part instanceof Uint8Array ? part : Buffer.from(String(part));
    sha.update(`${bytes.length}:`);
    sha.update(bytes);
  }
  return sha.digest();
}

/** Of parts whose order means nothing. */
function unordered(digests: readonly Buffer[]): Part[] {
  return digests.toSorted(Buffer.compare);
}

/** What a key is known by: its database and its name. A library of functions is known by its code. */
export function nameDigest(item: RdbKey | RdbNote): Buffer | undefined {
  if (item.type === 'aux') return undefined;
  return item.type === 'function' ? digestOf(['function', item.code]) : digestOf([item.db, item.key]);
}

/** The value, whatever its encoding. */
export function valueDigest(item: RdbKey | RdbNote): Buffer {
  return 'key' in item ? digestOf([item.type, ...partsOf(item)]) : digestOf([item.type]);
}

function partsOf(value: RdbValue): Iterable<Part> {
  switch (value.type) {
    case 'string':
    case 'module':
      return [value.value];
    case 'list':
      return value.value;
    case 'set':
      return unordered(value.value.map((member) => digestOf([member])));
    case 'hash':
      return unordered(value.value.map((one) => digestOf([one.field, one.value, one.expireAtMs ?? ''])));
    case 'zset':
      return unordered(value.value.map(({ member, score }) => digestOf([member, score])));
    default:
      return partsOfStream(value.value);
  }
}

function* partsOfStream({ entries, entriesAdded, groups, lastId, maxDeletedId }: RdbStream): Generator<Part> {
  yield* [lastId, maxDeletedId, String(entriesAdded), entries.length];
  for (const { fields, id } of entries) yield digestOf([id, ...fields.flat()]);
  yield* unordered(
    groups.map((group) =>
      digestOf([
        group.name,
        group.lastId,
        String(group.entriesRead),
        // When a consumer was seen changes with every look at the group.
        ...unordered(group.consumers.map(({ name }) => digestOf([name]))),
        ...unordered(group.pending.map((one) => digestOf([one.id, one.consumer, one.deliveredMs, one.deliveries]))),
      ]),
    ),
  );
}
