import { utf8Bytes } from '@kvartz/base';
import { type VirtualEnv, VirtualWorld } from '@kvartz/base/virtual';
import { type ClusterConfig, type ClusterCore, formatNodesConf, type OperatorCommand } from '@kvartz/cluster';
import { ClusterBus, silentLog } from '@kvartz/server';
import {
  type NetworkWeather,
  simBusPort,
  type SimNode,
  simPort,
  type SimWorld,
  type SimWorldOptions,
} from './sim-world.ts';

const nodesConfPath = '/nodes.conf';

/** The shipping bus, links, frames and nodes.conf over virtual machines: everything but the sockets of the real system. */
export class ShellWorld implements SimWorld {
  readonly world: VirtualWorld;
  readonly nodes: readonly ShellNode[];

  constructor(options: SimWorldOptions & { readonly secret?: Uint8Array | undefined }) {
    this.world = new VirtualWorld({ seed: options.seed });
    this.nodes = Array.from({ length: options.nodes }, (_, i) => {
      const host = `10.0.${i >> 8}.${i & 255}`;
      return new ShellNode(this.world, `n${i}`, host, options, options.secret);
    });
  }

  get nowMs(): number {
    return this.world.nowMs;
  }

  run(ms: number): Promise<void> {
    return this.world.run(ms);
  }

  complete<T>(promise: Promise<T>): Promise<T> {
    return this.world.complete(promise);
  }

  setWeather(weather: NetworkWeather): void {
    this.world.network.setLinks(weather);
  }

  cut(side: readonly SimNode[], others: readonly SimNode[], isOneWay: boolean): void {
    const [from, to] = [side.map(({ host }) => host), others.map(({ host }) => host)];
    if (isOneWay) this.world.network.cut(from, to);
    else this.world.network.partition(from, to);
  }

  heal(): void {
    this.world.network.heal();
  }

  resetConnections(a: SimNode, b: SimNode): void {
    this.world.network.resetConnections(a.host, b.host);
  }
}

class ShellNode implements SimNode {
  readonly name: string;
  host: string;
  isPaused = false;
  readonly #world: VirtualWorld;
  readonly #options: SimWorldOptions;
  readonly #secret: Uint8Array | undefined;
  #env: VirtualEnv | undefined;
  #bus: ClusterBus | undefined;

  constructor(
    world: VirtualWorld,
    name: string,
    host: string,
    options: SimWorldOptions,
    secret: Uint8Array | undefined,
  ) {
    this.#world = world;
    this.name = name;
    this.host = host;
    this.#options = options;
    this.#secret = secret;
  }

  get core(): ClusterCore | undefined {
    return this.#bus?.core;
  }

  get sentBytes(): number {
    return this.#bus?.bytes.out ?? 0;
  }

  async install(config: ClusterConfig): Promise<void> {
    await this.#world.env(this.host).disk.writeFileAtomic(nodesConfPath, utf8Bytes(formatNodesConf(config)));
  }

  async start(): Promise<void> {
    const { nodeTimeoutMs, requireFullCoverage, watcher } = this.#options;
    const env = this.#world.env(this.host);
    this.#env = env;
    const bus = await ClusterBus.start({
      env,
      log: silentLog,
      settings: { host: '', port: simPort, busPort: simBusPort, hostname: '', nodeTimeoutMs, requireFullCoverage },
      bind: ['*'],
      listenPort: simBusPort,
      secret: this.#secret,
      nodesConfPath,
      onSlotsChanged: () => {},
      onPublished: () => {},
      onSlotsLost: () => {},
      onEvent: (event) => watcher.event(this, event),
      onMessage: (message) => watcher.message(this, message),
    });
    // It may have been killed while it started.
    if (this.#env !== env) return;
    this.#bus = bus;
    watcher.started(this);
  }

  crash(): void {
    this.#env?.crash();
    this.#gone();
  }

  powerOff(): void {
    this.#world.powerOff(this.host);
    this.#gone();
  }

  powerOn(): void {
    this.#world.powerOn(this.host);
  }

  pause(): void {
    this.isPaused = true;
    this.#env?.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.#env?.resume();
  }

  async moveTo(host: string): Promise<void> {
    const from = this.#world.env(this.host).disk;
    this.host = host;
    const to = this.#world.env(host).disk;
    if (await from.exists(nodesConfPath)) await to.writeFileAtomic(nodesConfPath, await from.readFile(nodesConfPath));
  }

  command(command: OperatorCommand): string | undefined {
    return this.#bus === undefined ? `${this.name} is down` : this.#bus.command(command).error;
  }

  #gone(): void {
    this.#env = undefined;
    this.#bus = undefined;
    this.isPaused = false;
  }
}
