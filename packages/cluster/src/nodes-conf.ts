import { SLOT_COUNT, SlotMap, type SlotRange } from '@kvartz/router';
import { ClusterConfig, type NodeRecord } from './cluster-config.ts';
import { isNodeId, type NodeId } from './node-id.ts';
import { formatNodeLine, slotTextsOf } from './node-line.ts';

/** nodes.conf cannot be read; the message names the line and what is wrong with it. */
export class NodesConfError extends Error {
  override readonly name = 'NodesConfError';
  readonly code = 'ERR_NODES_CONF';
  /** From 1; 0: the file as a whole. */
  readonly line: number;

  constructor(line: number, what: string) {
    super(line === 0 ? what : `line ${line}: ${what}`);
    this.line = line;
  }
}

/**
 * The file in which a node keeps who it is and what it knows of the cluster, in the format of Redis: the lines of
 * CLUSTER NODES, then `vars currentEpoch N lastVoteEpoch N`. Redis reads ours, and we read Redis's.
 */
export function formatNodesConf(config: ClusterConfig): string {
  const facts = { pingSentMs: 0, pongReceivedMs: 0, isConnected: true };
  const slotTexts = slotTextsOf(config);
  let text = '';
  for (const node of config.nodes.values()) {
    const aux = node.shardId === '' ? '' : `shard-id=${node.shardId}`;
    text += `${formatNodeLine(config, slotTexts, node, facts, aux)}\n`;
  }
  return `${text}vars currentEpoch ${config.currentEpoch} lastVoteEpoch ${config.lastVoteEpoch}\n`;
}

/** Throws a NodesConfError. */
export function parseNodesConf(text: string): ClusterConfig {
  const draft = new Draft();
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/);
    if (words[0] === '') continue;
    if (words[0].toLowerCase() === 'vars') draft.vars(words, index + 1);
    else draft.node(words, index + 1);
  }
  return draft.finish();
}

/** What has been read so far. */
class Draft {
  readonly #nodes = new Map<NodeId, NodeRecord>();
  readonly #slots = new Map<NodeId, SlotRange[]>();
  readonly #migrating = new Map<number, NodeId>();
  readonly #importing = new Map<number, NodeId>();
  #myId: NodeId | undefined;
  #currentEpoch = 0;
  #lastVoteEpoch = 0;

  vars(words: readonly string[], line: number): void {
    for (let i = 1; i < words.length; i += 2) {
      // Unknown ones are left alone, as by Redis.
      if (words[i] === 'currentEpoch') this.#currentEpoch = parseEpoch(words[i + 1], 'currentEpoch', line);
      else if (words[i] === 'lastVoteEpoch') this.#lastVoteEpoch = parseEpoch(words[i + 1], 'lastVoteEpoch', line);
    }
  }

  node(words: readonly string[], line: number): void {
    if (words.length < 8) throw new NodesConfError(line, `${words.length} words, a node has at least 8`);
    const [id, address, flagsText, master, , , epoch] = words;
    if (!isNodeId(id)) throw new NodesConfError(line, `'${id}' is no node id (40 lower-case hex digits)`);
    if (this.#nodes.has(id)) throw new NodesConfError(line, `node ${id} for the second time`);
    if (master !== '-' && !isNodeId(master)) throw new NodesConfError(line, `'${master}' is no id of a master`);
    const flags = parseFlags(flagsText, line);
    if (flags.has('handshake')) return;
    this.#nodes.set(id, {
      id,
      ...parseAddress(address, line),
      masterId: master === '-' ? undefined : master,
      configEpoch: parseEpoch(epoch, 'config epoch', line),
      // A suspicion of before the restart is worth nothing now; a failure that the masters agreed on is.
      health: flags.has('fail') ? 'fail' : 'ok',
      hasNoAddress: flags.has('noaddr'),
    });
    if (flags.has('myself')) {
      if (this.#myId !== undefined) throw new NodesConfError(line, `a second node is 'myself', after ${this.#myId}`);
      this.#myId = id;
    }
    this.#slots.set(id, this.#parseSlots(words.slice(8), flags.has('myself'), line));
  }

  #parseSlots(words: readonly string[], isMe: boolean, line: number): SlotRange[] {
    const ranges: SlotRange[] = [];
    for (const word of words) {
      const move = /^\[(\d{1,5})-([<>])-([0-9a-f]{40})\]$/.exec(word);
      if (move !== null && isMe) {
        const moves = move[2] === '>' ? this.#migrating : this.#importing;
        moves.set(parseSlot(move[1], word, line), move[3]);
        continue;
      }
      const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word);
      if (range === null) throw new NodesConfError(line, `'${word}' is no slot, range of slots or move of a slot`);
      const first = parseSlot(range[1], word, line);
      const last = parseSlot(range[2] ?? range[1], word, line);
      if (first > last) throw new NodesConfError(line, `the range of slots '${word}' ends before it starts`);
      ranges.push({ first, last });
    }
    return ranges;
  }

  finish(): ClusterConfig {
    if (this.#myId === undefined) throw new NodesConfError(0, "no line has the flag 'myself'");
    let slots = SlotMap.empty<NodeId>();
    for (const [id, ranges] of this.#slots) {
      if (ranges.length > 0 && this.#nodes.get(id)!.masterId === undefined) slots = slots.withOwner(ranges, id);
    }
    const isMine = (slot: number): boolean => slots.ownerOf(slot) === this.#myId;
    let currentEpoch = this.#currentEpoch;
    // Never so but in a file that somebody has edited.
    for (const { configEpoch } of this.#nodes.values()) currentEpoch = Math.max(currentEpoch, configEpoch);
    return new ClusterConfig({
      myId: this.#myId,
      currentEpoch,
      lastVoteEpoch: this.#lastVoteEpoch,
      nodes: this.#nodes,
      slots,
      migrating: new Map([...this.#migrating].filter(([slot, id]) => isMine(slot) && this.#nodes.has(id))),
      importing: new Map([...this.#importing].filter(([, id]) => this.#nodes.has(id))),
    });
  }
}

type Address = Pick<NodeRecord, 'host' | 'port' | 'busPort' | 'hostname' | 'shardId'>;

/** `ip:port[@cport][,hostname[,name=value...]]`; the ip may have colons of its own, or be missing. */
function parseAddress(text: string, line: number): Address {
  const [place, hostname = '', ...aux] = text.split(',');
  const match = /^(.*):(\d{1,5})(?:@(\d{1,5}))?$/.exec(place);
  if (match === null) throw new NodesConfError(line, `'${place}' is no address (ip:port@cport)`);
  const port = Number(match[2]);
  const busPort = match[3] === undefined ? port + 10_000 : Number(match[3]);
  if (port > 65_535 || busPort > 65_535) throw new NodesConfError(line, `a port of '${place}' is beyond 65535`);
  const shardId = aux.find((one) => one.startsWith('shard-id='))?.slice('shard-id='.length) ?? '';
  return { host: match[1], port, busPort, hostname, shardId: isNodeId(shardId) ? shardId : '' };
}

const knownFlags = new Set([
  'myself',
  'master',
  'slave',
  'fail?',
  'fail',
  'handshake',
  'noaddr',
  'nofailover',
  'noflags',
]);

function parseFlags(text: string, line: number): Set<string> {
  const flags = new Set(text.split(','));
  for (const flag of flags) if (!knownFlags.has(flag)) throw new NodesConfError(line, `unknown flag '${flag}'`);
  return flags;
}

function parseEpoch(text: string | undefined, name: string, line: number): number {
  const epoch = /^\d+$/.test(text ?? '') ? Number(text) : NaN;
  if (Number.isSafeInteger(epoch)) return epoch;
  throw new NodesConfError(line, `${name} is '${text ?? ''}', expected an integer from 0`);
}

function parseSlot(text: string, word: string, line: number): number {
  const slot = Number(text);
  if (slot >= SLOT_COUNT) throw new NodesConfError(line, `'${word}' names a slot beyond ${SLOT_COUNT - 1}`);
  return slot;
}
