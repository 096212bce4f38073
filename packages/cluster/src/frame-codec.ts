import { Packr } from 'msgpackr';
import { SLOT_COUNT, type SlotRange, type SlotRanges } from '@kvartz/router';
import { FrameError } from './frame-error.ts';
import {
  type Claim,
  type Fail,
  type GossipEntry,
  type Heartbeat,
  idsMax,
  type Message,
  MessageKind,
  type Publish,
  type Report,
  type Update,
} from './messages.ts';
import { checkShape } from './msgpack-shape.ts';
import { channelBytesMax, publishedBytesMax } from './publications.ts';
import { bytesOfNodeId, type NodeId, nodeIdBytes, nodeIdOf } from './node-id.ts';

/**
 * Messages as msgpack arrays: [kind, from, fields in the order written below]. Fields are appended, never moved: a
 * reader takes what it knows and ignores what comes after it.
 */
const packr = new Packr({ useRecords: false, variableMapSize: true });

export function encodeMessage(message: Message): Uint8Array {
  return packr.pack(toFields(message));
}

/** Throws a FrameError, and nothing else, whatever the bytes are. */
export function decodeMessage(body: Uint8Array): Message {
  checkShape(body);
  const fields = new Fields(unpack(body), 'message');
  const kind = fields.count('kind', 255);
  const from = fields.id('from');
  switch (kind) {
    case MessageKind.ping:
      return readHeartbeat('ping', from, fields);
    case MessageKind.pong:
      return readHeartbeat('pong', from, fields);
    case MessageKind.meet:
      return readHeartbeat('meet', from, fields);
    case MessageKind.claim:
      return readClaim(from, fields);
    case MessageKind.update:
      return readUpdate(from, fields);
    case MessageKind.fail:
      return { kind: 'fail', from, about: fields.id('about') } satisfies Fail;
    case MessageKind.report:
      return { kind: 'report', from, down: fields.ids('down'), up: fields.ids('up') } satisfies Report;
    case MessageKind.publish:
      return readPublish(from, fields);
    default:
      throw new FrameError(`unknown kind of message ${kind}`);
  }
}

function unpack(body: Uint8Array): unknown {
  try {
    return packr.unpack(body);
  } catch (error) {
    throw new FrameError('not msgpack', { cause: error });
  }
}

function toFields(message: Message): unknown[] {
  const head = [MessageKind[message.kind], bytesOfNodeId(message.from)];
  switch (message.kind) {
    case 'ping':
    case 'pong':
    case 'meet':
      return [...head, ...heartbeatFields(message)];
    case 'claim': {
      const { version, configEpoch, shardId, hostname, slots } = message;
      return [...head, version, configEpoch, optionalId(shardId), hostname, flatRanges(slots)];
    }
    case 'update':
      return [...head, bytesOfNodeId(message.about), message.configEpoch, flatRanges(message.slots)];
    case 'fail':
      return [...head, bytesOfNodeId(message.about)];
    case 'report':
      return [...head, message.down.map(bytesOfNodeId), message.up.map(bytesOfNodeId)];
    case 'publish': {
      const { channel, isSharded, totalBytes, offset, piece } = message;
      return [...head, channel, isSharded, totalBytes, offset, piece];
    }
  }
}

function heartbeatFields(m: Heartbeat): unknown[] {
  return [
    m.host,
    m.port,
    m.busPort,
    optionalId(m.masterId),
    m.currentEpoch,
    m.configEpoch,
    m.replOffset,
    m.isStateOk,
    m.claimVersion,
    m.knownClaim,
    m.token,
    m.membersDigest,
    m.gossip.map((g) => [bytesOfNodeId(g.id), g.host, g.port, g.busPort, g.flags]),
  ];
}

function readHeartbeat(kind: Heartbeat['kind'], from: NodeId, fields: Fields): Heartbeat {
  return {
    kind,
    from,
    host: fields.text('host'),
    port: fields.port('port'),
    busPort: fields.port('busPort'),
    masterId: fields.optionalId('masterId'),
    currentEpoch: fields.count('currentEpoch', epochMax),
    configEpoch: fields.count('configEpoch', epochMax),
    replOffset: fields.count('replOffset', Number.MAX_SAFE_INTEGER),
    isStateOk: fields.flag('isStateOk'),
    claimVersion: fields.count('claimVersion', Number.MAX_SAFE_INTEGER),
    knownClaim: fields.count('knownClaim', Number.MAX_SAFE_INTEGER),
    token: fields.count('token', Number.MAX_SAFE_INTEGER),
    membersDigest: fields.count('membersDigest', 0xffff_ffff),
    gossip: fields.list('gossip', gossipMax).map(readGossip),
  };
}

function readGossip(value: unknown): GossipEntry {
  const fields = new Fields(value, 'gossip entry');
  return {
    id: fields.id('id'),
    host: fields.text('host'),
    port: fields.port('port'),
    busPort: fields.port('busPort'),
    flags: fields.count('flags', 0xffff),
  };
}

function readClaim(from: NodeId, fields: Fields): Claim {
  return {
    kind: 'claim',
    from,
    version: fields.count('version', Number.MAX_SAFE_INTEGER),
    configEpoch: fields.count('configEpoch', epochMax),
    shardId: fields.optionalId('shardId') ?? '',
    hostname: fields.text('hostname'),
    slots: fields.slots('slots'),
  };
}

function readUpdate(from: NodeId, fields: Fields): Update {
  return {
    kind: 'update',
    from,
    about: fields.id('about'),
    configEpoch: fields.count('configEpoch', epochMax),
    slots: fields.slots('slots'),
  };
}

function readPublish(from: NodeId, fields: Fields): Publish {
  const channel = fields.bytes('channel', channelBytesMax);
  const isSharded = fields.flag('isSharded');
  const totalBytes = fields.count('totalBytes', publishedBytesMax);
  const offset = fields.count('offset', totalBytes);
  return {
    kind: 'publish',
    from,
    channel,
    isSharded,
    totalBytes,
    offset,
    piece: fields.bytes('piece', totalBytes - offset),
  };
}

/** An epoch that no cluster reaches by counting: a peer that names a greater one would leave no room to count on. */
const epochMax = 2 ** 48;
/** Entries of gossip in one heartbeat; we send at most some forty. */
const gossipMax = 1_000;
/** Characters of a host name (RFC 1035) or address. */
const textMax = 255;

function optionalId(id: NodeId | undefined): Uint8Array | null {
  return id === undefined || id === '' ? null : bytesOfNodeId(id);
}

function flatRanges(ranges: SlotRanges): number[] {
  const flat: number[] = [];
  for (const { first, last } of ranges) flat.push(first, last);
  return flat;
}

function isSlotFrom(value: unknown, min: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value < SLOT_COUNT;
}

/** The fields of one array, taken in order; every wrong one is refused with its name. */
class Fields {
  readonly #values: readonly unknown[];
  readonly #what: string;
  #at = 0;

  constructor(value: unknown, what: string) {
    if (!Array.isArray(value)) throw new FrameError(`the ${what} is not an array`);
    this.#values = value;
    this.#what = what;
  }

  count(name: string, max: number): number {
    const value = this.#next(name);
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value;
    throw this.#wrong(name, `an integer from 0 to ${max}`, value);
  }

  port(name: string): number {
    const port = this.count(name, 65_535);
    if (port > 0) return port;
    throw this.#wrong(name, 'a port', port);
  }

  flag(name: string): boolean {
    const value = this.#next(name);
    if (typeof value === 'boolean') return value;
    throw this.#wrong(name, 'a boolean', value);
  }

  /** Printable ASCII without spaces, for these texts end up in CLUSTER NODES and nodes.conf. */
  text(name: string): string {
    const value = this.#next(name);
    if (typeof value === 'string' && value.length <= textMax && /^[!-+\--~]*$/.test(value)) return value;
    throw this.#wrong(name, `at most ${textMax} printable characters without spaces and commas`, value);
  }

  /** A copy: the frame's memory is used again. */
  bytes(name: string, max: number): Uint8Array {
    const value = this.#next(name);
    if (value instanceof Uint8Array && value.length <= max) return Uint8Array.from(value);
    throw this.#wrong(name, `at most ${max} bytes`, value);
  }

  id(name: string): NodeId {
    return this.#idOf(name, this.#next(name));
  }

  ids(name: string): NodeId[] {
    return this.list(name, idsMax).map((value) => this.#idOf(name, value));
  }

  #idOf(name: string, value: unknown): NodeId {
    if (value instanceof Uint8Array && value.length === nodeIdBytes) return nodeIdOf(value);
    throw this.#wrong(name, `${nodeIdBytes} bytes`, value);
  }

  optionalId(name: string): NodeId | undefined {
    if (this.#values[this.#at] !== null) return this.id(name);
    this.#at++;
    return undefined;
  }

  list(name: string, max: number): unknown[] {
    const value = this.#next(name);
    if (Array.isArray(value) && value.length <= max) return value;
    throw this.#wrong(name, `an array of at most ${max}`, value);
  }

  /** `[first, last, first, last, ...]`, ascending, with a gap between ranges. */
  slots(name: string): SlotRanges {
    const numbers = this.list(name, SLOT_COUNT);
    const ranges: SlotRange[] = [];
    let free = 0;
    for (let i = 0; i < numbers.length; i += 2) {
      const [first, last] = [numbers[i], numbers[i + 1]];
      if (!isSlotFrom(first, free) || !isSlotFrom(last, first)) {
        throw new FrameError(`${this.#what}: ${name} are not ascending ranges of slots`);
      }
      ranges.push({ first, last });
      free = last + 2;
    }
    return ranges;
  }

  #next(name: string): unknown {
    if (this.#at >= this.#values.length) throw new FrameError(`${this.#what}: ${name} is missing`);
    return this.#values[this.#at++];
  }

  #wrong(name: string, expected: string, found: unknown): FrameError {
    const shown = found === null ? 'null' : typeof found === 'number' ? `${found}` : typeof found;
    return new FrameError(`${this.#what}: ${name} is ${shown}, expected ${expected}`);
  }
}
