import { textOf } from '@kvartz/base';
import { addressOf } from './redirection.ts';
import { SlotMap } from './slot-map.ts';
import { SLOT_COUNT } from './key-slot.ts';
import { normalizeSlotRanges, type SlotRange, type SlotRanges } from './slot-ranges.ts';

export interface TopologyNode {
  /** 40 hexadecimal digits. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/** One master with its replicas and its slots. */
export interface Shard {
  readonly ranges: SlotRanges;
  readonly master: TopologyNode;
  readonly replicas: readonly TopologyNode[];
}

/** A cluster as one of its nodes sees it. */
export interface Topology {
  readonly shards: readonly Shard[];
  /** Slot to the address (`host:port`) of its master. */
  readonly slots: SlotMap<string>;
}

/** A reply that does not look like CLUSTER SLOTS or CLUSTER SHARDS. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
  readonly code = 'ERR_TOPOLOGY';
}

/**
 * Parses the decoded reply of `CLUSTER SLOTS`: arrays of [first, last, master, ...replicas], nodes as [host, port, id].
 * Numbers may be numbers or bigints, texts strings or bytes. A null or empty host means the host that was asked.
 */
export function parseClusterSlots(reply: unknown, askedHost: string): Topology {
  const shards = new Map<string, { ranges: SlotRange[]; master: TopologyNode; replicas: TopologyNode[] }>();
  for (const [row, value] of listOf(reply, 'CLUSTER SLOTS').entries()) {
    const where = `CLUSTER SLOTS, row ${row}`;
    const [first, last, ...nodeValues] = listOf(value, where);
    const nodes = nodeValues
      .map((node) => listOf(node, where))
      .map(([host, port, id]) => ({
        id: id === undefined ? '' : stringOf(id, where),
        host: hostOf(host, askedHost, where),
        port: integerOf(port, where, 65_535),
      }))
      .filter((node) => node.host !== '?');
    if (nodes.length === 0) continue;
    const [master, ...replicas] = nodes;
    const address = addressOf(master);
    const shard = shards.get(address) ?? { ranges: [], master, replicas };
    shards.set(address, shard);
    shard.ranges.push(rangeOf(first, last, where));
  }
  return topologyOf([...shards.values()]);
}

/**
 * Parses the decoded reply of `CLUSTER SHARDS`: maps as flat arrays (RESP2), as Map or as plain objects. Nodes that are
 * not online are left out; a shard without a master that is online has no owner in `slots` and is left out too.
 */
export function parseClusterShards(reply: unknown, askedHost: string): Topology {
  const shards: { ranges: SlotRange[]; master: TopologyNode; replicas: TopologyNode[] }[] = [];
  for (const [row, value] of listOf(reply, 'CLUSTER SHARDS').entries()) {
    const where = `CLUSTER SHARDS, row ${row}`;
    const fields = fieldsOf(value, where);
    const bounds = listOf(fields.get('slots'), `${where}, slots`);
    const ranges: SlotRange[] = [];
    for (let i = 0; i < bounds.length; i += 2) ranges.push(rangeOf(bounds[i], bounds[i + 1], where));
    let master: TopologyNode | undefined;
    const replicas: TopologyNode[] = [];
    for (const nodeValue of listOf(fields.get('nodes'), `${where}, nodes`)) {
      const node = fieldsOf(nodeValue, `${where}, nodes`);
      if (node.has('health') && stringOf(node.get('health'), where) !== 'online') continue;
      const parsed = {
        id: stringOf(node.get('id'), where),
        host: hostOf(node.get('endpoint') ?? node.get('ip'), askedHost, where),
        port: integerOf(node.get('port') ?? node.get('tls-port'), where, 65_535),
      };
      if (parsed.host === '?') continue;
      if (stringOf(node.get('role'), where) === 'master') master = parsed;
      else replicas.push(parsed);
    }
    if (master !== undefined) shards.push({ ranges, master, replicas });
  }
  return topologyOf(shards);
}

function topologyOf(
  parsed: readonly { ranges: SlotRange[]; master: TopologyNode; replicas: TopologyNode[] }[],
): Topology {
  let slots = SlotMap.empty<string>();
  const shards = parsed.map((shard) => ({ ...shard, ranges: normalizeSlotRanges(shard.ranges) }));
  for (const { ranges, master } of shards) slots = slots.withOwner(ranges, addressOf(master));
  return { shards, slots };
}

function listOf(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new TopologyError(`${where}: expected an array, found ${describe(value)}`);
}

/** A map, whichever way the client's decoder shows it. */
function fieldsOf(value: unknown, where: string): Map<string, unknown> {
  const pairs: [unknown, unknown][] = [];
  if (Array.isArray(value)) for (let i = 0; i + 1 < value.length; i += 2) pairs.push([value[i], value[i + 1]]);
  else if (value instanceof Map) pairs.push(...(value as Map<unknown, unknown>));
  else if (typeof value === 'object' && value !== null) pairs.push(...Object.entries(value));
  else throw new TopologyError(`${where}: expected a map, found ${describe(value)}`);
  return new Map(pairs.map(([name, field]) => [stringOf(name, where), field]));
}

function stringOf(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return textOf(value);
  throw new TopologyError(`${where}: expected a text, found ${describe(value)}`);
}

function hostOf(value: unknown, askedHost: string, where: string): string {
  if (value === null || value === undefined) return askedHost;
  return stringOf(value, where) || askedHost;
}

function integerOf(value: unknown, where: string, max: number): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= max) return number;
  throw new TopologyError(`${where}: expected an integer from 0 to ${max}, found ${describe(value)}`);
}

function rangeOf(first: unknown, last: unknown, where: string): SlotRange {
  const range = { first: integerOf(first, where, SLOT_COUNT - 1), last: integerOf(last, where, SLOT_COUNT - 1) };
  if (range.first <= range.last) return range;
  throw new TopologyError(`${where}: slots from ${range.first} down to ${range.last}`);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Error) return `the error '${value.message}'`;
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`;
}
