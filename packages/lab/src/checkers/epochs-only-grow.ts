import type { Message, NodeId } from '@kvartz/cluster';
import type { ClusterSim } from '../cluster-sim.ts';
import type { SimNode } from '../sim-world.ts';
import { type Checker, CheckError } from './checker.ts';

interface Epochs {
  currentEpoch: number;
  configEpoch: number;
}

/**
 * A node never goes back behind an epoch that anybody has heard from it, not even when it comes back from a crash or a loss
 * of power: that takes saving before sending. And while it runs, its epochs and the epoch of its last vote only grow.
 */
export class EpochsOnlyGrow implements Checker {
  readonly #heard = new Map<NodeId, Epochs>();
  /** Of each process. A hard reset makes a new node of it. */
  readonly #seen = new WeakMap<object, Epochs & { lastVoteEpoch: number; id: NodeId }>();

  message(_sim: ClusterSim, _to: unknown, message: Message): void {
    if (message.kind === 'update' || !('configEpoch' in message)) return;
    const heard = this.#heard.get(message.from) ?? { currentEpoch: 0, configEpoch: 0 };
    heard.configEpoch = Math.max(heard.configEpoch, message.configEpoch);
    if (message.kind !== 'claim') heard.currentEpoch = Math.max(heard.currentEpoch, message.currentEpoch);
    this.#heard.set(message.from, heard);
  }

  /** At the very start: a moment later others have told the node what it forgot. */
  started(_sim: ClusterSim, node: SimNode): void {
    this.#compare(node);
  }

  look(sim: ClusterSim): void {
    for (const node of sim.nodes) this.#compare(node);
  }

  #compare({ name, core }: SimNode): void {
    if (core === undefined) return;
    const { currentEpoch, lastVoteEpoch, me } = core.config;
    const heard = this.#heard.get(me.id);
    if (heard !== undefined && (heard.currentEpoch > currentEpoch || heard.configEpoch > me.configEpoch)) {
      throw new CheckError(
        `${name} (${me.id}) has currentEpoch ${currentEpoch} and configEpoch ${me.configEpoch}, ` +
          `but others have heard ${heard.currentEpoch} and ${heard.configEpoch} from it`,
      );
    }
    const seen = this.#seen.get(core);
    const isGoingBack =
      seen?.id === me.id &&
      (seen.currentEpoch > currentEpoch || seen.configEpoch > me.configEpoch || seen.lastVoteEpoch > lastVoteEpoch);
    if (isGoingBack) throw new CheckError(`an epoch of ${name} went back: ${JSON.stringify(seen)} before`);
    if (currentEpoch < me.configEpoch) throw new CheckError(`${name}: configEpoch is ahead of currentEpoch`);
    this.#seen.set(core, { id: me.id, currentEpoch, configEpoch: me.configEpoch, lastVoteEpoch });
  }
}
