import type { ByteBuffer } from '@kvartz/base';
import type { Span } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from './context.ts';
import { EffectEncoder, type EffectSink } from './effects.ts';

/** The effects of a turn, on their way to those that repeat them. Costs nothing while there is no sink. */
export class EffectJournal {
  sink: EffectSink | undefined;
  readonly #encoder = new EffectEncoder();

  /** Notes what the command that just ran did: what it said of itself, or else the request as it came. */
  record(context: ServerContext, args: Args): void {
    const given = context.effects;
    if (given === undefined) this.#encoder.addArgs(context.dbIndex, args);
    else for (const parts of given) this.#encoder.addParts(context.dbIndex, parts);
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

  /** Hands over what there is; called before the replies that acknowledge it leave. */
  deliver(): void {
    if (this.sink !== undefined) this.#encoder.deliver(this.sink);
  }
}
