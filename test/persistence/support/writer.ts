import { encodeRequest, ReplyError, type ReplyValue } from '@kvartz/resp';
import type { Script } from './script.ts';
import { Timeline } from './timeline.ts';
import { stateOf } from './writer-state.ts';

/** A promise of the server that it has not kept. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** Most writes in a row that leave no number of theirs behind, or not for long. */
const hiddenMax = 64;

/**
 * One client's side of its script, without a connection: what to send next, and what the replies acknowledge. It knows which
 * of its writes must be there after a crash.
 */
export class Writer {
  readonly script: Script;
  /** Writes that may wait for their replies at the same time. */
  readonly depth: number;
  /** All writes up to this one have been answered. */
  acknowledged = 0;
  /** All up to this one have been sent. */
  sent = 0;
  /** After the last crash there was what all up to this one leave, ... */
  found = 0;
  /** ... and what all up to this earlier one leave, if those between have no effect together. */
  shown = 0;
  /** An error reply to a write: nothing that follows is sent. */
  refusal: string | undefined;
  readonly acknowledgements = new Timeline();
  readonly sendings = new Timeline();
  /** Replies that are still to come for each write after `acknowledged`. */
  #awaited: number[] = [];

  constructor(script: Script, depth: number) {
    this.script = script;
    this.depth = depth;
  }

  /** What there is to send now: undefined while the window is full. */
  next(nowMs: number): Uint8Array | undefined {
    const parts: Uint8Array[] = [];
    while (this.#awaited.length < this.depth && this.refusal === undefined) {
      const requests = this.script.requests(++this.sent);
      for (const request of requests) parts.push(encodeRequest(request));
      this.#awaited.push(requests.length);
    }
    if (parts.length === 0) return undefined;
    this.sendings.add(nowMs, this.sent);
    return Buffer.concat(parts);
  }

  /** A reply has come. */
  answered(reply: ReplyValue, nowMs: number): void {
    const error = Array.isArray(reply) ? reply.find((part) => part instanceof ReplyError) : reply;
    if (error instanceof ReplyError) this.refusal ??= error.message;
    if (this.refusal !== undefined || --this.#awaited[0]! > 0) return;
    this.#awaited.shift();
    this.acknowledgements.add(nowMs, ++this.acknowledged);
  }

  /**
   * After a crash: the replies to `readsOf(script.name)` must be what the first k writes leave, for a k from `promised` to
   * `sent`, after which the writer goes on. Throws BrokenPromise.
   */
  resume(replies: readonly ReplyValue[], promised: number): void {
    const state = stateOf(replies);
    const lines = state.lines();
    const newest = state.newest();
    const what = `writer ${this.script.name} (promised ${promised}, acknowledged ${this.acknowledged}, sent ${this.sent})`;
    if (newest > this.sent) throw new BrokenPromise(`${what}: write ${newest} is there, which was never sent`);
    const expected = this.script.stateAfter(newest);
    const atNewest = expected.lines();
    let shown = -1;
    let found = -1;
    for (let k = newest; ; k++) {
      if (isEqual(expected.lines(), lines)) {
        found = k;
        if (shown < 0) shown = k;
      }
      if (found >= this.acknowledged || k === Math.min(this.sent, newest + hiddenMax)) break;
      this.script.apply(expected, k + 1);
    }
    if (found < 0) throw new BrokenPromise(`${what}: ${mixture(newest, atNewest, lines)}`);
    if (found < promised) throw new BrokenPromise(`${what}: writes from ${found + 1} on are missing`);
    this.shown = shown;
    this.found = found;
  }

  /** On a new connection: what is not there is sent again. */
  restart(nowMs: number): void {
    this.sent = this.found;
    this.acknowledged = this.found;
    this.refusal = undefined;
    this.#awaited = [];
    this.acknowledgements.cut(this.found, nowMs);
    this.sendings.cut(this.found, nowMs);
  }
}

/**
 * After a crash, and `resume` of all writers: a write is not there without those that had been acknowledged, to whomever,
 * before it was sent. So what is there is the state at one moment. Throws BrokenPromise.
 */
export function checkOneMoment(writers: readonly Writer[]): void {
  for (const a of writers) {
    const missing = a.found + 1;
    if (missing > a.acknowledged) continue;
    const acknowledgedMs = a.acknowledgements.timeOf(missing);
    for (const b of writers) {
      const sentMs = b.sendings.timeOf(b.shown);
      if (sentMs === undefined || acknowledgedMs === undefined || sentMs <= acknowledgedMs) continue;
      const missingWrite = `write ${missing} of ${a.script.name}, acknowledged ${(sentMs - acknowledgedMs).toFixed(3)} ms before`;
      throw new BrokenPromise(`write ${b.shown} of ${b.script.name} is there without ${missingWrite} it was sent`);
    }
  }
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.every((line, i) => line === b[i]);
}

function mixture(newest: number, expected: readonly string[], found: readonly string[]): string {
  const at = expected.findIndex((line, i) => line !== found[i]);
  const [wanted, had] = [expected[at]!, found[at]!].map((line) =>
    line.length > 400 ? `${line.slice(0, 400)}...` : line,
  );
  return `write ${newest} is there without all that came before it: expected ${wanted}; found ${had}`;
}
