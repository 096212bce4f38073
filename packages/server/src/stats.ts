import type { ReplyWriter } from '@kvartz/resp';

/** Samples of a rate, as INFO's `instantaneous_*` fields want them: the mean of the last 16 samples. */
class Rate {
  readonly #samples = new Float64Array(16);
  #next = 0;
  #lastTotal = 0;
  #lastMs = 0;

  /** `total` counts since the start. */
  sample(total: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#lastMs;
    // CONFIG RESETSTAT begins totals again.
    const gained = Math.max(0, total - this.#lastTotal);
    this.#samples[this.#next] = elapsedMs > 0 ? (gained * 1000) / elapsedMs : 0;
    this.#next = (this.#next + 1) % this.#samples.length;
    this.#lastTotal = total;
    this.#lastMs = nowMs;
  }

  get perSecond(): number {
    let sum = 0;
    for (const sample of this.#samples) sum += sample;
    return sum / this.#samples.length;
  }
}

/** What INFO counts. CONFIG RESETSTAT makes a new one of what it resets. */
export class KernelStats {
  /** Monotonic milliseconds. */
  startedMs = 0;
  connectionsReceived = 0;
  connectionsRejected = 0;
  commandsProcessed = 0;
  bytesIn = 0;
  expiredKeys = 0;
  evictedKeys = 0;
  evictedClients = 0;
  protocolErrors = 0;
  queryBufferLimitDisconnections = 0;
  outputBufferLimitDisconnections = 0;
  totalErrorReplies = 0;
  peakMemoryBytes = 0;
  /** By the first word of the error. */
  readonly errors = new Map<string, number>();

  readonly commandRate = new Rate();
  readonly inputRate = new Rate();
  readonly outputRate = new Rate();

  /** Counts the error that the last command answered, if it did and it has not been counted: EXEC's inner ones have. */
  noteErrors(reply: ReplyWriter): void {
    if (reply.errorCount === this.#errorsNoted) return;
    this.#errorsNoted = reply.errorCount;
    this.#countError(reply.lastError);
  }

  #errorsNoted = 0;

  #countError(text: string): void {
    this.totalErrorReplies++;
    const space = text.indexOf(' ');
    const code = space < 0 ? text : text.slice(0, space);
    const count = this.errors.get(code);
    // A script or a hostile client could invent codes without end.
    if (count === undefined && this.errors.size >= errorCodesMax) return;
    this.errors.set(code, (count ?? 0) + 1);
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    this.connectionsReceived = 0;
    this.connectionsRejected = 0;
    this.commandsProcessed = 0;
    this.bytesIn = 0;
    this.expiredKeys = 0;
    this.evictedKeys = 0;
    this.evictedClients = 0;
    this.protocolErrors = 0;
    this.queryBufferLimitDisconnections = 0;
    this.outputBufferLimitDisconnections = 0;
    this.totalErrorReplies = 0;
    this.errors.clear();
  }
}

const errorCodesMax = 128;
