import { Arena, type EntryRef, Keyspace, StreamId } from '@kvartz/engine';
import { Args } from '@kvartz/resp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { Dice } from './support/dice.ts';
import { Pipeline } from './support/pipeline.ts';
import { anyInteger } from './support/pools.ts';
import { textOfReply } from './support/reply.ts';

/** CONFORMANCE_SEED begins elsewhere. */
const firstSeed = Number(process.env['CONFORMANCE_SEED'] ?? 1);

/** What one step does to both streams. */
type Step =
  | { readonly kind: 'add'; readonly ms: number; readonly seq: number; readonly parts: readonly string[] }
  | { readonly kind: 'remove'; readonly ms: number; readonly seq: number }
  | { readonly kind: 'trim'; readonly length: number; readonly isApproximate: boolean };

describeWith(['redis-server'], 'nodes of streams', () => {
  let redis: TestNode;
  beforeAll(async () => {
    redis = await TestNode.start(['--rdbcompression', 'no'], ['redis-server']);
  });
  afterAll(() => redis?.remove());

  for (const [maxEntries, maxBytes] of [
    [100, 4096],
    [300, 0],
    [0, 600],
  ])
    test(`are to the byte those of redis-server's DUMP: ${maxEntries} entries, ${maxBytes} bytes`, async () => {
      const pipeline = await Pipeline.connect(redis.port);
      const limits = [`${maxEntries}`, `${maxBytes}`];
      await pipeline.send([
        ['CONFIG', 'SET', 'stream-node-max-entries', limits[0], 'stream-node-max-bytes', limits[1]],
      ]);
      for (let seed = firstSeed; seed < firstSeed + 5; seed++) {
        const steps = stepsOf(new Dice(seed), 1500);
        const requests = steps.map(requestOf);
        const replies = await pipeline.send([['DEL', 's'], ...requests, ['DUMP', 's']]);
        const db = new Keyspace({ arena: new Arena({ segmentBytes: 2 ** 22 }), hashKey: [1, 2] });
        db.limits = { ...db.limits, streamNodeMaxEntries: maxEntries, streamNodeMaxBytes: maxBytes };
        const e = db.streams.create(Args.of('s').buffer, 0, 1);
        for (const step of steps) take(db, e, step);
        expect(db.streams.count(e)).toBeGreaterThan(50);
        expect(nodesOf(db, e), `CONFORMANCE_SEED=${seed}`).toEqual(nodesOfDump(textOfReply(replies.at(-1)!)));
      }
      pipeline.close();
    });
});

function stepsOf(dice: Dice, count: number): Step[] {
  const steps: Step[] = [];
  let ms = 1;
  let seq = 0;
  for (let i = 0; i < count; i++) {
    const roll = dice.below(100);
    if (roll < 85) {
      const more = dice.oneOf([0, 0, 1, 1, 1, 130, 5000, 70_000, 10_000_000, 5_000_000_000]);
      seq = more === 0 ? seq + 1 + dice.below(200) : dice.below(dice.oneOf([1, 1, 3, 1000]));
      ms += more;
      steps.push({ kind: 'add', ms, seq, parts: partsOf(dice) });
    } else if (roll < 97) {
      const added = steps.filter((step) => step.kind === 'add');
      const { ms: oldMs, seq: oldSeq } = added[added.length - 1 - dice.below(Math.min(added.length, 150))] ?? {
        ms,
        seq,
      };
      steps.push({ kind: 'remove', ms: oldMs, seq: oldSeq });
    } else steps.push({ kind: 'trim', length: 100 + dice.below(400), isApproximate: dice.chance(0.5) });
  }
  return steps;
}

function partsOf(dice: Dice): string[] {
  if (dice.chance(0.6)) return ['temperature', `${dice.below(40)}.5`, '12', String(dice.below(5000))];
  return Array.from({ length: 1 + dice.below(4) }, () => [
    dice.oneOf(['a', 'temperature', '12', '']),
    textOf(dice),
  ]).flat();
}

function textOf(dice: Dice): string {
  if (dice.chance(0.6)) return anyInteger(dice);
  return dice.bytes(dice.chance(0.9) ? dice.below(80) : dice.oneOf([127, 128, 4095, 4096, 20_000]));
}

function requestOf(step: Step): string[] {
  if (step.kind === 'add') return ['XADD', 's', `${step.ms}-${step.seq}`, ...step.parts];
  if (step.kind === 'remove') return ['XDEL', 's', `${step.ms}-${step.seq}`];
  return ['XTRIM', 's', 'MAXLEN', step.isApproximate ? '~' : '=', String(step.length)];
}

function take({ streams }: Keyspace, e: EntryRef, step: Step): void {
  if (step.kind === 'trim') streams.trimToLength(e, step.length, step.isApproximate, 0);
  else {
    const id = new StreamId().set(step.ms, step.seq);
    if (step.kind === 'remove') streams.remove(e, id);
    else
      streams.append(
        e,
        id,
        Args.of(...step.parts.map((part) => Buffer.from(part, 'latin1'))),
        0,
        step.parts.length / 2,
      );
  }
}

/** IDs and contents of the nodes, the bytes as characters. */
function nodesOf({ arena, streams }: Keyspace, e: EntryRef): [id: string, pack: string][] {
  const { walk } = streams;
  const nodes: [string, string][] = [];
  let last = 0;
  walk.seekAll(streams.root(e), false);
  while (walk.next()) {
    if (walk.nodeRef === last) continue;
    last = walk.nodeRef;
    const base = (last & arena.refMask) << 3;
    const end = base + walk.bytes.dv.getUint32(base, true);
    nodes.push([String(walk.masterId), Buffer.from(walk.bytes.u8.subarray(base, end)).toString('latin1')]);
  }
  return nodes;
}

/** The same from a payload of DUMP: type, number of nodes, and for each its ID of 16 bytes and its listpack. */
function nodesOfDump(payload: string): [id: string, pack: string][] {
  const bytes = Buffer.from(payload, 'latin1');
  let at = 1;
  const length = (): number => {
    const first = bytes[at++];
    if (first < 0x40) return first;
    if (first < 0x80) return ((first & 63) << 8) | bytes[at++];
    at += 4;
    return bytes.readUInt32BE(at - 4);
  };
  const text = (): Buffer => {
    const size = length();
    at += size;
    return bytes.subarray(at - size, at);
  };
  return Array.from({ length: length() }, () => {
    const id = text();
    return [`${id.readBigUInt64BE(0)}-${id.readBigUInt64BE(8)}`, text().toString('latin1')];
  });
}
