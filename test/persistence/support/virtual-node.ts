import { type VirtualEnv, type VirtualVolume, VirtualWorld } from '@kvartz/base/virtual';
import { type DirectiveValue, Kernel, loadConfig, type Log, noProcessFacts, optionsOf } from '@kvartz/server';
import { LocalClient } from './local-client.ts';

const host = '10.0.0.1';
const startLimitMs = 60_000;

export interface VirtualNodeOptions {
  readonly directives: Readonly<Record<string, DirectiveValue>>;
  readonly isChecked?: boolean;
  /** Every line of its log. */
  readonly onLog?: (text: string) => void;
}

/** A machine of its own with one node on it, which can lose power at any operation of its disk, and be started again. */
export class VirtualNode {
  readonly world: VirtualWorld;
  readonly volume: VirtualVolume;
  /** Virtual time of the last loss of power; undefined while there is power. */
  cutMs: number | undefined;
  readonly #options: VirtualNodeOptions;
  #env: VirtualEnv | undefined;
  #kernel: Kernel | undefined;

  constructor(seed: number, options: VirtualNodeOptions) {
    this.world = new VirtualWorld({ seed });
    this.volume = this.world.volume(host);
    this.#options = options;
  }

  get kernel(): Kernel {
    return this.#kernel!;
  }

  /** Power on, and a new process. False: the power went before it was ready. Throws when it does not start. */
  async start(): Promise<boolean> {
    const { directives, isChecked = false, onLog = () => {} } = this.#options;
    this.world.powerOn(host);
    this.cutMs = undefined;
    // Its folder is there: to make it is no operation of the node.
    const { faultOf } = this.volume;
    this.volume.faultOf = () => undefined;
    this.#env = this.world.env(host, { rootFolder: '/srv' });
    this.volume.faultOf = faultOf;
    const { config } = loadConfig({ options: optionsOf({ databases: 2, bind: '127.0.0.1', ...directives }) });
    const log: Log = { debug: onLog, verbose: onLog, notice: onLog, warning: onLog };
    const onShutdown = (): void => {};
    const segmentBytes = 2 ** 20;
    const process = noProcessFacts;
    this.#kernel = new Kernel({ env: this.#env, config, log, process, onShutdown, segmentBytes, isChecked });
    const started = this.kernel.start();
    let isStarted = false;
    started.then(
      () => (isStarted = true),
      () => (isStarted = true),
    );
    await this.world.runUntil(() => isStarted || this.cutMs !== undefined, { limitMs: startLimitMs });
    if (this.cutMs !== undefined) return false;
    await started;
    return true;
  }

  connect(): LocalClient {
    return new LocalClient(this.kernel, () => this.cutMs !== undefined);
  }

  /** The nth operation of the disk from now on is not done any more: the power has gone. */
  cutAtOperation(nth: number): void {
    const target = this.volume.operationCount + nth;
    this.volume.faultOf = ({ sequence }) => {
      if (sequence < target) return undefined;
      this.#losePower();
      return 'EIO'; // who asked finds no time to mind
    };
  }

  /** The power goes now, if it has not gone; `start` has it back. */
  cut(): void {
    this.#losePower();
    this.world.powerOff(host);
  }

  /** The process is killed, its machine goes on. */
  kill(): void {
    this.#env!.crash();
  }

  #losePower(): void {
    if (this.cutMs !== undefined) return;
    this.cutMs = this.world.nowMs;
    this.volume.losePower();
  }
}
