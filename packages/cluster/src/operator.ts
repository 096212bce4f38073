import { slotRangesOf } from '@kvartz/router';
import type { ClusterConfig, NodeRecord } from './cluster-config.ts';
import type { OperatorCommand } from './effects.ts';
import type { NodeId } from './node-id.ts';
import { isIpAddress, isPort } from './settings.ts';

/** The command's outcome on the configuration, or why it is refused: the whole text of the reply, as Redis 7 gives it. */
export type Outcome =
  | { readonly config: ClusterConfig; readonly text?: string; readonly error?: undefined }
  | { readonly error: string };

/** The commands that change the configuration alone; MEET, FORGET and RESET, which touch links too, are the core's. */
export type ConfigCommand = Exclude<OperatorCommand, { name: 'meet' | 'forget' | 'reset' | 'saveConfig' }>;

export function applyCommand(config: ClusterConfig, command: ConfigCommand): Outcome {
  switch (command.name) {
    case 'addSlots':
      return changeSlots(config, command.slots, true);
    case 'delSlots':
      return changeSlots(config, command.slots, false);
    case 'flushSlots':
      return { config: config.withSlots(config.slots.rangesOf(config.myId), undefined) };
    case 'bumpEpoch':
      return { config: bumpEpoch(config) };
    case 'setConfigEpoch':
      return setConfigEpoch(config, command.epoch);
    case 'setSlotMigrating':
      return setSlotMigrating(config, command.slot, command.id);
    case 'setSlotImporting':
      return setSlotImporting(config, command.slot, command.id);
    case 'setSlotStable':
      if (config.me.masterId !== undefined) return { error: onlyMasters };
      return { config: config.withMigrating(command.slot, undefined).withImporting(command.slot, undefined) };
    case 'setSlotNode':
      return setSlotNode(config, command.slot, command.id, command.keysInSlot);
  }
}

const onlyMasters = 'ERR You can use SETSLOT only with masters.';
const notAMaster = 'ERR Target node is not a master';

function changeSlots(config: ClusterConfig, slots: readonly number[], isAdd: boolean): Outcome {
  const seen = new Set<number>();
  for (const slot of slots) {
    const isAssigned = config.slots.ownerOf(slot) !== undefined;
    if (isAdd && isAssigned) return { error: `ERR Slot ${slot} is already busy` };
    if (!isAdd && !isAssigned) return { error: `ERR Slot ${slot} is already unassigned` };
    if (seen.has(slot)) return { error: `ERR Slot ${slot} specified multiple times` };
    seen.add(slot);
  }
  let changed = config.withSlots(slotRangesOf(slots), isAdd ? config.myId : undefined);
  for (const slot of slots) if (isAdd && changed.importing.has(slot)) changed = changed.withImporting(slot, undefined);
  return { config: changed };
}

/** A greater epoch than anybody's, unless ours is that already. Without a vote: for operators only. */
function bumpEpoch(config: ClusterConfig): ClusterConfig {
  const mine = config.me.configEpoch;
  return mine !== 0 && mine === config.maxEpoch ? config : config.withNewEpochForMe();
}

function setConfigEpoch(config: ClusterConfig, epoch: number): Outcome {
  if (epoch < 0) return { error: `ERR Invalid config epoch specified: ${epoch}` };
  if (config.nodes.size > 1) {
    return { error: 'ERR The user can assign a config epoch only when the node does not know any other node.' };
  }
  if (config.me.configEpoch !== 0) return { error: 'ERR Node config epoch is already non-zero' };
  const changed = config.withNodeFields(config.myId, { configEpoch: epoch });
  return { config: changed.withCurrentEpoch(Math.max(epoch, config.currentEpoch)) };
}

function setSlotMigrating(config: ClusterConfig, slot: number, id: NodeId): Outcome {
  if (config.me.masterId !== undefined) return { error: onlyMasters };
  if (config.slots.ownerOf(slot) !== config.myId) return { error: `ERR I'm not the owner of hash slot ${slot}` };
  const target = config.nodes.get(id);
  if (target === undefined) return { error: `ERR I don't know about node ${id}` };
  if (target.masterId !== undefined) return { error: notAMaster };
  return { config: config.withMigrating(slot, id) };
}

function setSlotImporting(config: ClusterConfig, slot: number, id: NodeId): Outcome {
  if (config.me.masterId !== undefined) return { error: onlyMasters };
  if (config.slots.ownerOf(slot) === config.myId) return { error: `ERR I'm already the owner of hash slot ${slot}` };
  const source = config.nodes.get(id);
  if (source === undefined) return { error: `ERR I don't know about node ${id}` };
  if (source.masterId !== undefined) return { error: notAMaster };
  return { config: config.withImporting(slot, id) };
}

function setSlotNode(config: ClusterConfig, slot: number, id: NodeId, keysInSlot: number): Outcome {
  if (config.me.masterId !== undefined) return { error: onlyMasters };
  const target: NodeRecord | undefined = config.nodes.get(id);
  if (target === undefined) return { error: `ERR Unknown node ${id}` };
  if (target.masterId !== undefined) return { error: notAMaster };
  if (keysInSlot > 0 && id !== config.myId && config.slots.ownerOf(slot) === config.myId) {
    return {
      error: `ERR Can't assign hashslot ${slot} to a different node while I still hold keys for this hash slot.`,
    };
  }
  let changed = config;
  if (keysInSlot === 0 && changed.migrating.has(slot)) changed = changed.withMigrating(slot, undefined);
  changed = changed.withSlots([{ first: slot, last: slot }], id);
  if (id !== config.myId || !config.importing.has(slot)) return { config: changed };
  // The end of an import: with an epoch that nobody else has, this node's claim beats that of the old owner.
  changed = bumpEpoch(changed.withImporting(slot, undefined));
  return { config: changed, text: `slot ${slot} imported with configEpoch ${changed.me.configEpoch}` };
}

/** Checks MEET's address; undefined when it is one. */
export function meetError(host: string, port: number, busPort: number): string | undefined {
  const isRight = isIpAddress(host) && isPort(port) && isPort(busPort);
  return isRight ? undefined : `ERR Invalid node address specified: ${host}:${port}`;
}

/** Checks FORGET; undefined when the node may be forgotten. */
export function forgetError(config: ClusterConfig, id: NodeId): string | undefined {
  if (!config.nodes.has(id)) return `ERR Unknown node ${id}`;
  if (id === config.myId) return "ERR I tried hard but I can't forget myself...";
  if (config.me.masterId === id) return "ERR Can't forget my master!";
  return undefined;
}
