import { latin1Bytes, type Timer } from '@kvartz/base';
import { type Client, Halt } from '../client.ts';
import type { Kernel } from '../kernel.ts';

/** A client with so many bytes of replies held runs nothing more until some leave. */
const heldBytesMax = 1024 * 1024;
/** How often it is looked whose time is over, and replicas are asked again. */
const watchMs = 100;

/** The reply to one write: where it stands in the output of its turn. */
interface WriteReply {
  readonly start: number;
  readonly end: number;
  /** Which buffer of `Output` that is. */
  readonly generation: number;
}

/** Replies of one turn to one client. */
interface HeldReplies {
  readonly bytes: Uint8Array;
  /** Replies to writes, in `bytes`. */
  readonly writes: readonly { readonly start: number; readonly end: number }[];
  /** They leave when enough replicas have this offset. */
  readonly offset: number;
  /** Monotonic. */
  readonly deadlineMs: number;
}

/** What a client has not been told yet. */
export class UnackedReplies {
  /** Written, and not handed over by `Output` yet. */
  readonly writes: WriteReply[] = [];
  readonly held: HeldReplies[] = [];
  heldBytes = 0;
  /** The connection ends after the last of them. */
  isEnding = false;
}

/**
 * `min-replicas-to-ack`: replies to writes leave when so many replicas have the writes. Replies of a connection stay in order, so
 * that what comes after a write waits with it; other connections go on. When the time is over the writes are answered with an error each.
 *
 *   replies of a turn:   GET | SET | GET | INCR        held until the INCR's offset is acknowledged, or
 *                        GET | -NOREPLICAS ... | GET | -NOREPLICAS ...
 */
export class AckHold {
  /** Replies to writes wait. */
  isOn = false;
  readonly #kernel: Kernel;
  readonly #waiting = new Set<Client>();
  #timer: Timer | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** After the configuration or the role has changed. */
  refresh(): void {
    const { config, replication } = this.#kernel;
    const isOn = config.replication.minReplicasToAck > 0 && !replication.isReplica;
    if (isOn === this.isOn) return;
    this.isOn = isOn;
    // Who follows another now has nothing to promise; without the directive nobody waits.
    if (!isOn)
      for (const client of this.#waiting) this.#settle(client, replication.isReplica ? -1 : Infinity, Infinity);
  }

  /** A command of this client has written; its reply is `[start, end)` of the output. */
  note(client: Client, start: number, end: number): void {
    // EXEC of commands that only read.
    if (client.writeOffset === client.notedOffset) return;
    client.notedOffset = client.writeOffset;
    client.unacked ??= new UnackedReplies();
    client.unacked.writes.push({ start, end, generation: this.#kernel.output.generation });
  }

  /** `Output` hands over replies of a client that has unacknowledged ones. */
  hold(client: Client, bytes: Uint8Array, start: number, end: number): void {
    const unacked = client.unacked!;
    const { config, env, output } = this.#kernel;
    const writes: { start: number; end: number }[] = [];
    for (let next = unacked.writes[0]; next !== undefined; next = unacked.writes[0]) {
      if (next.generation !== output.sending || next.start < start || next.end > end) break;
      unacked.writes.shift();
      writes.push({ start: next.start - start, end: next.end - start });
    }
    unacked.held.push({
      bytes: bytes.slice(start, end),
      writes,
      offset: writes.length > 0 ? client.writeOffset : 0,
      deadlineMs: env.clock.monotonicMs() + config.replication.minReplicasToAckTimeoutMs,
    });
    unacked.heldBytes += end - start;
    this.#waiting.add(client);
    if (unacked.heldBytes > heldBytesMax) client.halts |= Halt.unacked;
    this.#kernel.replication.askForAcks();
    this.#timer ??= env.timers.after(watchMs, () => this.#watch());
  }

  /** Replicas have said how far they are. */
  settle(): void {
    if (this.#waiting.size === 0) return;
    const offset = this.#safeOffset();
    for (const client of this.#waiting) this.#settle(client, offset, -Infinity);
  }

  /** The connection is to end when all has left. False: nothing is held, it may end now. */
  endLater(client: Client): boolean {
    if (client.unacked === undefined || client.unacked.held.length === 0) return false;
    client.unacked.isEnding = true;
    return true;
  }

  forget(client: Client): void {
    this.#waiting.delete(client);
    client.unacked = undefined;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #watch(): void {
    this.#timer = undefined;
    const nowMs = this.#kernel.env.clock.monotonicMs();
    const offset = this.#safeOffset();
    for (const client of this.#waiting) this.#settle(client, offset, nowMs);
    if (this.#waiting.size === 0) return;
    this.#kernel.replication.askForAcks();
    this.#timer = this.#kernel.env.timers.after(watchMs, () => this.#watch());
  }

  /** What enough replicas have. */
  #safeOffset(): number {
    const { config, replication } = this.#kernel;
    const { minReplicasToAck, minReplicasToAckLevel } = config.replication;
    const offsets: number[] = [];
    for (const replica of replication.replicas.values()) {
      if (replica.state !== 'online') continue;
      offsets.push(minReplicasToAckLevel === 'fsync' ? replica.fsyncedOffset : replica.ackOffset);
    }
    offsets.sort((a, b) => b - a);
    return offsets[minReplicasToAck - 1] ?? -1;
  }

  /** Sends what is acknowledged up to `offset`, and, as errors, what should have been by `nowMs`. */
  #settle(client: Client, offset: number, nowMs: number): void {
    const unacked = client.unacked!;
    for (let next = unacked.held[0]; next !== undefined; next = unacked.held[0]) {
      const isAcked = next.offset <= offset || next.writes.length === 0;
      if (!isAcked && next.deadlineMs > nowMs) break;
      unacked.held.shift();
      unacked.heldBytes -= next.bytes.length;
      const bytes = isAcked ? next.bytes : this.#refused(next);
      client.sendNow(bytes, 0, bytes.length);
    }
    if ((client.halts & Halt.unacked) !== 0 && unacked.heldBytes <= heldBytesMax) {
      client.halts &= ~Halt.unacked;
      this.#kernel.env.timers.afterTurn(() => this.#kernel.resume(client));
    }
    if (unacked.held.length > 0) return;
    this.#waiting.delete(client);
    if (unacked.isEnding) client.connection.end();
    else if (unacked.writes.length === 0) client.unacked = undefined;
  }

  /** The same replies with an error in place of each write's. */
  #refused({ bytes, writes }: HeldReplies): Uint8Array {
    const { replication } = this.#kernel.config;
    const error = latin1Bytes(
      `-NOREPLICAS fewer than ${replication.minReplicasToAck} replicas have acknowledged the write within ${replication.minReplicasToAckTimeoutMs} ms: it is done here, and may be lost with this master\r\n`,
    );
    const parts: Uint8Array[] = [];
    let from = 0;
    for (const { end, start } of writes) {
      parts.push(bytes.subarray(from, start), error);
      from = end;
    }
    parts.push(bytes.subarray(from));
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
