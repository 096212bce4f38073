import { defineCommands } from '@kvartz/commands';
import type { ServerContext } from '../../context.ts';
import { asking, readonly, readwrite } from './connection.ts';
import { help } from './help.ts';
import { bumpEpoch, failover, forget, meet, replicate, reset, saveConfig, setConfigEpoch } from './membership.ts';
import { countFailureReports, info, links, myId, myShardId, nodes, replicas, shards, slots } from './nodes.ts';
import {
  addSlots,
  addSlotsRange,
  countKeysInSlot,
  delSlots,
  delSlotsRange,
  flushSlots,
  getKeysInSlot,
  keySlotOf,
  setSlot,
} from './slots.ts';

const perSlot = 'O(N) where N is the number of slots named';
const perNode = 'O(N) where N is the number of nodes';

/** CLUSTER and the commands by which a connection says how it wants to be redirected. */
export const clusterCommands = defineCommands<ServerContext>([
  {
    name: 'asking',
    summary: 'Lets the next command use a slot that is being imported.',
    complexity: 'O(1)',
    run: asking,
  },
  { name: 'readonly', summary: 'Lets a replica serve reads that may be stale.', complexity: 'O(1)', run: readonly },
  { name: 'readwrite', summary: 'Takes READONLY back.', complexity: 'O(1)', run: readwrite },
  { name: 'cluster', summary: 'Commands about the cluster.', complexity: 'Depends on subcommand.' },
  { name: 'cluster|addslots', summary: 'Gives slots without owner to this node.', complexity: perSlot, run: addSlots },
  {
    name: 'cluster|addslotsrange',
    summary: 'Gives ranges of slots without owner to this node.',
    complexity: perSlot,
    run: addSlotsRange,
  },
  { name: 'cluster|bumpepoch', summary: "Raises this node's config epoch.", complexity: 'O(1)', run: bumpEpoch },
  {
    name: 'cluster|count-failure-reports',
    summary: 'How many masters cannot reach a node.',
    complexity: 'O(N) where N is the number of reports',
    run: countFailureReports,
  },
  {
    name: 'cluster|countkeysinslot',
    summary: 'How many keys a slot has here.',
    complexity: 'O(1)',
    run: countKeysInSlot,
  },
  { name: 'cluster|delslots', summary: 'Leaves slots without owner.', complexity: perSlot, run: delSlots },
  {
    name: 'cluster|delslotsrange',
    summary: 'Leaves ranges of slots without owner.',
    complexity: perSlot,
    run: delSlotsRange,
  },
  {
    name: 'cluster|failover',
    summary: 'Makes a replica take over from its master.',
    complexity: 'O(1)',
    run: failover,
  },
  {
    name: 'cluster|flushslots',
    summary: 'Leaves all slots of this node without owner.',
    complexity: 'O(1)',
    run: flushSlots,
  },
  { name: 'cluster|forget', summary: 'Removes a node from the list of nodes.', complexity: 'O(1)', run: forget },
  {
    name: 'cluster|getkeysinslot',
    summary: 'Names of keys of a slot.',
    complexity: 'O(N) where N is the number of keys asked for',
    run: getKeysInSlot,
  },
  { name: 'cluster|help', summary: 'Tells about the subcommands.', complexity: 'O(1)', run: help },
  { name: 'cluster|info', summary: 'State of the cluster as this node sees it.', complexity: 'O(1)', run: info },
  {
    name: 'cluster|keyslot',
    summary: 'The slot of a key.',
    complexity: 'O(N) where N is the length of the key',
    run: keySlotOf,
  },
  {
    name: 'cluster|links',
    summary: 'The connections between this node and the others.',
    complexity: perNode,
    run: links,
  },
  { name: 'cluster|meet', summary: 'Makes two nodes know each other.', complexity: 'O(1)', run: meet },
  { name: 'cluster|myid', summary: 'The id of this node.', complexity: 'O(1)', run: myId },
  { name: 'cluster|myshardid', summary: "The id of this node's shard.", complexity: 'O(1)', run: myShardId },
  {
    name: 'cluster|nodes',
    summary: 'The cluster as this node sees it, a line for each node.',
    complexity: perNode,
    run: nodes,
  },
  { name: 'cluster|replicas', summary: 'The replicas of a master.', complexity: perNode, run: replicas },
  { name: 'cluster|replicate', summary: 'Makes this node a replica of a master.', complexity: 'O(1)', run: replicate },
  { name: 'cluster|reset', summary: 'Makes this node forget the cluster.', complexity: perNode, run: reset },
  { name: 'cluster|saveconfig', summary: 'Writes nodes.conf.', complexity: 'O(1)', run: saveConfig },
  {
    name: 'cluster|set-config-epoch',
    summary: 'Sets the config epoch of a node that is new.',
    complexity: 'O(1)',
    run: setConfigEpoch,
  },
  { name: 'cluster|setslot', summary: 'Assigns a slot, or begins or ends its move.', complexity: 'O(1)', run: setSlot },
  { name: 'cluster|shards', summary: 'Shards with their slots and nodes.', complexity: perNode, run: shards },
  { name: 'cluster|slaves', summary: 'The replicas of a master.', complexity: perNode, run: replicas },
  { name: 'cluster|slots', summary: 'Ranges of slots with their nodes.', complexity: perNode, run: slots },
]);
