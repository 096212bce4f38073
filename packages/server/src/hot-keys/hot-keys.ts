import { latin1Of, type Timer } from '@kvartz/base';
import { findKeys, KeyPositions } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { keySlot } from '@kvartz/router';
import type { Kernel } from '../kernel.ts';
import type { ServerCommand } from '../table.ts';
import { HeavyHitters } from './heavy-hitters.ts';

/** What HOTKEYS START asks for. */
export interface HotKeysRequest {
  readonly byCpu: boolean;
  readonly byNet: boolean;
  /** So many keys are reported. */
  readonly count: number;
  /** 0: until HOTKEYS STOP. */
  readonly durationSeconds: number;
  /** One command in so many is looked at. */
  readonly sampleRatio: number;
  /** undefined: all. */
  readonly slots: ReadonlySet<number> | undefined;
}

/** Microseconds of processor time, and bytes in and out. */
export interface Cost {
  usec: number;
  bytes: number;
}

/** Counters for each key that is reported, so that those that are reported are right. */
const countersPerKey = 32;
const countersMin = 1024;

/** One session of HOTKEYS, running or over. */
export interface HotKeysSession {
  readonly request: HotKeysRequest;
  /** Wall time. */
  readonly startedMs: number;
  /** Undefined while it runs. */
  endedMs: number | undefined;
  readonly cpu: HeavyHitters | undefined;
  readonly net: HeavyHitters | undefined;
  /** Of every command; of those with a key in the selected slots; of the sampled ones among these. */
  readonly all: Cost;
  readonly selected: Cost;
  readonly sampled: Cost;
  /** Seconds of the process at the start, then what the session took. */
  readonly processCpu: { user: number; system: number };
}

/**
 * Which keys take the most processor time and the most bytes, while a session runs: each command is timed (`Gate.timed`), and
 * its cost divided among its keys. Outside a session nobody looks here.
 */
export class HotKeys {
  readonly #kernel: Kernel;
  readonly #found = new KeyPositions();
  #session: HotKeysSession | undefined;
  #timer: Timer | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get isRunning(): boolean {
    return this.#session !== undefined && this.#session.endedMs === undefined;
  }

  /** The one that runs, or the last one until it is reset. */
  get session(): HotKeysSession | undefined {
    return this.#session;
  }

  start(request: HotKeysRequest): void {
    const kernel = this.#kernel;
    const counters = Math.max(countersMin, request.count * countersPerKey);
    const { system, user } = kernel.processFacts.cpu();
    this.#session = {
      request,
      startedMs: kernel.nowMs,
      endedMs: undefined,
      cpu: request.byCpu ? new HeavyHitters(counters) : undefined,
      net: request.byNet ? new HeavyHitters(counters) : undefined,
      all: { usec: 0, bytes: 0 },
      selected: { usec: 0, bytes: 0 },
      sampled: { usec: 0, bytes: 0 },
      processCpu: { user, system },
    };
    if (request.durationSeconds > 0) {
      this.#timer = kernel.env.timers.after(request.durationSeconds * 1000, () => {
        kernel.refreshTime();
        this.stop();
      });
    }
    kernel.refreshGates();
  }

  /** Keeps what was found. */
  stop(): void {
    const session = this.#session;
    if (session === undefined || session.endedMs !== undefined) return;
    this.#timer?.cancel();
    session.endedMs = this.#kernel.nowMs;
    const { system, user } = this.cpuOf(session);
    session.processCpu.user = user;
    session.processCpu.system = system;
    this.#kernel.refreshGates();
  }

  /** False while a session runs, which has to be stopped first. */
  reset(): boolean {
    if (this.isRunning) return false;
    this.#session = undefined;
    return true;
  }

  /** Seconds that the process took since the session began. */
  cpuOf({ endedMs, processCpu }: HotKeysSession): { user: number; system: number } {
    if (endedMs !== undefined) return processCpu;
    const { system, user } = this.#kernel.processFacts.cpu();
    return { user: user - processCpu.user, system: system - processCpu.system };
  }

  /** A command has run. `replyBytes`: what it answered. */
  record(command: ServerCommand, args: Args, usec: number, replyBytes: number): void {
    const session = this.#session!;
    const { request } = session;
    const bytes = requestBytes(args) + replyBytes;
    charge(session.all, usec, bytes);
    const count = findKeys(command.spec, args, this.#found);
    if (count <= 0) return;
    const isSampled = request.sampleRatio === 1 || this.#kernel.random.uint32() % request.sampleRatio === 0;
    if (!isSampled && request.slots === undefined) return;
    let isSelected = false;
    for (let i = 0; i < count; i++) {
      const index = this.#found.indexes[i];
      const [start, end] = [args.start[index], args.end[index]];
      if (request.slots !== undefined && !request.slots.has(keySlot(args.buffer.u8, start, end))) continue;
      isSelected = true;
      if (!isSampled) break;
      const key = latin1Of(args.buffer.u8, start, end);
      session.cpu?.add(key, usec / count);
      session.net?.add(key, bytes / count);
    }
    if (!isSelected) return;
    charge(session.selected, usec, bytes);
    if (isSampled) charge(session.sampled, usec, bytes);
  }
}

function charge(cost: Cost, usec: number, bytes: number): void {
  cost.usec += usec;
  cost.bytes += bytes;
}

function requestBytes(args: Args): number {
  let bytes = 0;
  for (let i = 0; i < args.count; i++) bytes += args.end[i] - args.start[i];
  return bytes;
}
