import { Prng } from '@kvartz/base';
import { ClusterConfig, makeNodeId, type NodeId, type NodeRecord } from '@kvartz/cluster';
import { SLOT_COUNT, SlotMap, type SlotRange } from '@kvartz/router';
import type { Checker } from './checkers/checker.ts';
import { CoreWorld } from './core-world.ts';
import { ShellWorld } from './shell-world.ts';
import { simBusPort, type SimNode, simPort, type SimWatcher, type SimWorld } from './sim-world.ts';

export interface ClusterSimOptions {
  /** Decides everything that chance decides. Any safe integer. */
  readonly seed: number;
  readonly nodes: number;
  /** The first so many nodes own slots; by default all do. */
  readonly masters?: number;
  /** `core`: the state machines alone; `shell`: with the shipping bus, bytes and disks. */
  readonly world?: 'core' | 'shell';
  readonly nodeTimeoutMs?: number;
  readonly requireFullCoverage?: boolean;
  /** The cluster-secret; for the shell only. */
  readonly secret?: Uint8Array;
  readonly checkers?: readonly Checker[];
  /** Gets a line for everything that the nodes decide and the simulation does. */
  readonly trace?: (line: string) => void;
}

/** How often the checkers look. */
const lookEveryMs = 50;

/**
 * A cluster on virtual time, from a seed: the same seed gives the same run, message by message.
 *
 *   const sim = new ClusterSim({ seed, nodes: 50, checkers: allCheckers() });
 *   await sim.create();
 *   sim.world.cut([sim.nodes[0]], sim.nodes.slice(1), false);
 *   await sim.run(20_000);
 */
export class ClusterSim {
  readonly seed: number;
  readonly world: SimWorld;
  readonly nodeTimeoutMs: number;
  /** For what simulated people and faults do. */
  readonly random: Prng;
  readonly #checkers: readonly Checker[];
  readonly #masters: number;
  readonly #trace: ((line: string) => void) | undefined;

  constructor(options: ClusterSimOptions) {
    const { seed, nodes, masters = nodes, nodeTimeoutMs = 2_000, requireFullCoverage = true, secret } = options;
    this.seed = seed;
    this.nodeTimeoutMs = nodeTimeoutMs;
    this.random = new Prng(seed).fork();
    this.#masters = masters;
    this.#checkers = options.checkers ?? [];
    this.#trace = options.trace;
    const watcher: SimWatcher = {
      started: (node) => {
        for (const checker of this.#checkers) checker.started?.(this, node);
      },
      event: (node, event) => {
        this.note(`${node.name} ${event.text}`);
        for (const checker of this.#checkers) checker.event?.(this, node, event);
      },
      message: (to, message) => {
        for (const checker of this.#checkers) checker.message?.(this, to, message);
      },
    };
    const worldOptions = { seed, nodes, nodeTimeoutMs, requireFullCoverage, watcher };
    this.world = options.world === 'shell' ? new ShellWorld({ ...worldOptions, secret }) : new CoreWorld(worldOptions);
  }

  get nodes(): readonly SimNode[] {
    return this.world.nodes;
  }

  /** Starts all nodes, gives each master its share of the slots, and lets them meet, as `redis-cli --cluster create`. */
  async create({ limitMs = 60_000 } = {}): Promise<void> {
    await this.world.complete(Promise.all(this.nodes.map((node) => node.start())));
    for (const [i, node] of this.nodes.entries()) {
      node.command({ name: 'setConfigEpoch', epoch: i + 1 });
      if (i < this.#masters) node.command({ name: 'addSlots', slots: slotsBetween(this.shareOf(i)) });
    }
    for (const node of this.nodes.slice(1)) {
      node.command({ name: 'meet', host: this.nodes[0].host, port: simPort, busPort: simBusPort });
    }
    await this.runUntil(() => this.isConverged(), { limitMs });
    this.note('created');
  }

  /**
   * The same cluster without its history: every node finds a nodes.conf that names all others. For large clusters, whose
   * nodes take a long time to get to know one another two by two.
   */
  async form({ limitMs = 60_000 } = {}): Promise<void> {
    const ids = this.nodes.map(() => makeNodeId(this.random));
    const records = this.nodes.map(({ host }, i): NodeRecord => {
      return {
        id: ids[i],
        host,
        port: simPort,
        busPort: simBusPort,
        hostname: '',
        shardId: ids[i],
        masterId: undefined,
        configEpoch: i + 1,
        health: 'ok',
        hasNoAddress: false,
      };
    });
    const nodes = new Map(records.map((record) => [record.id, record]));
    let slots = SlotMap.empty<NodeId>();
    for (let i = 0; i < this.#masters; i++) slots = slots.withOwner([this.shareOf(i)], ids[i]);
    const [currentEpoch, none] = [ids.length, new Map<number, NodeId>()];
    await this.world.complete(
      Promise.all(
        this.nodes.map(async (node, i) => {
          const rest = { currentEpoch, lastVoteEpoch: 0, nodes, slots, migrating: none, importing: none };
          await node.install(new ClusterConfig({ myId: ids[i], ...rest }));
          await node.start();
        }),
      ),
    );
    await this.runUntil(() => this.isConverged(), { limitMs });
    this.note('formed');
  }

  /** The slots that `create` gives to a master. */
  shareOf(index: number): SlotRange {
    const first = Math.floor((index * SLOT_COUNT) / this.#masters);
    return { first, last: Math.floor(((index + 1) * SLOT_COUNT) / this.#masters) - 1 };
  }

  /** Every node runs, knows all others, sees them well, and says the same of slots, epochs and state. */
  isConverged(): boolean {
    const first = this.nodes[0].core?.config;
    if (first === undefined) return false;
    return this.nodes.every(({ core, isPaused }) => {
      if (core === undefined || isPaused || core.clusterState !== 'ok') return false;
      const { config } = core;
      if (config.nodes.size !== this.nodes.length || config.currentEpoch !== first.currentEpoch) return false;
      for (const node of config.nodes.values()) {
        if (node.health !== 'ok' || node.configEpoch !== first.nodes.get(node.id)?.configEpoch) return false;
      }
      return config.slots.equals(first.slots);
    });
  }

  async run(ms: number): Promise<void> {
    const endMs = this.world.nowMs + ms;
    while (this.world.nowMs < endMs) {
      await this.world.run(Math.min(lookEveryMs, endMs - this.world.nowMs));
      for (const checker of this.#checkers) checker.look?.(this);
    }
  }

  /** Throws when it takes longer than the limit. */
  async runUntil(isDone: () => boolean, { limitMs }: { readonly limitMs: number }): Promise<void> {
    const endMs = this.world.nowMs + limitMs;
    while (!isDone()) {
      if (this.world.nowMs >= endMs) {
        throw new Error(`not reached within ${limitMs} ms of virtual time: ${isDone}\n${this.describe()}`);
      }
      await this.run(lookEveryMs);
    }
  }

  /** Asks all checkers for their last word: the faults are over and the cluster has had its time. */
  checkEnd(): void {
    for (const checker of this.#checkers) checker.end?.(this);
  }

  /** The state of all nodes, for the message of a failure. */
  describe(): string {
    const lines = this.nodes.map(({ name, host, core }) => {
      if (core === undefined) return `${name} ${host} down`;
      const { config } = core;
      const sick = [...config.nodes.values()].filter(({ health }) => health !== 'ok').length;
      return (
        `${name} ${host} ${core.clusterState} (${core.clusterStateReason}) knows ${config.nodes.size}, ` +
        `${sick} not ok; currentEpoch ${config.currentEpoch}, own ${config.me.configEpoch}, ` +
        `${config.slots.slotCountOf(config.myId)} of ${config.slots.assignedCount} slots`
      );
    });
    return `seed ${this.seed}, at ${Math.round(this.world.nowMs)} ms\n${lines.join('\n')}`;
  }

  /** A line in the trace. */
  note(text: string): void {
    this.#trace?.(`${this.world.nowMs.toFixed(1).padStart(10)} ${text}`);
  }
}

function slotsBetween({ first, last }: SlotRange): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
