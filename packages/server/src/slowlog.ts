import type { Args } from '@kvartz/resp';
import type { Client } from './client.ts';
import { secretArguments } from './secrets.ts';

export interface SlowlogEntry {
  readonly id: number;
  readonly unixSeconds: number;
  readonly usec: number;
  /** Bytes of each argument; long ones and long lists are cut, with a note of how much is missing. */
  readonly args: readonly Uint8Array[];
  readonly remote: string;
  readonly clientName: string;
}

/** The last slow commands, newest first (SLOWLOG). */
export class Slowlog {
  #entries: SlowlogEntry[] = [];
  #nextId = 0;
  #thresholdUs = 10_000;
  #lengthMax = 128;

  configure(thresholdUs: number, lengthMax: number): void {
    this.#thresholdUs = thresholdUs;
    this.#lengthMax = lengthMax;
    if (this.#entries.length > lengthMax) this.#entries.length = lengthMax;
  }

  /** Takes the command in when it took long enough; a negative threshold takes nothing. */
  offer(command: string, args: Args, usec: number, nowMs: number, client: Client): void {
    if (this.#thresholdUs < 0 || usec < this.#thresholdUs || this.#lengthMax === 0) return;
    this.#entries.unshift({
      id: this.#nextId++,
      unixSeconds: Math.floor(nowMs / 1000),
      usec,
      args: cutArgs(args, secretArguments(command, args)),
      remote: client.connection.remote,
      clientName: client.name,
    });
    if (this.#entries.length > this.#lengthMax) this.#entries.length = this.#lengthMax;
  }

  get entries(): readonly SlowlogEntry[] {
    return this.#entries;
  }

  reset(): void {
    this.#entries = [];
  }
}

const redacted = new TextEncoder().encode('(redacted)');

/** Limits of Redis's SLOWLOG. */
const argsKept = 32;
const argBytesKept = 128;

function cutArgs(args: Args, secrets: readonly number[]): Uint8Array[] {
  const encoder = new TextEncoder();
  const kept: Uint8Array[] = [];
  const whole = args.count <= argsKept ? args.count : argsKept - 1;
  for (let i = 0; i < whole; i++) {
    const bytes = secrets.includes(i) ? redacted : args.buffer.u8.subarray(args.start[i], args.end[i]);
    if (bytes.length <= argBytesKept) kept.push(bytes.slice());
    else {
      const note = encoder.encode(`... (${bytes.length - argBytesKept} more bytes)`);
      const cut = new Uint8Array(argBytesKept + note.length);
      cut.set(bytes.subarray(0, argBytesKept));
      cut.set(note, argBytesKept);
      kept.push(cut);
    }
  }
  if (whole < args.count) kept.push(encoder.encode(`... (${args.count - whole} more arguments)`));
  return kept;
}
