import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { BusSession, frameBytesMax } from './bus-session.ts';
import { FrameError } from './frame-error.ts';
import type { Message } from './messages.ts';
import { id, random } from '../test/support.ts';

interface Side {
  readonly session: BusSession;
  /** Frames sent and not yet delivered. */
  readonly out: Uint8Array[];
  readonly received: Message[];
  isOpen: boolean;
}

function side(isInitiator: boolean, secret: string | undefined, seed: number): Side {
  const one: Side = { session: undefined!, out: [], received: [], isOpen: false };
  const session = new BusSession({
    isInitiator,
    secret: secret === undefined ? undefined : Buffer.from(secret),
    random: random(seed),
    send: (bytes) => one.out.push(bytes),
    onOpen: () => (one.isOpen = true),
    onMessage: (message) => one.received.push(message),
  });
  return Object.assign(one, { session });
}

function pair(secretA?: string, secretB?: string, seed = 1): { a: Side; b: Side } {
  const a = side(true, secretA, seed);
  const b = side(false, secretB, seed + 1);
  a.session.start();
  b.session.start();
  return { a, b };
}

function deliver(from: Side, to: Side): void {
  for (const frame of from.out.splice(0)) to.session.feed(frame, 0, frame.length);
}

function open(secret?: string, seed = 1): { a: Side; b: Side } {
  const { a, b } = pair(secret, secret, seed);
  deliver(a, b);
  deliver(b, a);
  return { a, b };
}

const message: Message = { kind: 'fail', from: id('a'), about: id('b') };
const other: Message = { kind: 'fail', from: id('a'), about: id('c') };

for (const secret of [undefined, 'sesame']) {
  test(`messages go both ways ${secret === undefined ? 'without' : 'with'} a secret`, () => {
    const { a, b } = open(secret);
    deepEqual([a.isOpen, b.isOpen], [true, true]);
    a.session.sendMessage(message);
    a.session.sendMessage(other);
    b.session.sendMessage(other);
    deliver(a, b);
    deliver(b, a);
    deepEqual([b.received, a.received], [[message, other], [other]]);
  });
}

describe('with a secret', () => {
  test('a forged frame is refused', () => {
    const { a, b } = open('sesame');
    const forger = side(true, undefined, 9);
    forger.session.sendMessage(message);
    throws(() => deliver(forger, b), /wrong signature/);
    equal(a.received.length, 0);
  });

  test('any changed byte of a frame is noticed', () => {
    const { a } = open('sesame');
    a.session.sendMessage(message);
    const [frame] = a.out;
    for (let i = 0; i < frame.length; i++) {
      const { b } = open('sesame');
      const changed = frame.slice();
      changed[i] ^= 1;
      // A changed length may leave the reader waiting for more.
      let isRefused = false;
      try {
        b.session.feed(changed, 0, changed.length);
      } catch (error) {
        isRefused = error instanceof FrameError;
      }
      ok(isRefused || i < 4, `byte ${i}`);
      equal(b.received.length, 0, `byte ${i}`);
    }
  });

  for (const [name, order] of [
    ['repeated', [0, 0]],
    ['left out', [1]],
    ['swapped', [1, 0]],
  ] as const) {
    test(`a frame that is ${name} is noticed`, () => {
      const { a, b } = open('sesame');
      a.session.sendMessage(message);
      a.session.sendMessage(other);
      const frames = a.out.splice(0);
      a.out.push(...order.map((i) => frames[i]));
      throws(() => deliver(a, b), /wrong signature/);
    });
  }

  test('a frame sent back to its sender is noticed', () => {
    const { a } = open('sesame');
    a.session.sendMessage(message);
    throws(() => deliver(a, a), /wrong signature/);
  });

  test('a frame of another link with the same secret is noticed', () => {
    const { a } = open('sesame', 1);
    const { b } = open('sesame', 5);
    a.session.sendMessage(message);
    throws(() => deliver(a, b), /wrong signature/);
  });

  test('a different secret is noticed with the first message', () => {
    const { a, b } = pair('sesame', 'simsim');
    deliver(a, b);
    deliver(b, a);
    a.session.sendMessage(message);
    throws(() => deliver(a, b), /wrong signature: the cluster-secret differs/);
  });
});

test('a secret on one side only is refused, on either side, with what to do', () => {
  const first = pair('sesame', undefined);
  throws(() => deliver(first.a, first.b), /the peer has a cluster-secret and this node has none/);
  const second = pair(undefined, 'sesame');
  throws(() => deliver(second.a, second.b), /this node has a cluster-secret and the peer has none/);
});

test('the reason of a refusal reaches the peer', () => {
  const { a, b } = pair();
  b.session.refuse('no room\nhere');
  throws(() => deliver(b, a), { message: 'refused by the peer: no room?here' });
});

test('another version of the bus is refused', () => {
  const { b } = pair();
  const frame = Uint8Array.of(0, 0, 0, 2, 9, 1);
  throws(() => b.session.feed(frame, 0, frame.length), /the peer speaks version 9 of the cluster bus/);
});

test('before hello nobody gets memory or is listened to', () => {
  const { b } = pair();
  throws(() => b.session.feed(Uint8Array.of(0, 0, 2, 0), 0, 4), /a frame of 512 bytes; frames have from 1 to 256/);
  const early = pair();
  early.a.out.splice(0);
  early.a.session.sendMessage(message);
  throws(() => deliver(early.a, early.b), /expected hello/);
});

test('a frame beyond the limit is refused', () => {
  const { b } = open();
  const head = Buffer.alloc(4);
  head.writeUInt32BE(frameBytesMax + 1);
  throws(() => b.session.feed(head, 0, 4), /a frame of 131073 bytes/);
});

test('what speaks another protocol is refused', () => {
  for (const text of ['GET / HTTP/1.1\r\n\r\n', '*1\r\n$4\r\nPING\r\n', 'RCmb\0\0\0\0']) {
    const { b } = pair();
    const bytes = Buffer.from(text);
    throws(() => b.session.feed(bytes, 0, bytes.length), FrameError);
  }
});

test('random bytes are refused or waited for, before hello and after it', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isOpen) => {
      const { b } = isOpen ? open() : pair();
      const { b: guarded } = isOpen ? open('sesame') : pair('sesame', 'sesame');
      for (const { session, received } of [b, guarded]) {
        try {
          session.feed(bytes, 0, bytes.length);
        } catch (error) {
          if (!(error instanceof FrameError)) throw error;
        }
        equal(received.length, 0);
      }
    }),
    { numRuns: 500 },
  ));
