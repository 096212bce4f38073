import type { ByteBuffer } from '@kvartz/base';
import type { EffectPart } from '@kvartz/commands';
import type { Span } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from './context.ts';
import { EffectEncoder, type EffectSink } from './effects.ts';

/** The effects of a turn, on their way to those that repeat them. Costs nothing while there is no sink. */
export class EffectJournal {
  sink: EffectSink | undefined;
  /** Counts what sinks make durable together; see `Client.effectBatch`. */
  batch = 1;
  readonly #encoder = new EffectEncoder();

  /** Notes what the command that just ran did: what it said of itself, or else the request as it came. */
  record(context: ServerContext, args: Args): void {
    const encoder = this.#encoder;
    const given = context.effects;
    context.client.effectBatch = this.batch;
    if (given === undefined) encoder.addArgs(context.dbIndex, args);
    else if (given.length === 1) encoder.addParts(context.dbIndex, given[0]);
    else this.#recordTogether(context.dbIndex, given);
  }

  /** One command did all of this: whoever repeats it does all or nothing. */
  #recordTogether(dbIndex: number, effects: readonly (readonly EffectPart[])[]): void {
    const encoder = this.#encoder;
    const isOwnTransaction = !encoder.isInTransaction;
    if (isOwnTransaction) encoder.begin();
    for (const parts of effects) encoder.addParts(dbIndex, parts);
    if (isOwnTransaction) encoder.end();
  }

  /** A key that expired or was evicted. */
  recordDelete(dbIndex: number, key: ByteBuffer, start: number, end: number): void {
    if (this.sink !== undefined) this.#encoder.addDelete(dbIndex, key, start, end);
  }

  recordFieldDelete(dbIndex: number, key: Span, field: Span): void {
    if (this.sink !== undefined) this.#encoder.addFieldDelete(dbIndex, key, field);
  }

  /** EXEC keeps the effects of its commands together. */
  beginTransaction(): void {
    if (this.sink !== undefined) this.#encoder.begin();
  }

  endTransaction(): void {
    if (this.sink !== undefined) this.#encoder.end();
  }

  /** The sink begins a new file, to which only what is recorded from here on belongs. */
  beginStream(): void {
    this.deliver();
    this.#encoder.forgetDatabase();
  }

  /** Hands over what there is; called before the replies that acknowledge it leave. */
  deliver(): void {
    if (this.sink !== undefined) this.#encoder.deliver(this.sink);
  }
}
