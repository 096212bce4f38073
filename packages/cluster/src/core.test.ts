import { textOf, utf8Bytes } from '@kvartz/base';
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { ClusterConfig } from './cluster-config.ts';
import { ClusterCore } from './core.ts';
import type { Effect, Input, OperatorCommand } from './effects.ts';
import type { Heartbeat, Message, Publish } from './messages.ts';
import { configOf, id, random, record } from '../test/support.ts';

const settings = {
  host: '',
  port: 7_000,
  busPort: 17_000,
  hostname: '',
  nodeTimeoutMs: 2_000,
  requireFullCoverage: false,
};

function coreOf(config: ClusterConfig = configOf(record('a', { host: '' }))): ClusterCore {
  return new ClusterCore(settings, config, random());
}

function kinds(effects: readonly Effect[]): string[] {
  return effects.map(({ kind }) => kind).filter((kind) => kind !== 'event');
}

function command(core: ClusterCore, nowMs: number, operator: OperatorCommand): readonly Effect[] {
  return core.step({ kind: 'command', nowMs, command: operator });
}

function sent(effects: readonly Effect[]): Message[] {
  return effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message] : []));
}

function heartbeat(kind: Heartbeat['kind'], from: string, fields: Partial<Heartbeat> = {}): Heartbeat {
  return {
    kind,
    from: id(from),
    host: '',
    port: 7_000,
    busPort: 17_000,
    masterId: undefined,
    currentEpoch: 0,
    configEpoch: 0,
    replOffset: 0,
    isStateOk: true,
    claimVersion: 1,
    knownClaim: 0,
    token: 0,
    membersDigest: 0,
    gossip: [],
    ...fields,
  };
}

/** A core that knows b, with its link to b up. */
function linked(config = configOf(record('a', { configEpoch: 1 }), record('b', { configEpoch: 2 }))): ClusterCore {
  const core = coreOf(config);
  core.step({ kind: 'tick', nowMs: 0 });
  core.step({ kind: 'linkUp', nowMs: 1, link: 1 });
  core.step({ kind: 'frame', nowMs: 2, link: 1, message: heartbeat('pong', 'b', { configEpoch: 2, currentEpoch: 2 }) });
  return core;
}

describe('saving', () => {
  test('a new node saves who it is before it says anything', () => {
    const [first] = coreOf().step({ kind: 'tick', nowMs: 0 });
    deepEqual(first, { kind: 'save', isBarrier: true });
  });

  test('a change of own slots or epochs is saved before peers and the operator hear of it', () => {
    const core = linked();
    const effects = command(core, 10, { name: 'addSlots', slots: [1, 2] });
    deepEqual(kinds(effects), ['save', 'done', 'send', 'slotsChanged']);
    deepEqual(effects[0], { kind: 'save', isBarrier: true });
    const greater = heartbeat('ping', 'b', { configEpoch: 2, currentEpoch: 9 });
    deepEqual(core.step({ kind: 'frame', nowMs: 11, link: 1, message: greater })[0], { kind: 'save', isBarrier: true });
  });

  test('what is known of others is saved, and nobody waits for it', () => {
    const core = linked();
    core.step({ kind: 'tick', nowMs: 100 });
    const effects = [2_200, 2_300].flatMap((nowMs) => core.step({ kind: 'tick', nowMs }));
    const saves = effects.filter(({ kind }) => kind === 'save');
    ok(saves.every((effect) => effect.kind === 'save' && !effect.isBarrier));
  });

  test('a command that is refused changes nothing and saves nothing', () => {
    const core = linked();
    const before = core.config;
    const effects = command(core, 10, { name: 'delSlots', slots: [1] });
    deepEqual(effects, [{ kind: 'refused', error: 'ERR Slot 1 is already unassigned' }]);
    equal(core.config, before);
  });
});

describe('meeting', () => {
  test('MEET connects, asks, and takes in under the id that answers', () => {
    const core = coreOf();
    core.step({ kind: 'tick', nowMs: 0 });
    command(core, 5, { name: 'meet', host: '10.0.0.2', port: 7_000, busPort: 17_000 });
    const connect = core.step({ kind: 'tick', nowMs: 100 }).find(({ kind }) => kind === 'connect');
    deepEqual(connect, { kind: 'connect', link: 1, host: '10.0.0.2', port: 17_000 });
    equal(sent(core.step({ kind: 'linkUp', nowMs: 101, link: 1 }))[0].kind, 'meet');
    core.step({ kind: 'frame', nowMs: 102, link: 1, message: heartbeat('pong', 'b') });
    const node = core.config.nodes.get(id('b'))!;
    deepEqual([node.host, node.port, node.busPort], ['10.0.0.2', 7_000, 17_000]);
    deepEqual([...core.handshakes], []);
  });

  test('who is met learns its own address, and asks back', () => {
    const core = coreOf();
    core.step({ kind: 'linkAccepted', nowMs: 0, link: -1, localHost: '10.0.0.1', remoteHost: '10.0.0.2' });
    const effects = core.step({ kind: 'frame', nowMs: 1, link: -1, message: heartbeat('meet', 'b') });
    equal(core.config.me.host, '10.0.0.1');
    equal(sent(effects)[0].kind, 'pong');
    const connect = core.step({ kind: 'tick', nowMs: 100 }).find(({ kind }) => kind === 'connect');
    deepEqual(connect, { kind: 'connect', link: 1, host: '10.0.0.2', port: 17_000 });
  });

  test('a node that meets itself forgets it at once', () => {
    const core = coreOf();
    command(core, 0, { name: 'meet', host: '10.0.0.1', port: 7_000, busPort: 17_000 });
    core.step({ kind: 'tick', nowMs: 0 });
    core.step({ kind: 'linkUp', nowMs: 1, link: 1 });
    const effects = core.step({ kind: 'frame', nowMs: 2, link: 1, message: heartbeat('pong', 'a') });
    deepEqual(kinds(effects), ['disconnect']);
    equal(core.config.nodes.size, 1);
  });

  test('nobody answers: the handshake ends after the node timeout', () => {
    const core = coreOf();
    command(core, 0, { name: 'meet', host: '10.0.0.2', port: 7_000, busPort: 17_000 });
    core.step({ kind: 'tick', nowMs: 0 });
    equal([...core.handshakes].length, 1);
    core.step({ kind: 'tick', nowMs: 2_100 });
    equal([...core.handshakes].length, 0);
  });

  test('strangers are answered and not believed', () => {
    const core = linked();
    core.step({ kind: 'linkAccepted', nowMs: 3, link: -1, localHost: '10.0.0.1', remoteHost: '10.0.0.9' });
    const gossip = [{ id: id('d'), host: '10.0.0.4', port: 7_000, busPort: 17_000, flags: 0 }];
    const before = core.config;
    const ping = heartbeat('ping', 'c', { currentEpoch: 99, gossip });
    deepEqual(kinds(core.step({ kind: 'frame', nowMs: 4, link: -1, message: ping })), ['send']);
    for (const message of [
      { kind: 'fail', from: id('c'), about: id('b') },
      { kind: 'update', from: id('c'), about: id('b'), configEpoch: 99, slots: [] },
      { kind: 'report', from: id('c'), down: [id('b')], up: [] },
      publishFrom('c', 'ch', 'hello', 0, 5),
    ] as const) {
      deepEqual(core.step({ kind: 'frame', nowMs: 5, link: -1, message }), []);
    }
    equal(core.config, before);
    equal([...core.handshakes].length, 0);
  });

  test('a forgotten node is not taken in again for a minute, whatever others say', () => {
    const core = linked(configOf(record('a'), record('b', { configEpoch: 2 }), record('c')));
    command(core, 10, { name: 'forget', id: id('c') });
    const gossip = [{ id: id('c'), host: '10.0.0.3', port: 7_000, busPort: 17_000, flags: 0 }];
    const message = heartbeat('ping', 'b', { gossip });
    core.step({ kind: 'frame', nowMs: 20, link: 1, message });
    equal([...core.handshakes].length, 0);
    core.step({ kind: 'frame', nowMs: 60_011, link: 1, message });
    equal([...core.handshakes].length, 1);
  });
});

describe('addresses', () => {
  test('a node that pings from elsewhere has moved; its old link goes', () => {
    const core = linked();
    core.step({ kind: 'linkAccepted', nowMs: 3, link: -1, localHost: '10.0.0.1', remoteHost: '10.0.0.77' });
    const effects = core.step({ kind: 'frame', nowMs: 4, link: -1, message: heartbeat('ping', 'b', { port: 7_001 }) });
    const node = core.config.nodes.get(id('b'))!;
    deepEqual([node.host, node.port], ['10.0.0.77', 7_001]);
    ok(kinds(effects).includes('disconnect'));
  });

  test('an address where another node answers is nobody we know: noaddr', () => {
    const core = linked();
    core.step({ kind: 'frame', nowMs: 5, link: 1, message: heartbeat('pong', 'c') });
    equal(core.config.nodes.get(id('b'))!.hasNoAddress, true);
    deepEqual(kinds(core.step({ kind: 'tick', nowMs: 100 })).includes('connect'), false);
  });
});

describe('epochs', () => {
  test('of two masters with the same epoch the one with the smaller id takes a new one', () => {
    const config = configOf(record('a', { configEpoch: 5 }), record('b', { configEpoch: 5 }));
    const small = linked(config);
    small.step({
      kind: 'frame',
      nowMs: 10,
      link: 1,
      message: heartbeat('ping', 'b', { configEpoch: 5, currentEpoch: 5 }),
    });
    equal(small.config.me.configEpoch, 6);
    const great = new ClusterCore(
      settings,
      configOf(record('c', { configEpoch: 5 }), record('b', { configEpoch: 5 })),
      random(),
    );
    great.step({ kind: 'tick', nowMs: 0 });
    great.step({ kind: 'linkUp', nowMs: 1, link: 1 });
    great.step({
      kind: 'frame',
      nowMs: 2,
      link: 1,
      message: heartbeat('pong', 'b', { configEpoch: 5, currentEpoch: 5 }),
    });
    equal(great.config.me.configEpoch, 5);
  });

  test("a heartbeat's configEpoch alone says nothing of slots: it comes with the claim", () => {
    const core = linked();
    core.step({
      kind: 'frame',
      nowMs: 10,
      link: 1,
      message: heartbeat('ping', 'b', { configEpoch: 8, currentEpoch: 8 }),
    });
    deepEqual([core.config.nodes.get(id('b'))!.configEpoch, core.config.currentEpoch], [2, 8]);
    const claim: Message = {
      kind: 'claim',
      from: id('b'),
      version: 3,
      configEpoch: 8,
      shardId: '',
      hostname: '',
      slots: [],
    };
    core.step({ kind: 'frame', nowMs: 11, link: 1, message: claim });
    equal(core.config.nodes.get(id('b'))!.configEpoch, 8);
  });
});

describe('slots that another is said to own', () => {
  const claimed = [{ first: 5, last: 9 }];

  /** We own slots 0-9 with epoch 1, and hear from c that b owns 5-9 with epoch 4, or from b itself. */
  function disputed(by: 'b' | 'c'): { core: ClusterCore; effects: readonly Effect[]; token: number } {
    const nodes = [record('a', { configEpoch: 1 }), record('b', { configEpoch: 2 }), record('c', { configEpoch: 3 })];
    const core = linked(configOf(...nodes).withSlots([{ first: 0, last: 9 }], id('a')));
    const hearsay = { kind: 'update', from: id('c'), about: id('b'), configEpoch: 4, slots: claimed } as const;
    const message = by === 'c' ? hearsay : claimOfB(claimed, 7);
    const effects = core.step({ kind: 'frame', nowMs: 10, link: 1, message });
    const ping = sent(effects).find(({ kind }) => kind === 'ping') as Heartbeat;
    return { core, effects, token: ping.token };
  }

  function claimOfB(slots: { first: number; last: number }[], version: number, configEpoch = 4): Message {
    return { kind: 'claim', from: id('b'), version, configEpoch, shardId: '', hostname: '', slots };
  }

  function pongOfB(token: number, claimVersion: number): Message {
    return heartbeat('pong', 'b', { token, claimVersion, configEpoch: 4, currentEpoch: 4 });
  }

  for (const by of ['b', 'c'] as const) {
    test(`are not served, but stay ours until their owner has answered (said by ${by})`, () => {
      const { core, effects } = disputed(by);
      deepEqual([...core.disputes.keys()], [5, 6, 7, 8, 9]);
      equal(core.config.slots.ownerOf(7), id('a'));
      ok(kinds(effects).includes('slotsChanged'));
      ok(!kinds(effects).includes('slotsLost'));
    });

    test(`go when the owner says that its claim stands (said by ${by})`, () => {
      const { core, token } = disputed(by);
      core.step({ kind: 'frame', nowMs: 11, link: 1, message: claimOfB(claimed, 7) });
      const effects = core.step({ kind: 'frame', nowMs: 12, link: 1, message: pongOfB(token, 7) });
      const lost = effects.find(({ kind }) => kind === 'slotsLost');
      deepEqual(lost, { kind: 'slotsLost', slots: claimed, to: id('b') });
      deepEqual([core.config.slots.ownerOf(7), core.disputes.size], [id('b'), 0]);
    });

    test(`stay when the owner does not claim them any more (said by ${by})`, () => {
      const { core, token } = disputed(by);
      // The present version is another one: nothing is settled before we have it.
      core.step({ kind: 'frame', nowMs: 11, link: 1, message: pongOfB(token, 8) });
      equal(core.disputes.size, 5);
      core.step({ kind: 'frame', nowMs: 12, link: 1, message: claimOfB([{ first: 5, last: 5 }], 8) });
      equal(core.disputes.size, 5);
      core.step({ kind: 'frame', nowMs: 13, link: 1, message: pongOfB(token, 8) });
      equal(core.disputes.size, 0);
      deepEqual(core.config.slots.rangesOf(id('a')), [
        { first: 0, last: 4 },
        { first: 6, last: 9 },
      ]);
    });

    test(`an answer to an earlier question settles nothing (said by ${by})`, () => {
      const { core, token } = disputed(by);
      core.step({ kind: 'frame', nowMs: 11, link: 1, message: claimOfB(claimed, 7) });
      core.step({ kind: 'frame', nowMs: 12, link: 1, message: pongOfB(token - 1, 7) });
      equal(core.disputes.size, 5);
    });
  }

  test('are ours without further questions once we have a greater epoch', () => {
    const { core } = disputed('c');
    const effects = command(core, 11, { name: 'bumpEpoch' });
    equal(core.disputes.size, 0);
    ok(kinds(effects).includes('slotsChanged'));
  });
});

describe('time', () => {
  /** A core with slots that has pinged b, so that an answer is awaited. */
  function waiting(): ClusterCore {
    const core = linked();
    for (const nowMs of [100, 200, 300]) core.step({ kind: 'tick', nowMs });
    return core;
  }

  test('no answer for longer than the node timeout is pfail', () => {
    const core = waiting();
    for (let nowMs = 400; nowMs <= 2_200; nowMs += 100) core.step({ kind: 'tick', nowMs });
    equal(core.config.nodes.get(id('b'))!.health, 'ok');
    for (let nowMs = 2_300; nowMs <= 2_500; nowMs += 100) core.step({ kind: 'tick', nowMs });
    equal(core.config.nodes.get(id('b'))!.health, 'pfail');
  });

  test('the time in which this process stood still is not held against others', () => {
    const core = waiting();
    const events = core.step({ kind: 'tick', nowMs: 60_000 }).filter(({ kind }) => kind === 'event');
    ok(events.some((effect) => effect.kind === 'event' && effect.name === 'stall'));
    equal(core.config.nodes.get(id('b'))!.health, 'ok');
  });
});

test('a hard reset is a new node; a soft one only forgets', () => {
  const core = linked();
  command(core, 10, { name: 'addSlots', slots: [1] });
  command(core, 11, { name: 'reset', isHard: false });
  deepEqual([core.config.myId, core.config.nodes.size, core.config.slots.assignedCount], [id('a'), 1, 0]);
  equal(core.config.me.configEpoch, 1);
  command(core, 12, { name: 'reset', isHard: true });
  notEqual(core.config.myId, id('a'));
  deepEqual([core.config.currentEpoch, core.config.me.configEpoch], [0, 0]);
});

test('no sequence of inputs makes the core throw', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd');
  const slots = fc.constantFrom([], [{ first: 0, last: 5 }], [{ first: 3, last: 16_383 }]);
  const gossip = fc.array(
    fc.record({
      id: ids.map(id),
      host: fc.constantFrom('', '10.0.0.2'),
      port: fc.nat(9),
      busPort: fc.nat(9),
      flags: fc.nat(15),
    }),
  );
  const messages: fc.Arbitrary<Message> = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('ping', 'pong', 'meet'),
        ids,
        fc.option(ids, { nil: undefined }),
        fc.nat(20),
        fc.nat(20),
        gossip,
        fc.nat(3),
      )
      .map(([kind, from, master, currentEpoch, configEpoch, entries, version]) =>
        heartbeat(kind, from, {
          masterId: master === undefined ? undefined : id(master),
          currentEpoch,
          configEpoch,
          gossip: entries,
          claimVersion: version,
          knownClaim: version,
        }),
      ),
    fc.tuple(ids, fc.nat(3), fc.nat(20), slots).map(([from, version, configEpoch, ranges]) => {
      return { kind: 'claim', from: id(from), version, configEpoch, shardId: '', hostname: '', slots: ranges } as const;
    }),
    fc.tuple(ids, ids, fc.nat(20), slots).map(([from, about, configEpoch, ranges]) => {
      return { kind: 'update', from: id(from), about: id(about), configEpoch, slots: ranges } as const;
    }),
    fc.tuple(ids, ids).map(([from, about]) => ({ kind: 'fail', from: id(from), about: id(about) }) as const),
    fc.tuple(ids, ids).map(([from, about]) => ({ kind: 'report', from: id(from), down: [id(about)], up: [] }) as const),
    fc.tuple(ids, fc.nat(6), fc.nat(6)).map(([from, offset, total]) => publishFrom(from, 'ch', 'abc', offset, total)),
  );
  const slot = fc.nat(10);
  const commands: fc.Arbitrary<OperatorCommand> = fc.oneof(
    fc.constant({ name: 'meet', host: '10.0.0.2', port: 7_000, busPort: 17_000 } as const),
    fc.tuple(fc.constantFrom('addSlots', 'delSlots'), fc.array(slot)).map(([name, list]) => ({ name, slots: list })),
    fc.constantFrom({ name: 'flushSlots' } as const, { name: 'bumpEpoch' } as const, { name: 'saveConfig' } as const),
    ids.map((one) => ({ name: 'forget', id: id(one) }) as const),
    fc.boolean().map((isHard) => ({ name: 'reset', isHard }) as const),
    fc.nat(9).map((epoch) => ({ name: 'setConfigEpoch', epoch }) as const),
    fc.tuple(fc.constantFrom('setSlotMigrating', 'setSlotImporting'), slot, ids).map(([name, n, one]) => {
      return { name, slot: n, id: id(one) };
    }),
    fc.tuple(slot, ids, fc.nat(1)).map(([n, one, keysInSlot]) => {
      return { name: 'setSlotNode', slot: n, id: id(one), keysInSlot } as const;
    }),
  );
  const link = fc.constantFrom(-2, -1, 1, 2, 3, 4);
  type Timeless = Input extends infer I ? (I extends Input ? Omit<I, 'nowMs'> : never) : never;
  const inputs: fc.Arbitrary<Timeless> = fc.oneof(
    fc.constant({ kind: 'tick' } as const),
    link.map((one) => ({ kind: 'linkUp', link: one }) as const),
    link.map((one) => ({ kind: 'linkDown', link: one, reason: 'test' }) as const),
    fc.tuple(link, messages).map(([one, message]) => ({ kind: 'frame', link: one, message }) as const),
    commands.map((one) => ({ kind: 'command', command: one }) as const),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3_000), inputs), { maxLength: 60 }), (steps) => {
      const core = linked();
      core.step({ kind: 'linkAccepted', nowMs: 3, link: -1, localHost: '10.0.0.1', remoteHost: '10.0.0.2' });
      core.step({ kind: 'linkAccepted', nowMs: 3, link: -2, localHost: '10.0.0.1', remoteHost: '10.0.0.3' });
      let nowMs = 10;
      let { currentEpoch, myId } = core.config;
      for (const [waitMs, input] of steps) {
        nowMs += waitMs;
        core.step({ ...input, nowMs } as Input);
        const { config } = core;
        ok(config.myId !== myId || config.currentEpoch >= currentEpoch, 'currentEpoch went back');
        for (const node of config.nodes.values()) ok(node.configEpoch <= config.currentEpoch, 'configEpoch is ahead');
        for (const owner of config.slots.owners)
          ok(config.nodes.get(owner)?.masterId === undefined, 'a replica owns slots');
        ({ currentEpoch, myId } = config);
      }
    }),
    { numRuns: 300 },
  );
});

function publishFrom(from: string, channel: string, piece: string, offset: number, totalBytes: number): Publish {
  const [name, payload] = [utf8Bytes(channel), utf8Bytes(piece)];
  return { kind: 'publish', from: id(from), channel: name, isSharded: false, totalBytes, offset, piece: payload };
}

describe('published messages', () => {
  const published = (core: ClusterCore, nowMs: number, message: Publish): string[] =>
    core.step({ kind: 'frame', nowMs, link: 1, message }).flatMap((effect) => {
      return effect.kind === 'published' ? [`${textOf(effect.channel)} ${textOf(effect.payload)}`] : [];
    });

  test('go to every node, in pieces when they are long, and no further when they are too long', () => {
    const core = linked();
    const publish = (sizeBytes: number): Publish[] =>
      core
        .step({
          kind: 'publish',
          nowMs: 3,
          channel: utf8Bytes('ch'),
          payload: new Uint8Array(sizeBytes),
          isSharded: false,
        })
        .map((effect) => (effect.kind === 'send' ? effect.message : undefined) as Publish);
    for (const [sizeBytes, pieces] of [
      [0, [0]],
      [5, [5]],
      [65_537, [65_536, 1]],
    ] as const) {
      const pieceList = publish(sizeBytes);
      deepEqual(
        pieceList.map(({ piece }) => piece.length),
        pieces,
      );
      deepEqual(
        pieceList.map(({ totalBytes }) => totalBytes),
        pieces.map(() => sizeBytes),
      );
    }
    deepEqual(publish(8 * 1024 * 1024 + 1), []);
  });

  test('those of a shard channel go to the nodes of the shard only', () => {
    const core = linked(configOf(record('a', { shardId: id('1') }), record('b', { shardId: id('2') })));
    const payload = utf8Bytes('x');
    deepEqual(core.step({ kind: 'publish', nowMs: 3, channel: payload, payload, isSharded: true }), []);
  });

  test('pieces that follow one another become one message; others are dropped', () => {
    const core = linked();
    deepEqual(published(core, 3, publishFrom('b', 'ch', 'whole', 0, 5)), ['ch whole']);
    deepEqual(published(core, 3, publishFrom('b', 'ch', 'ab', 0, 4)), []);
    deepEqual(published(core, 3, publishFrom('b', 'ch', 'cd', 2, 4)), ['ch abcd']);
    deepEqual(published(core, 3, publishFrom('b', 'ch', 'ab', 0, 6)), []);
    deepEqual(published(core, 3, publishFrom('b', 'ch', 'ef', 4, 6)), []);
    deepEqual(published(core, 3, publishFrom('b', 'ch', 'cd', 2, 6)), []);
    deepEqual(published(core, 3, publishFrom('b', 'ch', 'cdef', 2, 4)), []);
  });
});
