import { deepEqual, ok, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, test } from 'vitest';
import { decodeMessage, encodeMessage } from './frame-codec.ts';
import { FrameError } from './frame-error.ts';
import { bytesOfNodeId } from './node-id.ts';
import type { Heartbeat, Message } from './messages.ts';
import { id } from '../test/support.ts';

const ids = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const hosts = fc.constantFrom('', '127.0.0.1', 'fe80::1', '10.255.255.255');
const epochs = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 48 }));
const counts = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const ports = fc.integer({ min: 1, max: 65_535 });
const slots = fc
  .uniqueArray(fc.nat(16_383), { maxLength: 200 })
  .map((list) => list.toSorted((a, b) => a - b).filter((slot, i, all) => i === 0 || slot > all[i - 1] + 1))
  .map((list) => list.map((slot) => ({ first: slot, last: slot })));

const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('ping', 'pong', 'meet'),
    from: ids,
    host: hosts,
    port: ports,
    busPort: ports,
    masterId: fc.option(ids, { nil: undefined }),
    currentEpoch: epochs,
    configEpoch: epochs,
    replOffset: counts,
    isStateOk: fc.boolean(),
    claimVersion: counts,
    knownClaim: counts,
    token: counts,
    membersDigest: fc.nat(0xffff_ffff),
    gossip: fc.array(fc.record({ id: ids, host: hosts, port: ports, busPort: ports, flags: fc.nat(0xffff) })),
  }),
  fc.record({
    kind: fc.constant('claim' as const),
    from: ids,
    version: counts,
    configEpoch: epochs,
    shardId: fc.oneof(fc.constant(''), ids),
    hostname: fc.constantFrom('', 'a.example.org'),
    slots,
  }),
  fc.record({ kind: fc.constant('update' as const), from: ids, about: ids, configEpoch: epochs, slots }),
  fc.record({ kind: fc.constant('fail' as const), from: ids, about: ids }),
  fc.record({ kind: fc.constant('report' as const), from: ids, down: fc.array(ids), up: fc.array(ids) }),
  fc
    .tuple(ids, fc.uint8Array({ maxLength: 400 }), fc.boolean(), fc.nat(1000), fc.uint8Array({ maxLength: 70_000 }))
    .map(([from, channel, isSharded, offset, piece]) => {
      return { kind: 'publish', from, channel, isSharded, totalBytes: offset + piece.length, offset, piece } as const;
    }),
);

test('every message is decoded as it was encoded', () =>
  fc.assert(
    fc.property(messages, (message) => deepEqual(decodeMessage(encodeMessage(message)), structuredClone(message))),
  ));

test('random bytes are a message or a FrameError, at once', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => refusedOrDecoded(bytes)),
    { numRuns: 2_000 },
  ));

test('messages with some bytes changed, cut or added are a message or a FrameError', () =>
  fc.assert(
    fc.property(
      messages,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      fc.uint8Array({ maxLength: 8 }),
      (message, changes, cut, more) => {
        const bytes = Uint8Array.from(encodeMessage(message));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        refusedOrDecoded(bytes);
        refusedOrDecoded(bytes.subarray(0, cut % bytes.length));
        refusedOrDecoded(Buffer.concat([bytes, more]));
      },
    ),
    { numRuns: 1_000 },
  ));

function refusedOrDecoded(bytes: Uint8Array): void {
  try {
    decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
  }
}

const heartbeat: Heartbeat = {
  kind: 'ping',
  from: id('a'),
  host: '127.0.0.1',
  port: 7_000,
  busPort: 17_000,
  masterId: undefined,
  currentEpoch: 5,
  configEpoch: 3,
  replOffset: 0,
  isStateOk: true,
  claimVersion: 2 ** 46,
  knownClaim: 0,
  token: 1,
  membersDigest: 1,
  gossip: [],
};

describe('a lying peer is refused with a reason', () => {
  const pack = (value: unknown): Uint8Array => new Packr({ useRecords: false }).pack(value);
  const raw = bytesOfNodeId(id('a'));
  for (const [name, bytes, reason] of [
    ['nothing', new Uint8Array(0), /ends inside a value/],
    ['no array', pack(7), /the message is not an array/],
    ['an unknown kind', pack([99, raw]), /unknown kind of message 99/],
    ['a kind that is text', pack(['ping', raw]), /kind is string, expected an integer/],
    ['a map', pack({ a: 1 }), /unexpected type 0xde/],
    ['an extension (a date)', pack([6, new Date(0)]), /unexpected type 0x/],
    ['a negative number', pack([6, -1]), /unexpected type 0xff/],
    ['a 64-bit integer', pack([6, 2n ** 60n]), /unexpected type 0x/],
    ['an id that is too short', pack([6, raw.subarray(1), raw]), /from is object, expected 20 bytes/],
    ['a missing field', pack([6, raw]), /about is missing/],
    ['an array longer than the frame', Uint8Array.of(0xdc, 0xff, 0xff, 1), /an array of 65535 in 1 bytes/],
    ['arrays without end', new Uint8Array(1_000).fill(0x91), /nested deeper/],
    ['bytes longer than the frame', Uint8Array.of(0x92, 6, 0xc4, 200, 1), /ends inside a value/],
    ['bytes after the message', Uint8Array.of(...pack([6, raw, raw]), 0), /1 bytes after the message/],
    ['a fraction', pack([4, raw, 1.5]), /version is 1.5, expected an integer/],
    ['not a number', pack([4, raw, NaN]), /version is NaN/],
    ['an absurd epoch', encodeMessage({ ...heartbeat, currentEpoch: 2 ** 50 }), /currentEpoch is .*, expected/],
    ['a port beyond the last', encodeMessage({ ...heartbeat, port: 70_000 }), /port is 70000/],
    ['a host with a space', encodeMessage({ ...heartbeat, host: '127.0.0.1 master' }), /host is string/],
    ['a host with a line', encodeMessage({ ...heartbeat, host: 'a\nb' }), /host is string/],
    ['slots backwards', pack([5, raw, raw, 1, [9, 8]]), /slots are not ascending ranges/],
    ['slots that overlap', pack([5, raw, raw, 1, [1, 5, 5, 9]]), /slots are not ascending ranges/],
    ['an odd number of slots', pack([5, raw, raw, 1, [1]]), /slots are not ascending ranges/],
    ['a slot beyond the last', pack([5, raw, raw, 1, [1, 16_384]]), /slots are not ascending ranges/],
  ] as const) {
    test(name, () => throws(() => decodeMessage(bytes), { name: 'FrameError', message: reason }));
  }
});

test('fields that a later version appends are ignored', () => {
  const packr = new Packr({ useRecords: false });
  const fields = packr.unpack(encodeMessage(heartbeat)) as unknown[];
  deepEqual(decodeMessage(packr.pack([...fields, 'more', [1]])), heartbeat);
});

test('a heartbeat about three nodes has less than 200 bytes', () => {
  const entry = { id: id('b'), host: '10.0.0.1', port: 7_000, busPort: 17_000, flags: 0 };
  ok(encodeMessage({ ...heartbeat, gossip: [entry, entry, entry] }).length < 200);
});
