import type { ByteBuffer } from '@kvartz/base';
import type { EffectPart } from '@kvartz/commands';
import type { Span } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from './context.ts';
import { EffectEncoder, type EffectSink } from './effects.ts';

/** The effects of a turn, on their way to those that repeat them. Costs nothing while nobody does. */
export class EffectJournal {
  /** Somebody repeats them. */
  isOn = false;
  /** Counts what sinks make durable together; see `Client.effectBatch`. */
  batch = 1;
  readonly #encoder = new EffectEncoder();
  #file: EffectSink | undefined;
  #replicas: EffectSink | undefined;

  /** The append-only file. */
  get sink(): EffectSink | undefined {
    return this.#file;
  }

  set sink(sink: EffectSink | undefined) {
    this.#file = sink;
    this.isOn = sink !== undefined || this.#replicas !== undefined;
  }

  /** The backlog. It gets messages (PUBLISH) as well, which no file keeps. */
  set replicas(sink: EffectSink | undefined) {
    if (sink === this.#replicas) return;
    this.deliver();
    this.#replicas = sink;
    this.isOn = sink !== undefined || this.#file !== undefined;
  }

  /** The database that the stream has selected; -1: the next effect selects one. */
  get dbIndex(): number {
    return this.#encoder.dbIndex;
  }

  /** Bytes that have not been delivered. */
  get pendingBytes(): number {
    return this.#encoder.pendingBytes;
  }

  /** Notes what the command that just ran did: what it said of itself, or else the request as it came. */
  record(context: ServerContext, args: Args): void {
    const encoder = this.#encoder;
    const given = context.effects;
    const { client } = context;
    client.effectBatch = this.batch;
    const before = encoder.pendingBytes;
    if (given === undefined) encoder.addArgs(context.dbIndex, args);
    else if (given.length === 1) encoder.addParts(context.dbIndex, given[0]);
    else this.#recordTogether(context.dbIndex, given);
    if (this.#replicas === undefined || encoder.pendingBytes === before) return;
    client.writeOffset = context.kernel.replication.offset + encoder.pendingBytes;
  }

  /** One command did all of this: whoever repeats it does all or nothing. */
  #recordTogether(dbIndex: number, effects: readonly (readonly EffectPart[])[]): void {
    const encoder = this.#encoder;
    const isOwnTransaction = !encoder.isInTransaction;
    if (isOwnTransaction) encoder.begin();
    for (const parts of effects) encoder.addParts(dbIndex, parts);
    if (isOwnTransaction) encoder.end();
  }

  /** PUBLISH and SPUBLISH: for those who follow, not for those who keep. */
  recordMessage(context: ServerContext, args: Args): void {
    if (this.#replicas !== undefined) this.#encoder.addMessage(context.dbIndex, args);
  }

  /** A key that expired or was evicted. */
  recordDelete(dbIndex: number, key: ByteBuffer, start: number, end: number): void {
    if (this.isOn) this.#encoder.addDelete(dbIndex, key, start, end);
  }

  recordFieldDelete(dbIndex: number, key: Span, field: Span): void {
    if (this.isOn) this.#encoder.addFieldDelete(dbIndex, key, field);
  }

  /** EXEC keeps the effects of its commands together. */
  beginTransaction(): void {
    if (this.isOn) this.#encoder.begin();
  }

  endTransaction(): void {
    if (this.isOn) this.#encoder.end();
  }

  /** Somebody begins a new file or follows anew, to whom only what is recorded from here on belongs. */
  beginStream(): void {
    this.deliver();
    this.#encoder.forgetDatabase();
  }

  /** Hands over what there is; called before the replies that acknowledge it leave. */
  deliver(): void {
    if (this.isOn) this.#encoder.deliver(this.#file, this.#replicas);
  }
}
