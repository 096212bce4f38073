import { describeNodes, type NodeId } from '@kvartz/cluster';
import type { ClusterSim } from '../cluster-sim.ts';
import { type Checker, CheckError } from './checker.ts';

/**
 * When the faults are over: each slot has one owner, the same in the eyes of every node, and no two nodes own slots with
 * the same config epoch. Read from the text of CLUSTER NODES, as an operator would.
 */
export class OneOwner implements Checker {
  end(sim: ClusterSim): void {
    let first: { readonly name: string; readonly text: string } | undefined;
    for (const { name, core } of sim.nodes) {
      if (core === undefined) throw new CheckError(`${name} is down`);
      const facts = { pingSentMs: 0, pongReceivedMs: 0, isConnected: true };
      const text = describeNodes(core.config, () => facts, []);
      if (first === undefined) {
        first = { name, text };
        checkComplete(parse(text, name), name);
      } else if (essenceOf(text) !== essenceOf(first.text)) {
        compare(parse(first.text, first.name), parse(text, name), `${first.name} and ${name}`);
        throw new CheckError(`${first.name} and ${name} do not agree:\n${first.text}\n${text}`);
      }
    }
  }
}

/** Id, flags but `myself`, epoch and slots of each line, in the order of ids. */
function essenceOf(text: string): string {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [id, , flags, , , , epoch, , ...slots] = line.split(' ');
      return [id, flags.replace('myself,', ''), epoch, ...slots.filter((word) => !word.startsWith('['))].join(' ');
    });
  return lines.toSorted().join('\n');
}

interface Picture {
  readonly owners: (NodeId | undefined)[];
  readonly epochs: Map<NodeId, string>;
  myId: NodeId;
}

function parse(text: string, name: string): Picture {
  const picture: Picture = { owners: Array.from({ length: 16_384 }), epochs: new Map(), myId: '' };
  for (const line of text.trimEnd().split('\n')) {
    const [id, , flags, , , , epoch, , ...slots] = line.split(' ');
    if (flags.includes('myself')) picture.myId = id;
    if (flags.includes('fail')) throw new CheckError(`${name} sees ${id} with flags ${flags}`);
    picture.epochs.set(id, epoch);
    for (const range of slots) {
      if (range.startsWith('[')) continue;
      const [from, to = from] = range.split('-').map(Number);
      for (let slot = from; slot <= to; slot++) {
        if (picture.owners[slot] !== undefined) throw new CheckError(`${name} sees two owners of slot ${slot}`);
        picture.owners[slot] = id;
      }
    }
  }
  return picture;
}

function checkComplete({ owners, epochs }: Picture, name: string): void {
  const missing = owners.indexOf(undefined);
  if (missing >= 0) throw new CheckError(`${name} sees no owner of slot ${missing}`);
  const ownerEpochs = new Map<string, NodeId>();
  for (const id of new Set(owners)) {
    const epoch = epochs.get(id!)!;
    const other = ownerEpochs.get(epoch);
    if (other !== undefined) throw new CheckError(`${name} sees ${id} and ${other} with config epoch ${epoch}`);
    ownerEpochs.set(epoch, id!);
  }
}

function compare(a: Picture, b: Picture, names: string): void {
  for (let slot = 0; slot < a.owners.length; slot++) {
    if (a.owners[slot] !== b.owners[slot]) {
      throw new CheckError(`${names} do not agree on slot ${slot}: ${a.owners[slot]} and ${b.owners[slot]}`);
    }
  }
  for (const [id, epoch] of a.epochs) {
    if (b.epochs.get(id) !== epoch) throw new CheckError(`${names} do not agree on the epoch of ${id}`);
  }
  if (a.epochs.size !== b.epochs.size) throw new CheckError(`${names} do not know the same nodes`);
}
