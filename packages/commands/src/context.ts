import type { ByteBuffer, Random } from '@kvartz/base';
import type { Keyspace, ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import type { KeyEvent } from './key-events.ts';

/** One piece of an effect: text (ASCII), whole bytes, or one argument of the request that caused it. */
export type EffectPart = string | number | Uint8Array | { readonly args: Args; readonly index: number };

/**
 * What a command sees of the server while it runs. A command runs to its end without interruption, and nothing it is
 * handed may be kept after it returns.
 */
export interface CommandContext {
  readonly reply: ReplyWriter;
  /** The selected database. */
  readonly db: Keyspace;
  readonly dbIndex: number;
  /** All databases; SWAPDB swaps elements. */
  readonly databases: Keyspace[];
  /** Wall time in milliseconds, frozen while one command (or one transaction) runs. */
  readonly nowMs: number;
  readonly random: Random;
  /** Slots rule, and database 0 is the only one. */
  readonly isClusterEnabled: boolean;
  /** `proto-max-bulk-len`: no string may become longer. */
  readonly bulkBytesMax: number;
  /** The command comes from a master or a file, where it has succeeded: limits on what clients ask for do not apply. */
  readonly mustObey: boolean;
  /** `hll-sparse-max-bytes`: a HyperLogLog that grows longer becomes dense. */
  readonly hllSparseBytesMax: number;

  /** Keys that read-only commands looked for, found and not found: as INFO gives them. Commands count up. */
  keyspaceHits: number;
  keyspaceMisses: number;
  /** Fields of hashes removed because their time had come or was past when it was given; as INFO gives it. */
  expiredFields: number;
  /** A read-only command did not find the key in argument `index`: counts it, and feeds the `keymiss` notification. */
  missed(args: Args, index: number): void;
  /** The same for a key that is not an argument. */
  missedKey(key: ByteBuffer, start: number, end: number): void;

  /**
   * Says that argument `index` names a key that has changed: counts the write (`dirty`), wakes WATCH, and feeds
   * keyspace notifications and client-side caches. Once per key and command, after the change.
   */
  touch(args: Args, index: number, event: KeyEvent): void;
  /** `touch` for a key that is not an argument, or is in another database. */
  touchKey(dbIndex: number, key: ByteBuffer, start: number, end: number, event: KeyEvent): void;
  /** Counts changes of what consumer groups know, of which WATCH and client-side caches do not hear, as in Redis. */
  countChanges(count: number): void;
  /** Lets those who wait for the key in argument `index` look again, though nobody else is told that it has changed. */
  wake(args: Args, index: number): void;
  /** A further notification for a key that `touch` has told of: `expire` after `set`. */
  notify(args: Args, index: number, event: KeyEvent): void;
  /**
   * Says that a whole database is about to change (FLUSHDB), or two are about to be swapped. Called before the change: it
   * breaks the WATCH of every key that exists in either.
   */
  touchDatabase(dbIndex: number, otherIndex?: number): void;
  /** All databases are about to be emptied. */
  touchAllDatabases(): void;

  /** True when somebody wants effects (AOF, replicas, a slot migration). Skip the work of `propagate` when false. */
  readonly isPropagating: boolean;
  /**
   * Replaces the effect of the command that runs (by default: the request as it came, when it changed something). The
   * first call replaces, later calls add. Effects are absolute: times as milliseconds since the epoch, chance as outcome.
   */
  propagate(...parts: readonly EffectPart[]): void;
  /** The command changed nothing that has to be repeated elsewhere. */
  propagateNothing(): void;

  /**
   * Puts the running command off: it found nothing to take under the arguments `keys`. When one of these comes to hold a
   * value of `type`, the command is run again, first come first served, with `readyKey` set. After `timeoutMs` (0: never)
   * the reply is a null array. Where nobody can wait (MULTI, scripts) `refusal` is the reply, at once. The command itself
   * writes none. `keys` may name a key twice.
   *
   * What is run again is a copy of `args`, which may be other arguments than those that came, if only the name is the same.
   * `isTied`: also run it again when one of its keys is deleted, expires or comes to hold another type.
   */
  block(
    args: Args,
    keys: readonly number[],
    type: ValueType,
    timeoutMs: number,
    refusal: 'null' | 'nullArray',
    isTied?: boolean,
  ): void;
  /** The argument whose key ended the waiting of the command, which takes from this one; 0: it has not waited. */
  readonly readyKey: number;
}
