import { Prng } from '@kvartz/base';
import { Scheduler } from '@kvartz/base/virtual';
import {
  ClusterConfig,
  ClusterCore,
  type Effect,
  formatNodesConf,
  type Input,
  type LinkId,
  makeNodeId,
  type OperatorCommand,
  parseNodesConf,
  tickMs,
} from '@kvartz/cluster';
import { type CoreLink, MessageNetwork } from './message-network.ts';
import {
  type NetworkWeather,
  simBusPort,
  type SimNode,
  simPort,
  type SimWorld,
  type SimWorldOptions,
} from './sim-world.ts';

/** Cores alone: messages instead of bytes, and a disk that has saved when it is told to. */
export class CoreWorld implements SimWorld {
  readonly nodes: readonly CoreNode[];
  readonly #scheduler = new Scheduler();
  readonly #network: MessageNetwork;

  constructor(options: SimWorldOptions) {
    const random = new Prng(options.seed);
    this.#network = new MessageNetwork(this.#scheduler, random.fork());
    this.nodes = Array.from({ length: options.nodes }, (_, i) => {
      const host = `10.0.${i >> 8}.${i & 255}`;
      return new CoreNode(this.#scheduler, this.#network, `n${i}`, host, random.fork(), options);
    });
  }

  get nowMs(): number {
    return this.#scheduler.nowMs;
  }

  async run(ms: number): Promise<void> {
    this.#scheduler.advance(this.nowMs + ms);
  }

  complete<T>(promise: Promise<T>): Promise<T> {
    return promise;
  }

  setWeather(weather: NetworkWeather): void {
    this.#network.weather = weather;
  }

  cut(side: readonly SimNode[], others: readonly SimNode[], isOneWay: boolean): void {
    for (const a of side) {
      for (const b of others) {
        this.#network.block(a.host, b.host);
        if (!isOneWay) this.#network.block(b.host, a.host);
      }
    }
  }

  heal(): void {
    this.#network.unblockAll();
  }

  resetConnections(a: SimNode, b: SimNode): void {
    this.#network.resetBetween(a.host, b.host);
  }
}

/** One core on a machine of its own. */
export class CoreNode implements SimNode {
  readonly name: string;
  host: string;
  core: ClusterCore | undefined;
  isPaused = false;
  readonly sentBytes = 0;
  /** What nodes.conf holds; made text when a process reads it. */
  disk: ClusterConfig | undefined;
  isPowered = true;
  readonly #scheduler: Scheduler;
  readonly #network: MessageNetwork;
  readonly #random: Prng;
  readonly #options: SimWorldOptions;
  readonly #links = new Map<LinkId, CoreLink>();
  #nextInbound = -1;
  #missed: (() => void)[] = [];
  /** Counts processes, so that what was meant for a dead one does not reach the next. */
  #life = 0;

  constructor(
    scheduler: Scheduler,
    network: MessageNetwork,
    name: string,
    host: string,
    random: Prng,
    options: SimWorldOptions,
  ) {
    this.#scheduler = scheduler;
    this.#network = network;
    this.name = name;
    this.host = host;
    this.#random = random;
    this.#options = options;
    network.join(this);
  }

  async install(config: ClusterConfig): Promise<void> {
    this.disk = config;
  }

  async start(): Promise<void> {
    const { nodeTimeoutMs, requireFullCoverage } = this.#options;
    const settings = { host: '', port: simPort, busPort: simBusPort, hostname: '', nodeTimeoutMs, requireFullCoverage };
    const initial = this.disk === undefined ? newIdentity(this.#random) : parseNodesConf(formatNodesConf(this.disk));
    this.core = new ClusterCore(settings, initial, this.#random);
    this.#life++;
    this.#options.watcher.started(this);
    // Processes do not tick at the same moment.
    this.later(this.#random.below(tickMs), () => this.#tick());
  }

  crash(): void {
    this.core = undefined;
    this.#life++;
    this.#missed = [];
    this.isPaused = false;
    for (const link of this.#links.values()) link.closeFrom(this, 'ECONNRESET');
    this.#links.clear();
  }

  powerOff(): void {
    this.isPowered = false;
    // Nobody says goodbye: the other ends have to find out.
    for (const link of this.#links.values()) link.abandon(this);
    this.#links.clear();
    this.crash();
  }

  powerOn(): void {
    this.isPowered = true;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    const missed = this.#missed;
    this.#missed = [];
    for (const run of missed) this.later(0, run);
  }

  async moveTo(host: string): Promise<void> {
    this.#network.leave(this);
    this.host = host;
    this.isPowered = true;
    this.#network.join(this);
  }

  command(command: OperatorCommand): string | undefined {
    if (this.core === undefined) return `${this.name} is down`;
    const effects = this.core.step({ kind: 'command', nowMs: this.#scheduler.nowMs, command });
    this.#perform(effects);
    for (const effect of effects) if (effect.kind === 'refused') return effect.error;
    return undefined;
  }

  /** Runs it in this process, if that still exists then; a paused one does what it missed when it goes on. */
  later(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.#scheduler.at(this.#scheduler.nowMs + delayMs, () => {
      if (life !== this.#life || this.core === undefined) return;
      if (this.isPaused) this.#missed.push(run);
      else run();
    });
  }

  /** The same at once: for what arrives. */
  now(run: () => void): void {
    if (this.core === undefined) return;
    if (this.isPaused) this.#missed.push(run);
    else run();
  }

  #tick(): void {
    this.later(tickMs, () => this.#tick());
    this.step({ kind: 'tick', nowMs: this.#scheduler.nowMs });
  }

  step(input: Input): void {
    if (this.core !== undefined) this.#perform(this.core.step(input));
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'save':
          this.disk = this.core!.config;
          break;
        case 'connect':
          this.#links.set(effect.link, this.#network.connect(this, effect.link, effect.host));
          break;
        case 'disconnect':
          this.#links.get(effect.link)?.closeFrom(this, 'closed by the peer');
          this.#links.delete(effect.link);
          break;
        case 'send':
          this.#links.get(effect.link)?.send(this, effect.message);
          break;
        case 'event':
          this.#options.watcher.event(this, effect);
          break;
        default:
          break;
      }
    }
  }

  // For the network.

  accept(link: CoreLink, remoteHost: string): LinkId {
    const id = this.#nextInbound--;
    this.#links.set(id, link);
    this.step({
      kind: 'linkAccepted',
      nowMs: this.#scheduler.nowMs,
      link: id,
      localHost: this.host,
      remoteHost,
    });
    return id;
  }

  closed(id: LinkId, link: CoreLink, reason: string): void {
    if (this.#links.get(id) !== link) return;
    this.#links.delete(id);
    this.step({ kind: 'linkDown', nowMs: this.#scheduler.nowMs, link: id, reason });
  }

  receive(id: LinkId, link: CoreLink, message: Parameters<SimWorldOptions['watcher']['message']>[1]): void {
    if (this.#links.get(id) !== link) return;
    this.#options.watcher.message(this, message);
    this.step({ kind: 'frame', nowMs: this.#scheduler.nowMs, link: id, message });
  }
}

function newIdentity(random: Prng): ClusterConfig {
  return ClusterConfig.alone({
    id: makeNodeId(random),
    host: '',
    port: simPort,
    busPort: simBusPort,
    hostname: '',
    shardId: makeNodeId(random),
    masterId: undefined,
    configEpoch: 0,
    health: 'ok',
    hasNoAddress: false,
  });
}
