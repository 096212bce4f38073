import { Prng } from '@kvartz/base';
import type { VirtualVolume } from '@kvartz/base/virtual';
import type { DirectiveValue } from '@kvartz/server';
import type { LocalClient } from './local-client.ts';
import { type Promised, promisedOf } from './promised.ts';
import { Script } from './script.ts';
import { VirtualNode } from './virtual-node.ts';
import { readsOf } from './writer-state.ts';
import { checkOneMoment, Writer } from './writer.ts';

export interface PowerPolicy {
  readonly promised: Promised;
  readonly directives: Readonly<Record<string, DirectiveValue>>;
  /** Requests that something else than writes is done by. */
  readonly disturbances: readonly string[];
  /** Time between an acknowledgement and the next write: up to this. */
  readonly thinkMs: number;
  /** For disks that do not what they say. */
  readonly spoil?: (volume: VirtualVolume) => void;
}

const cutsMax = 3;
const writesEach = 20;

/** One node that loses power several times under load. Everything follows from the seed. */
export class PowerCase {
  readonly #policy: PowerPolicy;
  readonly #random: Prng;
  readonly #node: VirtualNode;
  readonly #writers: readonly Writer[];
  /** What the last save that is known to be complete has of each writer, and what the one that is running will have. */
  #saved: readonly number[] = [0, 0];
  #saving: readonly number[] = [0, 0];
  #writesLeft = 0;
  #cutMs = 0;
  cuts = 0;
  lost = 0;

  constructor(seed: number, policy: PowerPolicy, onLog: (text: string) => void = () => {}) {
    this.#policy = policy;
    this.#random = new Prng(seed);
    this.#node = new VirtualNode(this.#random.uint32(), {
      directives: { save: '', ...policy.directives },
      isChecked: this.#random.chance(0.1),
      onLog: (text) => {
        onLog(text);
        if (text === 'Background saving terminated with success') this.#saved = this.#saving;
      },
    });
    policy.spoil?.(this.#node.volume);
    this.#writers = ['a', 'b'].map((name) => {
      const script = new Script({ name, seed: this.#random.uint32(), roundSize: 25 });
      return new Writer(script, 1 + this.#random.below(4));
    });
  }

  get acknowledged(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  }

  /** Throws BrokenPromise, or what the kernel throws. */
  async run(): Promise<void> {
    await this.#start();
    do {
      this.#load();
      await this.#runUntilCut();
      await this.#start();
      await this.#check();
    } while (this.cuts < cutsMax && this.#random.chance(0.5));
    this.#node.cut();
  }

  /** Until it has started; the power may go meanwhile, too. */
  async #start(): Promise<void> {
    do {
      this.#node.volume.faultOf = () => undefined;
      if (this.#random.chance(0.1)) this.#node.cutAtOperation(1 + this.#random.below(10));
    } while (!(await this.#node.start()) && this.#cut());
    this.#node.volume.faultOf = () => undefined;
  }

  #cut(): true {
    this.#node.cut();
    this.cuts++;
    return true;
  }

  /** Both writers write, and something else is done at some moment. */
  #load(): void {
    const { world } = this.#node;
    this.#writesLeft = writesEach;
    for (const writer of this.#writers) {
      writer.restart(world.nowMs);
      const client = this.#node.connect();
      client.onReply = (reply) => {
        const before = writer.acknowledged;
        writer.answered(reply, world.nowMs);
        if (writer.acknowledged > before) this.#sendNext(writer, client);
      };
      this.#sendNext(writer, client);
    }
    for (const request of this.#policy.disturbances) {
      if (this.#random.chance(0.4)) this.#disturb(request);
    }
    this.#node.cutAtOperation(1 + this.#random.below(this.#random.chance(0.5) ? 20 : 100));
  }

  #sendNext(writer: Writer, client: LocalClient): void {
    if (this.#writesLeft-- <= 0) return;
    this.#node.kernel.env.timers.after(this.#random.ratio() * this.#policy.thinkMs, () => {
      const bytes = writer.next(this.#node.world.nowMs);
      if (bytes !== undefined) client.send(bytes);
    });
  }

  #disturb(request: string): void {
    const delayMs = this.#random.ratio() * this.#policy.thinkMs * (writesEach / 2);
    this.#node.kernel.env.timers.after(delayMs, () => {
      const acknowledged = this.#writers.map((writer) => writer.acknowledged);
      void this.#node
        .connect()
        .ask(request.split(' '))
        .then(([reply]) => {
          if (request === 'SAVE' && reply === 'OK') this.#saved = acknowledged;
          if (reply === 'Background saving started') this.#saving = acknowledged;
        });
    });
  }

  async #runUntilCut(): Promise<void> {
    const node = this.#node;
    const { world } = node;
    const quietMs = this.#random.ratio() * Math.max(10, this.#policy.thinkMs * 4);
    const limitMs = world.nowMs + writesEach * this.#policy.thinkMs + quietMs;
    await world.scheduler.run(limitMs, () => node.cutMs !== undefined);
    for (const { refusal, script } of this.#writers) {
      if (refusal !== undefined) throw new Error(`a write of ${script.name} was answered with ${refusal}`);
    }
    this.#cut();
    this.#cutMs = world.nowMs;
  }

  async #check(): Promise<void> {
    const { world } = this.#node;
    const control = this.#node.connect();
    for (const [i, writer] of this.#writers.entries()) {
      const reads = await world.complete(control.ask(...readsOf(writer.script.name)));
      writer.resume(reads, promisedOf(writer, this.#policy.promised, this.#cutMs, this.#saved[i]!));
      this.lost += Math.max(0, writer.acknowledged - writer.found);
    }
    checkOneMoment(this.#writers);
    this.#saved = this.#writers.map((writer) => writer.found);
    this.#saving = this.#saved;
  }
}
