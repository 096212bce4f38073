import { ReplyError, type ReplyValue } from '@kvartz/resp';
import type { DirectiveValue } from '@kvartz/server';
import type { LocalClient } from './local-client.ts';
import type { Promised } from './promised.ts';
import { Script } from './script.ts';
import { VirtualNode } from './virtual-node.ts';
import { readsOf } from './writer-state.ts';
import { BrokenPromise, Writer } from './writer.ts';

export interface FaultPolicy {
  readonly promised: Promised;
  readonly directives: Readonly<Record<string, DirectiveValue>>;
}

/** The disk fails: at one operation, or from that one on until it is repaired. */
export interface Fault {
  /** Counts the operations of the story from 1. */
  readonly operation: number;
  readonly code: string;
  readonly isLasting: boolean;
}

/** A lasting fault lasts so long, ... */
const faultMs = 3000;
/** ... and so soon after it writes must be taken again. */
const returnMs = 12_000;
const retryMs = 250;
/** With `everysec` what the fault kept from the disk is there so long after it. */
const settleMs = 4000;

/**
 * One node, one client and one fault of the disk: writes, saves, rewrites, a kill and losses of power, the same ones in every run.
 * Reads are answered all the time; a write is acknowledged, or refused while the disk fails; what was acknowledged stays.
 */
export class FaultStory {
  readonly log: string[] = [];
  /** Operations of the disk in the whole story. */
  operations = 0;
  refusals = 0;
  failedStarts = 0;
  readonly #policy: FaultPolicy;
  readonly #node: VirtualNode;
  readonly #writer = new Writer(new Script({ name: 'w', seed: 7, roundSize: 40 }), 1);
  #client!: LocalClient;
  /** Virtual time at which the disk was last known to fail. */
  #faultyMs = -Infinity;
  #faultBeganMs = -Infinity;
  /** Writes up to this one were acknowledged. One that was refused may be there, and is not promised before a later one is. */
  #acknowledged = 0;
  #hasSyncFailed = false;
  /** Writes up to this one are in the last good save, and in the one that is running. */
  #saved = 0;
  #saving = 0;

  constructor(policy: FaultPolicy, fault?: Fault) {
    this.#policy = policy;
    this.#node = new VirtualNode(7, { directives: policy.directives, onLog: (text) => this.#noteLog(text) });
    if (fault !== undefined) this.#plan(fault);
  }

  async run(): Promise<void> {
    await this.#start();
    await this.#write(8);
    await this.#askFor('BGSAVE');
    await this.#write(4);
    await this.#askFor('BGREWRITEAOF');
    await this.#write(6);
    await this.#node.world.run(1500);
    await this.#write(4);
    await this.#askFor('SAVE');
    await this.#write(4);
    await this.#crash('kill');
    await this.#write(4);
    await this.#askFor('BGREWRITEAOF');
    await this.#write(2);
    await this.#crash('cut');
    await this.#askFor('SAVE');
    await this.#write(4);
    await this.#node.world.run(settleMs + 500);
    await this.#crash('cut');
    await this.#write(1);
    this.operations = this.#node.volume.operationCount;
    this.#node.cut();
  }

  #plan({ code, isLasting, operation }: Fault): void {
    let endMs = -1;
    this.#node.volume.faultOf = ({ path, sequence, syscall }) => {
      const { nowMs } = this.#node.world;
      if (sequence === operation) {
        this.log.push(`${nowMs.toFixed(1)} FAULT ${code} at operation ${sequence}: ${syscall} ${path}`);
        endMs = nowMs + faultMs;
        this.#faultBeganMs = nowMs;
      } else if (!isLasting || nowMs >= endMs) return undefined;
      else this.log.push(`${nowMs.toFixed(1)} ${syscall} ${path} fails`);
      this.#faultyMs = nowMs;
      this.#hasSyncFailed ||= syscall === 'fsync';
      return code;
    };
  }

  #noteLog(text: string): void {
    this.log.push(`${this.#node.world.nowMs.toFixed(1)} ${text}`);
    if (text === 'Background saving terminated with success') this.#saved = this.#saving;
  }

  /**
   * Fails only where the disk did. After a sync that failed Linux takes for saved what is not, and no later process can know: the
   * machine is restarted, too.
   */
  async #start(): Promise<void> {
    for (;;) {
      const startedMs = this.#node.world.nowMs;
      this.#hasSyncFailed = false;
      try {
        await this.#node.start();
        this.#client = this.#node.connect();
        return;
      } catch (error) {
        this.log.push(`the start failed: ${(error as Error).message}`);
        if (this.#faultyMs < startedMs) throw error;
        this.failedStarts++;
      }
      if (this.#hasSyncFailed) this.#node.cut();
      else this.#node.kill();
      await this.#node.world.run(retryMs);
    }
  }

  async #crash(kind: 'kill' | 'cut'): Promise<void> {
    const writer = this.#writer;
    const crashMs = this.#node.world.nowMs;
    const hasRecovered = crashMs > this.#faultyMs + settleMs;
    const safeMs = (hasRecovered || this.#faultBeganMs < 0 ? crashMs : this.#faultBeganMs) - 2000;
    if (kind === 'kill') this.#node.kill();
    else this.#node.cut();
    await this.#start();
    let promised = this.#acknowledged;
    if (this.#policy.promised === 'saved') promised = this.#saved;
    if (this.#policy.promised === 'two seconds') promised = writer.acknowledgements.countAt(safeMs);
    writer.resume(await this.#read(), promised);
    writer.restart(this.#node.world.nowMs);
    this.#acknowledged = writer.found;
    this.#saved = writer.found;
    this.#saving = writer.found;
  }

  /** So many writes, one by one, each again and again until it is acknowledged. */
  async #write(count: number): Promise<void> {
    const writer = this.#writer;
    const { world } = this.#node;
    for (const end = writer.acknowledged + count; writer.acknowledged < end;) {
      const sentMs = world.nowMs;
      const bytes = writer.next(sentMs)!;
      const before = writer.acknowledged;
      this.#client.onReply = (reply) => writer.answered(reply, world.nowMs);
      this.#client.send(bytes);
      const isAnswered = (): boolean => writer.acknowledged > before || writer.refusal !== undefined;
      await world.runUntil(() => isAnswered() || this.#client.isClosed, { limitMs: returnMs });
      if (writer.acknowledged === before) await this.#refused(sentMs);
      else {
        this.#acknowledged = writer.acknowledged;
        await this.#read();
      }
    }
  }

  /**
   * The write may have been done or not: what is read says it, and the writer goes on from there. Who did what cannot be
   * made durable may lose the connection.
   */
  async #refused(sentMs: number): Promise<void> {
    const { refusal = 'MISCONF closed connection', acknowledged } = this.#writer;
    this.refusals++;
    this.log.push(`${sentMs.toFixed(1)} write ${acknowledged + 1} was answered with ${refusal}`);
    if (!/^(EXECABORT|MISCONF) /.test(refusal)) throw new Error(`a write was answered with ${refusal}`);
    if (sentMs > this.#faultyMs + returnMs) throw new BrokenPromise(`the disk is well, and yet ${refusal}`);
    await this.#node.world.run(retryMs);
    this.#writer.resume(await this.#read(), acknowledged);
    this.#writer.restart(this.#node.world.nowMs);
  }

  /** Which may well be refused. */
  async #askFor(request: string): Promise<void> {
    const { acknowledged } = this.#writer;
    if (this.#client.isClosed) this.#client = this.#node.connect();
    const [reply] = await this.#node.world.complete(this.#client.ask([request]));
    this.log.push(`${this.#node.world.nowMs.toFixed(1)} ${request}: ${String(reply)}`);
    if (request === 'SAVE' && reply === 'OK') this.#saved = acknowledged;
    if (reply === 'Background saving started') this.#saving = acknowledged;
  }

  async #read(): Promise<ReplyValue[]> {
    if (this.#client.isClosed) this.#client = this.#node.connect();
    const replies = await this.#node.world.complete(this.#client.ask(...readsOf(this.#writer.script.name)));
    const error = replies.find((reply) => reply instanceof ReplyError);
    if (error !== undefined) throw new BrokenPromise(`a read was answered with ${String(error)}`);
    return replies;
  }
}
