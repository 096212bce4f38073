import type { Message, NodeId } from '@kvartz/cluster';
import type { ClusterSim } from '../cluster-sim.ts';
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
  readonly #seen = new WeakMap<object, Epochs & { lastVoteEpoch: number }>();

  message(_sim: ClusterSim, _to: unknown, message: Message): void {
    if (message.kind !== 'ping' && message.kind !== 'pong' && message.kind !== 'meet') return;
    const heard = this.#heard.get(message.from) ?? { currentEpoch: 0, configEpoch: 0 };
    heard.currentEpoch = Math.max(heard.currentEpoch, message.currentEpoch);
    heard.configEpoch = Math.max(heard.configEpoch, message.configEpoch);
    this.#heard.set(message.from, heard);
  }

  look(sim: ClusterSim): void {
    for (const { name, core } of sim.nodes) {
      if (core === undefined) continue;
      const { currentEpoch, lastVoteEpoch, me } = core.config;
      const heard = this.#heard.get(me.id);
      if (heard !== undefined && (heard.currentEpoch > currentEpoch || heard.configEpoch > me.configEpoch)) {
        throw new CheckError(
          `${name} (${me.id}) has currentEpoch ${currentEpoch} and configEpoch ${me.configEpoch}, ` +
            `but others have heard ${heard.currentEpoch} and ${heard.configEpoch} from it`,
        );
      }
      const seen = this.#seen.get(core) ?? { currentEpoch: 0, configEpoch: 0, lastVoteEpoch: 0 };
      if (seen.currentEpoch > currentEpoch || seen.configEpoch > me.configEpoch || seen.lastVoteEpoch > lastVoteEpoch) {
        throw new CheckError(`an epoch of ${name} (${me.id}) went back: ${JSON.stringify(seen)} before`);
      }
      if (currentEpoch < me.configEpoch) throw new CheckError(`${name}: configEpoch is ahead of currentEpoch`);
      this.#seen.set(core, { currentEpoch, configEpoch: me.configEpoch, lastVoteEpoch });
    }
  }
}
