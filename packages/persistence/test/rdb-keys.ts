/** Keys as files may have them, by chance. */
import { latin1Of } from '@kvartz/base';
import fc from 'fast-check';
import type { RdbKey, RdbStreamEntry, RdbString } from '../src/index.ts';

const string: fc.Arbitrary<RdbString> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => new Uint8Array(Buffer.from(String(n)))),
  fc.integer({ min: -40_000, max: 40_000 }).map((n) => new Uint8Array(Buffer.from(String(n)))),
  fc.tuple(fc.string({ maxLength: 9 }), fc.nat(900)).map(([s, n]) => new Uint8Array(Buffer.from(s.repeat(n)))),
);
const time = fc.integer({ min: 1, max: 2 ** 45 });
const fields = fc.uniqueArray(
  fc.record({ field: string, value: string, expireAtMs: fc.option(time, { nil: undefined }) }),
  { selector: ({ field }) => latin1Of(field) },
);
const members = fc.uniqueArray(fc.record({ member: string, score: fc.double({ noNaN: true }) }), {
  selector: ({ member }) => latin1Of(member),
});
const idPart = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 300n));
const id = fc.tuple(idPart, idPart).map(([ms, seq]) => `${ms}-${seq === 0n && ms === 0n ? 1n : seq}`);
const entries: fc.Arbitrary<RdbStreamEntry[]> = fc
  .uniqueArray(fc.record({ id, fields: fc.array(fc.tuple(string, string), { minLength: 1, maxLength: 3 }) }), {
    selector: (entry) => entry.id,
  })
  .map((all) => all.toSorted((a, b) => compareIds(a.id, b.id)));
const consumers = fc
  .uniqueArray(
    fc.record({
      name: fc.string({ maxLength: 5 }).map((s) => new Uint8Array(Buffer.from(s))),
      seenMs: time,
      activeMs: fc.oneof(time, fc.constant(-1)),
    }),
    { selector: ({ name }) => String(name), maxLength: 3 },
  )
  .map((all) => all.toSorted((a, b) => Buffer.compare(a.name, b.name)));
const groups = fc
  .uniqueArray(
    fc
      .tuple(string, id, fc.bigInt(-1n, 2n ** 60n), consumers, fc.uniqueArray(id, { maxLength: 5 }), time, fc.nat())
      .map(([name, lastId, entriesRead, who, ids, deliveredMs, deliveries]) => ({
        name,
        lastId,
        entriesRead,
        consumers: who,
        pending: who.flatMap((consumer, i) =>
          ids
            .filter((_, j) => j % who.length === i)
            .toSorted(compareIds)
            .map((one) => ({ id: one, consumer: consumer.name, deliveredMs, deliveries })),
        ),
      })),
    { selector: ({ name }) => latin1Of(name), maxLength: 3 },
  )
  .map((all) => all.toSorted((a, b) => Buffer.compare(a.name, b.name)));
const stream = fc
  .record({ entries, lastId: id, maxDeletedId: id, entriesAdded: fc.bigInt(0n, 2n ** 63n), groups })
  .map((one) => ({
    ...one,
    lastId: [one.lastId, ...one.entries.map((entry) => entry.id)].toSorted(compareIds).at(-1)!,
  }));
const value = fc.oneof(
  fc.record({ type: fc.constant('string' as const), value: string }),
  fc.record({
    type: fc.constantFrom('list' as const, 'set' as const),
    value: fc.uniqueArray(string, { selector: (one) => latin1Of(one) }),
  }),
  fc.record({ type: fc.constant('hash' as const), value: fields }),
  fc.record({ type: fc.constant('zset' as const), value: members }),
  fc.record({ type: fc.constant('stream' as const), value: stream }),
);
const about = fc.record({
  db: fc.nat(15),
  key: string,
  expireAtMs: fc.option(time, { nil: undefined }),
  idleSeconds: fc.option(fc.nat(), { nil: undefined }),
  freq: fc.option(fc.nat(255), { nil: undefined }),
});
export const keys: fc.Arbitrary<RdbKey[]> = fc.uniqueArray(
  fc.tuple(about, value).map(([of, what]) => ({ ...of, ...what }) as RdbKey),
  { selector: ({ db, key }) => `${db} ${latin1Of(key)}`, maxLength: 8 },
);

function compareIds(a: string, b: string): number {
  const [ms, seq] = a.split('-').map(BigInt);
  const [otherMs, otherSeq] = b.split('-').map(BigInt);
  return ms === otherMs ? Number(seq - otherSeq) : Number(ms - otherMs);
}

export async function allOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
