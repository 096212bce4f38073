import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '@kvartz/base';
import { type Promised, promisedOf, windowMs } from './promised.ts';
import { Script } from './script.ts';
import { Victim } from './victim.ts';
import type { Wire } from './wire.ts';
import { readsOf } from './writer-state.ts';
import { BrokenPromise, checkOneMoment, Writer } from './writer.ts';

export interface LaneOptions {
  readonly seed: number;
  readonly promised: Promised;
  readonly directives: readonly string[];
  /** Requests that are in the middle of their work when the server is killed. */
  readonly disturbances: readonly string[];
  readonly command?: readonly string[];
  /** Between the end of the server and its next start. */
  readonly afterKill?: (folder: string) => void;
}

const longRatio = 0.08;
const killInStartRatio = 0.15;
/** Writes in flight for each client. */
const depths = [1, 1, 16, 64];
/** Other keys, so that files take their time. */
const ballastKeys = 20_000;
const ballastDb = '1';

/** One server that is killed and restarted, while clients write to it. */
export class CrashLane {
  readonly #options: LaneOptions;
  readonly #random: Prng;
  readonly #victim: Victim;
  readonly #writers: readonly Writer[];
  /** What the last save that is known to be complete has of each writer. */
  #saved: readonly number[];
  kills = 0;
  killsInStart = 0;
  /** Acknowledged writes that were not there after a crash, as they need not. */
  lost = 0;

  private constructor(options: LaneOptions, victim: Victim) {
    this.#options = options;
    this.#victim = victim;
    this.#random = new Prng(options.seed);
    this.#writers = depths.map((depth, i) => {
      return new Writer(new Script({ name: `w${i}`, seed: this.#random.uint32(), roundSize: 300 }), depth);
    });
    this.#saved = depths.map(() => 0);
  }

  static async start(options: LaneOptions): Promise<CrashLane> {
    const lane = new CrashLane(options, await Victim.create(options.directives, options));
    // Ends by itself, so that Node.js keeps the modules that it has compiled.
    lane.#victim.start();
    (await lane.#victim.ready()).close();
    await lane.#victim.kill('SIGTERM');
    lane.#victim.start();
    const control = await lane.#victim.ready();
    await lane.#fill(control);
    control.close();
    return lane;
  }

  get acknowledged(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  }

  /** Throws BrokenPromise, or what the server printed when it does not start. */
  async run(kills: number): Promise<void> {
    try {
      while (this.kills < kills) await this.#cycle();
    } catch (error) {
      const where = `kill ${this.kills} of the lane with seed ${this.#options.seed}; files in ${this.#victim.folder}`;
      await this.#victim.kill();
      if (this.#options.afterKill !== undefined) await this.#victim.remove();
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
    await this.#victim.remove();
  }

  async #fill(control: Wire): Promise<void> {
    const batch = 1000;
    for (let first = 0; first < ballastKeys; first += batch) {
      const keys = Array.from({ length: batch }, (_, i) => [`ballast:${first + i}`, `value of ${first + i}`]);
      await control.ask(['SELECT', ballastDb], ['MSET', ...keys.flat()]);
    }
    if (this.#options.promised === 'saved') await control.ask(['SAVE']);
    if (this.#options.promised === 'two seconds') await sleep(windowMs);
  }

  async #cycle(): Promise<void> {
    const control = await this.#victim.ready();
    const wires = await Promise.all(this.#writers.map(() => this.#victim.connect()));
    for (const writer of this.#writers) writer.restart(performance.now());
    const loads = wires.map((wire, i) => wire.load(this.#writers[i]!));
    await this.#disturb(control);
    const killedMs = performance.now();
    await this.#victim.kill();
    await Promise.all(loads);
    this.kills++;
    this.#checkReplies();
    this.#options.afterKill?.(this.#victim.folder);
    this.#victim.start();
    while (this.#random.chance(killInStartRatio)) await this.#killInStart();
    await this.#check(killedMs);
  }

  /** Some time under load; half of the times the server is busy with something else when the time is over. */
  async #disturb(control: Wire): Promise<void> {
    const { disturbances, promised } = this.#options;
    await sleep(10 + this.#random.below(80));
    if (promised === 'two seconds' && this.#random.chance(longRatio)) await sleep(windowMs * 1.1);
    if (disturbances.length === 0 || this.#random.chance(0.5)) return;
    const request = disturbances[this.#random.below(disturbances.length)]!;
    const acknowledged = this.#writers.map((writer) => writer.acknowledged);
    const isComplete = request === 'SAVE' ? isAnswered(control, request) : isInBackground(control, request);
    const isWaitedFor = promised === 'saved' && this.#random.chance(0.6);
    const timeout = isWaitedFor ? 10_000 : this.#random.below(100);
    if (await Promise.race([isComplete, sleep(timeout)])) this.#saved = acknowledged;
    if (isWaitedFor) await sleep(this.#random.below(50));
  }

  async #killInStart(): Promise<void> {
    await sleep(this.#random.below(400));
    await this.#victim.kill();
    this.killsInStart++;
    this.#victim.start();
  }

  async #check(killedMs: number): Promise<void> {
    const control = await this.#victim.ready();
    for (const [i, writer] of this.#writers.entries()) {
      const promised = promisedOf(writer, this.#options.promised, killedMs, this.#saved[i]!);
      writer.resume(await control.ask(...readsOf(writer.script.name)), promised);
      this.lost += Math.max(0, writer.acknowledged - writer.found);
    }
    checkOneMoment(this.#writers);
    const [, ballast] = await control.ask(['SELECT', ballastDb], ['DBSIZE']);
    if (ballast !== ballastKeys) throw new BrokenPromise(`${String(ballast)} of ${ballastKeys} other keys are there`);
    control.close();
    // What was loaded is in a file.
    this.#saved = this.#writers.map((writer) => writer.found);
  }

  #checkReplies(): void {
    for (const { refusal, script } of this.#writers) {
      if (refusal !== undefined) throw new Error(`a write of ${script.name} was answered with ${refusal}`);
    }
  }
}

/** False when the server dies first. */
function isAnswered(control: Wire, request: string): Promise<boolean> {
  return control.ask([request]).then(
    ([reply]) => reply === 'OK',
    () => false,
  );
}

/** True when the work in the background has ended well; false when the server dies first. */
async function isInBackground(control: Wire, request: string): Promise<boolean> {
  const isSave = request === 'BGSAVE';
  const done = isSave ? /rdb_bgsave_in_progress:0[^]*rdb_last_bgsave_status:ok/ : /aof_rewrite_in_progress:0/;
  try {
    await control.ask([request]);
    for (;;) {
      const [info] = await control.ask(['INFO', 'persistence']);
      if (done.test(String(info))) return isSave;
      await sleep(5);
    }
  } catch {
    return false;
  }
}
