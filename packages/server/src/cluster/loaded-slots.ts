import type { Keyspace } from '@kvartz/engine';
import type { Log } from '../log.ts';
import type { ClusterBus } from './cluster-bus.ts';

const slotCount = 16_384;

/**
 * Makes nodes.conf agree with keys that were loaded, as Redis 7.0 does: a slot that nobody serves is taken, and one of somebody else is
 * imported, so that its keys are kept and nobody finds them by mistake. Resolves when nodes.conf is saved.
 */
export async function agreeWithData(bus: ClusterBus, database: Keyspace, log: Log): Promise<void> {
  if (bus.config.me.masterId !== undefined) return;
  const saved: Promise<void>[] = [];
  const perform = (command: Parameters<ClusterBus['command']>[0]): void => {
    const result = bus.command(command);
    if (result.error !== undefined) log.warning(result.error);
    else saved.push(result.isSaved);
  };
  const taken: number[] = [];
  for (let slot = 0; slot < slotCount; slot++) {
    if (database.slotCount(slot) === 0 || bus.config.importing.has(slot)) continue;
    const owner = bus.config.ownerOf(slot)?.id;
    if (owner === bus.config.myId) continue;
    if (owner === undefined) {
      log.warning(`I have keys for unassigned slot ${slot}. Taking responsibility for it.`);
      taken.push(slot);
    } else {
      log.warning(
        `I have keys for slot ${slot}, but the slot is assigned to another node. Setting it to importing state.`,
      );
      perform({ name: 'setSlotImporting', slot, id: owner });
    }
  }
  if (taken.length > 0) perform({ name: 'addSlots', slots: taken });
  await Promise.all(saved);
}
