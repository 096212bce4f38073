import type { ClusterSim } from './cluster-sim.ts';
import { fairWeather, type SimNode } from './sim-world.ts';

/** What can go wrong, with how often it does in relation to the rest. */
const kinds = [
  ['crash', 4],
  ['powerOff', 2],
  ['restart', 8],
  ['pause', 2],
  ['resume', 4],
  ['partition', 3],
  ['isolate', 3],
  ['oneWay', 2],
  ['heal', 5],
  ['weather', 4],
  ['reset', 4],
  ['moveSlots', 6],
  ['bumpEpoch', 2],
  ['bumpAndPowerOff', 4],
  ['moveHost', 1],
] as const;

type Kind = (typeof kinds)[number][0];

/** Breaks things, as the seed will have it, and mends them in the end. */
export class Nemesis {
  readonly #sim: ClusterSim;
  #nextHost = 0;

  constructor(sim: ClusterSim) {
    this.#sim = sim;
  }

  /** A fault every `everyMs` on average, for so long. */
  async rage({ forMs, everyMs }: { readonly forMs: number; readonly everyMs: number }): Promise<void> {
    const sim = this.#sim;
    const endMs = sim.world.nowMs + forMs;
    while (sim.world.nowMs < endMs) {
      await this.#strike(this.#choose());
      await sim.run(1 + sim.random.below(2 * everyMs));
    }
  }

  /** Heals the network, starts and resumes every node, and ends moves of slots that were left half done. */
  async mend(): Promise<void> {
    const sim = this.#sim;
    sim.note('mend');
    sim.world.setWeather(fairWeather);
    sim.world.heal();
    for (const node of sim.nodes) await this.#revive(node);
    for (const { core, command } of sim.nodes.map((node) => ({ core: node.core, command: node.command.bind(node) }))) {
      if (core === undefined) continue;
      for (const slot of [...core.config.migrating.keys(), ...core.config.importing.keys()]) {
        command({ name: 'setSlotStable', slot });
      }
    }
  }

  #choose(): Kind {
    const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
    let at = this.#sim.random.below(total);
    for (const [kind, weight] of kinds) {
      if (at < weight) return kind;
      at -= weight;
    }
    return 'heal';
  }

  async #strike(kind: Kind): Promise<void> {
    const sim = this.#sim;
    const { random, world } = sim;
    const node = sim.nodes[random.below(sim.nodes.length)];
    sim.note(`nemesis: ${kind} ${node.name}`);
    switch (kind) {
      case 'crash':
        return node.crash();
      case 'powerOff':
        return node.powerOff();
      case 'restart':
        return this.#revive(sim.nodes.find(({ core }) => core === undefined) ?? node);
      case 'pause':
        return node.core === undefined ? undefined : node.pause();
      case 'resume':
        return sim.nodes.find(({ isPaused }) => isPaused)?.resume();
      case 'partition': {
        const side = sim.nodes.filter(() => random.chance(0.5));
        return world.cut(side, others(sim, side), false);
      }
      case 'isolate':
        return world.cut([node], others(sim, [node]), false);
      case 'oneWay':
        return world.cut([node], others(sim, [node]), true);
      case 'heal':
        return world.heal();
      case 'weather': {
        const slowMs = random.below(300);
        return world.setWeather({
          latencyMs: [0.1, 1 + slowMs],
          lossRatio: random.ratio() * 0.1,
          resetRatio: random.ratio() * 0.002,
        });
      }
      case 'reset':
        return world.resetConnections(node, sim.nodes[random.below(sim.nodes.length)]);
      case 'moveSlots':
        return this.#moveSlots(node, sim.nodes[random.below(sim.nodes.length)]);
      case 'bumpEpoch':
        node.command({ name: 'bumpEpoch' });
        return;
      case 'bumpAndPowerOff': {
        // Just while the new epoch is on its way to the disks and to the others.
        const victim = random.chance(0.5) ? node : sim.nodes[random.below(sim.nodes.length)];
        if (node.isPaused) return;
        node.command({ name: 'bumpEpoch' });
        await sim.run(random.ratio() * 20);
        return victim.powerOff();
      }
      case 'moveHost':
        node.crash();
        await world.complete(node.moveTo(`10.9.${this.#nextHost >> 8}.${this.#nextHost++ & 255}`));
        return this.#revive(node);
    }
  }

  async #revive(node: SimNode): Promise<void> {
    if (node.isPaused) node.resume();
    if (node.core !== undefined) return;
    node.powerOn();
    await this.#sim.world.complete(node.start());
  }

  /** As redis-cli reshards: the target first. Steps that fail leave things half done. */
  #moveSlots(from: SimNode, to: SimNode): void {
    const { random } = this.#sim;
    const [source, target] = [from.core?.config, to.core?.config];
    if (source === undefined || target === undefined || from === to || from.isPaused || to.isPaused) return;
    const ranges = source.slots.rangesOf(source.myId);
    // A master that has lost its last slot has no voice any more; leave it one.
    if (ranges.length === 0 || source.slots.slotCountOf(source.myId) < 20) return;
    const { first } = ranges[random.below(ranges.length)];
    for (let slot = first; slot <= Math.min(first + random.below(10), 16_383); slot++) {
      if (source.slots.ownerOf(slot) !== source.myId) break;
      if (to.command({ name: 'setSlotImporting', slot, id: source.myId }) !== undefined) continue;
      if (random.chance(0.05)) continue;
      from.command({ name: 'setSlotMigrating', slot, id: target.myId });
      if (random.chance(0.05)) continue;
      if (to.command({ name: 'setSlotNode', slot, id: target.myId, keysInSlot: 0 }) !== undefined) continue;
      if (random.chance(0.05)) continue;
      from.command({ name: 'setSlotNode', slot, id: target.myId, keysInSlot: 0 });
    }
  }
}

function others(sim: ClusterSim, side: readonly SimNode[]): SimNode[] {
  return sim.nodes.filter((node) => !side.includes(node));
}
