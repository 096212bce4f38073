import { CommandFlag, findKeys, KeyPositions } from '@kvartz/commands';
import { type CoreSettings, describeInfo, type LineFacts, type NodeId } from '@kvartz/cluster';
import { ByteBuffer, equalBytes, latin1Bytes } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { keySlot, type SlotRanges, slotsIn } from '@kvartz/router';
import type { Client } from '../client.ts';
import type { ClusterService } from '../cluster-service.ts';
import type { Kernel } from '../kernel.ts';
import type { ServerCommand } from '../table.ts';
import { ClusterBus } from './cluster-bus.ts';
import { agreeWithData } from './loaded-slots.ts';
import { CROSSSLOT, type KeyCount, NOT_SERVED, SlotGate, type SlotGatePolicy } from './slot-gate.ts';

/** Channels of sharded pub/sub have slots as keys do. */
const channelsToo = { includeNotKeys: true };

/** The cluster side of one server: bus, slot gate, and what the CLUSTER commands ask for. */
export class ClusterNode implements ClusterService {
  readonly #kernel: Kernel;
  #bus: ClusterBus | undefined;
  #gate: SlotGate | undefined;
  readonly #found = new KeyPositions();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Only after `start`; no command comes before it. */
  get bus(): ClusterBus {
    return this.#bus!;
  }

  infoText(): string {
    if (this.#bus === undefined) return '';
    const { core, overLimitCount } = this.#bus;
    return describeInfo(core.config, core.clusterState, core.stats, overLimitCount);
  }

  async start(): Promise<void> {
    const { env, log, config } = this.#kernel;
    this.#bus = await ClusterBus.start({
      env,
      log,
      settings: this.#settings(),
      bind: config.bind,
      listenPort: this.#listenPort(),
      secret: config.clusterSecret === '' ? undefined : latin1Bytes(config.clusterSecret),
      nodesConfPath: config.clusterConfigFile,
      onSlotsChanged: () => {
        this.#gate?.update();
        this.#kernel.blocking.slotsChanged();
        this.#dropShardChannels();
      },
      onPublished: (channel, payload, isSharded) => this.#published(channel, payload, isSharded),
      onSlotsLost: (slots) => this.#drop(slots),
    });
    this.#gate = new SlotGate(this.#bus);
    config.onChange((names) => {
      if (!names.some((name) => name.startsWith('cluster-'))) return undefined;
      try {
        this.bus.setSettings(this.#settings());
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    });
  }

  async stop(): Promise<void> {
    await this.#bus?.stop();
  }

  dataLoaded(): Promise<void> {
    const { databases, log } = this.#kernel;
    return agreeWithData(this.bus, databases[0], log);
  }

  #listenPort(): number {
    const { clusterPort, port } = this.#kernel.config;
    return clusterPort === 0 ? port + 10_000 : clusterPort;
  }

  #settings(): CoreSettings {
    const { config } = this.#kernel;
    return {
      host: config.clusterAnnounceIp,
      port: config.clusterAnnouncePort === 0 ? config.port : config.clusterAnnouncePort,
      busPort: config.clusterAnnounceBusPort === 0 ? this.#listenPort() : config.clusterAnnounceBusPort,
      hostname: config.clusterAnnounceHostname,
      nodeTimeoutMs: config.clusterNodeTimeoutMs,
      requireFullCoverage: config.clusterRequireFullCoverage,
    };
  }

  /** Others own these slots now; what we hold of them would only be found by mistake. */
  #drop(slots: SlotRanges): void {
    const kernel = this.#kernel;
    const [database] = kernel.databases;
    // A key may be half there; whose slots these are is asked when all is loaded.
    if (kernel.isLoading) return;
    let count = 0;
    for (const slot of slotsIn(slots)) {
      if (kernel.observers.isOn || kernel.effects.isOn) {
        database.forEachInSlot(slot, Infinity, (entry) => {
          const key = database.keyOf(entry);
          kernel.effects.recordDelete(0, key.buffer, key.start, key.end);
          if (kernel.observers.isOn) kernel.observers.left(key.buffer, key.start, key.end);
        });
        kernel.scheduleFlush();
      }
      count += database.dropSlot(slot);
    }
    if (count > 0) kernel.log.notice(`${count} keys dropped: their slots belong to another node now`);
  }

  /** Shard channels live with their slot: subscribers are told to look for them where that is now. */
  #dropShardChannels(): void {
    const gate = this.#gate;
    const { pubSub } = this.#kernel;
    if (gate === undefined || pubSub.shardChannelCount === 0) return;
    pubSub.dropShardChannels((name) => {
      const bytes = latin1Bytes(name);
      return this.bus.config.ownerOf(keySlot(bytes, 0, bytes.length))?.id !== this.bus.config.myId;
    });
    this.#kernel.scheduleFlush();
  }

  /** Times and link of a node, as its line in CLUSTER NODES shows them. */
  lineFacts(id: NodeId): LineFacts {
    const peer = this.bus.core.peer(id);
    if (peer === undefined) return { pingSentMs: 0, pongReceivedMs: 0, isConnected: true };
    const { clock } = this.#kernel.env;
    const wallOffsetMs = clock.wallMs() - clock.monotonicMs();
    const wallOf = (ms: number): number => (ms === -Infinity ? 0 : Math.round(ms + wallOffsetMs));
    return {
      pingSentMs: wallOf(peer.pingSentMs),
      pongReceivedMs: wallOf(peer.pongReceivedMs),
      isConnected: peer.isUp,
    };
  }

  admit(client: Client, command: ServerCommand, args: Args): string | undefined {
    if (command.name === 'exec') return this.#admitQueue(client);
    const found = this.#found;
    const count = findKeys(command.spec, args, found, channelsToo);
    if (count <= 0) return undefined;
    const { buffer, start, end } = args;
    const at = found.indexes[0];
    const slot = keySlot(buffer.u8, start[at], end[at]);
    const gate = this.#gate!;
    for (let i = 1; i < count; i++) {
      const next = found.indexes[i];
      if (keySlot(buffer.u8, start[next], end[next]) !== slot) {
        return gate.isUnassigned(slot) ? NOT_SERVED : CROSSSLOT;
      }
    }
    if (gate.isServed[slot] === 1) return undefined;
    return this.#redirect(client, slot, command.flags, [{ command, args }]);
  }

  publish(
    channel: ByteBuffer,
    cs: number,
    ce: number,
    payload: ByteBuffer,
    ps: number,
    pe: number,
    isSharded: boolean,
  ): void {
    this.bus.publish(channel.u8.slice(cs, ce), payload.u8.slice(ps, pe), isSharded);
  }

  /** Of another node's client, for the subscribers here. */
  #published(channel: Uint8Array, payload: Uint8Array, isSharded: boolean): void {
    const { pubSub } = this.#kernel;
    const [name, content] = [ByteBuffer.from(channel), ByteBuffer.from(payload)];
    if (isSharded) pubSub.publishSharded(name, 0, name.sizeBytes, content, 0, content.sizeBytes);
    else pubSub.publish(name, 0, name.sizeBytes, content, 0, content.sizeBytes);
    this.#kernel.scheduleFlush();
  }

  redirectBlocked(client: Client, command: ServerCommand, key: ByteBuffer): string | undefined {
    const slot = keySlot(key.u8, 0, key.sizeBytes);
    const gate = this.#gate!;
    if (gate.isServed[slot] === 1) return undefined;
    const isReadonly = client.isReadonly && (command.flags & CommandFlag.write) === 0;
    return gate.redirectBlocked(slot, isReadonly, this.#policy());
  }

  /** EXEC: all keys of all commands in the queue, as if they were one request. */
  #admitQueue(client: Client): string | undefined {
    const gate = this.#gate!;
    const queue = client.transaction?.queue ?? [];
    let slot = -1;
    let flags = 0;
    for (const { command, args } of queue) {
      flags |= command.flags;
      const count = findKeys(command.spec, args, this.#found, channelsToo);
      for (let i = 0; i < count; i++) {
        const at = this.#found.indexes[i];
        const next = keySlot(args.buffer.u8, args.start[at], args.end[at]);
        if (slot < 0) slot = next;
        else if (next !== slot) return gate.isUnassigned(slot) ? NOT_SERVED : CROSSSLOT;
      }
    }
    if (slot < 0 || gate.isServed[slot] === 1) return undefined;
    if (flags & CommandFlag.write) flags &= ~CommandFlag.readonly;
    // What holds for shard channels while the cluster is down does not hold inside a transaction.
    flags &= ~CommandFlag.pubsub;
    return this.#redirect(client, slot, flags, queue);
  }

  #redirect(client: Client, slot: number, flags: number, requests: readonly Request[]): string | undefined {
    return this.#gate!.redirect(
      {
        slot,
        isReadonlyClient: client.isReadonly,
        isAsking: client.isAsking || (flags & CommandFlag.asking) !== 0,
        isWrite: (flags & CommandFlag.write) !== 0,
        isReadonlyCommand: (flags & CommandFlag.readonly) !== 0,
        isShardChannel: (flags & CommandFlag.pubsub) !== 0,
        countKeys: () => this.#countKeys(requests),
      },
      this.#policy(),
    );
  }

  #policy(): SlotGatePolicy {
    const { config } = this.#kernel;
    return {
      allowReadsWhenDown: config.clusterAllowReadsWhenDown,
      allowShardChannelsWhenDown: config.clusterAllowPubsubshardWhenDown,
      endpointType: config.clusterPreferredEndpointType,
    };
  }

  #countKeys(requests: readonly Request[]): KeyCount {
    const count = { present: 0, missing: 0, hasSeveral: false };
    let first: { readonly args: Args; readonly at: number } | undefined;
    for (const { command, args } of requests) {
      const keys = findKeys(command.spec, args, this.#found);
      for (let i = 0; i < keys; i++) {
        const at = this.#found.indexes[i];
        first ??= { args, at };
        if (!isSameKey(first.args, first.at, args, at)) count.hasSeveral = true;
        if (this.#kernel.databases[0].peek(args.buffer, args.start[at], args.end[at]) === 0) count.missing++;
        else count.present++;
      }
    }
    return count;
  }
}

interface Request {
  readonly command: ServerCommand;
  readonly args: Args;
}

function isSameKey(a: Args, i: number, b: Args, j: number): boolean {
  return equalBytes(a.buffer, a.start[i], a.end[i], b.buffer, b.start[j], b.end[j]);
}
