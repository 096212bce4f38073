import { type ByteBuffer, crc64 } from '@kvartz/base';
import { type EntryRef, Keyspace } from '@kvartz/engine';
import { rdbVersionMax } from '../rdb/format.ts';
import { RdbError } from '../rdb/rdb-error.ts';
import { RdbEvent } from '../rdb/rdb-event.ts';
import { RdbParser } from '../rdb/rdb-parser.ts';
import { LoadState } from './load-state.ts';
import { ValueLoader } from './value-loader.ts';

const footerBytes = 10;

/** Whether `buffer[start, end)` is a payload of DUMP: of a version that is known here, with the right sum. */
export function isPayload({ dv, u8 }: ByteBuffer, start: number, end: number): boolean {
  if (end - start < footerBytes) return false;
  if (dv.getUint16(end - footerBytes, true) > rdbVersionMax) return false;
  return crc64(u8, start, end - 8) === dv.getBigUint64(end - 8, true);
}

/**
 * Makes values of payloads of DUMP. A value is built in a keyspace of its own, so that the key of a keyspace changes when the value
 * is whole, and otherwise not at all.
 */
export class PayloadLoader {
  readonly #parser = new RdbParser({ isPayload: true });
  readonly #values: ValueLoader;
  readonly #place: Keyspace;

  /** For the keyspaces of an arena. */
  constructor(arena: Keyspace['arena']) {
    this.#place = new Keyspace({ arena, hashKey: [0, 0] });
    this.#place.expiryMode = 'ignore';
    this.#values = new ValueLoader(this.#parser, this.#place);
  }

  /**
   * Builds the value of `payload[ps, pe)`, for which `isPayload` is true, as `target` would have it. `loaded`: then `move` puts it under a key, or `drop`
   * forgets it. Undefined: the payload does not say what a value is.
   */
  load(target: Keyspace, payload: ByteBuffer, ps: number, pe: number): LoadState | undefined {
    const parser = this.#parser;
    const place = this.#place;
    place.limits = target.limits;
    place.nowMs = target.nowMs;
    place.accessPolicy = target.accessPolicy;
    parser.reset();
    parser.feed(payload.u8.subarray(ps, pe - footerBytes));
    let state: LoadState = LoadState.more;
    try {
      while (state === LoadState.more) {
        const event = parser.next();
        if (event === RdbEvent.needMore) break;
        state = this.#values.take(event, place);
      }
    } catch (error) {
      this.#values.abort(place);
      if (error instanceof RdbError) return undefined;
      throw error;
    }
    if (state === LoadState.noMemory) return state;
    if (state === LoadState.loaded && parser.isDrained) return state;
    if (state === LoadState.loaded) this.drop();
    else this.#values.abort(place);
    return undefined;
  }

  /**
   * The value that was loaded goes under a key of `target`, in place of what that held, with an expiry (NO_EXPIRY: none). 0: no memory,
   * the value is gone, and `target` is as it was.
   */
  move(target: Keyspace, key: ByteBuffer, ks: number, ke: number, expireAtMs: number): EntryRef {
    const place = this.#place;
    const own = place.keyOf(this.#values.entry);
    const isNamed = place.rename(own.buffer, own.start, own.end, key, ks, ke) === 'ok';
    const named = isNamed ? place.peek(key, ks, ke) : this.#values.entry;
    const e = isNamed ? place.setExpireAtMs(named, expireAtMs) : 0;
    const moved = e === 0 ? 0 : place.moveTo(e, target, true);
    if (moved === 0) place.removeEntry(e === 0 ? named : e);
    return moved;
  }

  drop(): void {
    this.#place.removeEntry(this.#values.entry);
  }
}
