import type { NodeId } from '@kvartz/cluster';
import type { SlotMap } from '@kvartz/router';
import type { ClusterSim } from '../cluster-sim.ts';
import type { SimNode } from '../sim-world.ts';
import { type Checker, CheckError } from './checker.ts';

/** Reports are valid for two node timeouts; on the way and in gossip they may be older by this. */
const onTheWayMs = 1_000;

/**
 * Nobody declares a node failed by its own count unless a majority of the masters that it knows took that node for failing
 * lately. (Who only repeats what another has declared is not counting.)
 */
export class FailNeedsMajority implements Checker {
  /** `observer about` -> when that opinion ended; Infinity: it still holds. */
  readonly #opinions = new Map<string, number>();
  readonly #masters = new WeakMap<SlotMap<NodeId>, Set<NodeId>>();

  event(sim: ClusterSim, node: SimNode, event: { name: string; about: NodeId | undefined; text: string }): void {
    const me = node.core?.config.myId;
    const { about } = event;
    if (me === undefined || about === undefined) return;
    if (event.name === 'pfail') this.#opinions.set(`${me} ${about}`, Infinity);
    if (event.name === 'pfailCleared' || event.name === 'failCleared') {
      this.#opinions.set(`${me} ${about}`, sim.world.nowMs);
    }
    if (event.name === 'fail' && event.text.includes('are enough')) this.#count(sim, node, about);
  }

  #count(sim: ClusterSim, node: SimNode, about: NodeId): void {
    const { config } = node.core!;
    const masters = this.#mastersOf(config.slots);
    const validMs = 2 * sim.nodeTimeoutMs + onTheWayMs + this.#delayMs(sim);
    let count = 0;
    for (const id of masters) {
      const endedMs = this.#opinions.get(`${id} ${about}`);
      if (endedMs !== undefined && sim.world.nowMs - endedMs <= validMs) count++;
    }
    if (2 * count <= masters.size) {
      throw new CheckError(`${node.name} declared ${about} failed; only ${count} of ${masters.size} masters think so`);
    }
  }

  /** Nodes with slots, counted slot by slot; the same for the same map. */
  #mastersOf(slots: SlotMap<NodeId>): ReadonlySet<NodeId> {
    let masters = this.#masters.get(slots);
    if (masters === undefined) {
      masters = new Set();
      for (let slot = 0; slot < 16_384; slot++) {
        const owner = slots.ownerOf(slot);
        if (owner !== undefined) masters.add(owner);
      }
      this.#masters.set(slots, masters);
    }
    return masters;
  }

  /** A report may have waited in a cut connection for as long as TCP keeps it: until the link was replaced. */
  #delayMs(sim: ClusterSim): number {
    return Math.max(sim.nodeTimeoutMs, 1_000);
  }
}
