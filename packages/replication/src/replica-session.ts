/**
 * The replica's end of one connection to its master, from PING to the stream:
 *
 *   opened -> PING -> [AUTH] [REPLCONF ...]* -> PSYNC -> +FULLRESYNC -> snapshot -> stream
 *                                                     -> +CONTINUE   ------------> stream
 *
 * It sends through its host and tells it what comes; it has no clock and keeps none of the data. A session ends by
 * `failed`, after which the host makes a new one; until then every chunk of the connection goes to `receive`.
 */
import { encodeRequest } from '@kvartz/resp';
import { ReplyLines } from './reply-lines.ts';
import { TransferError, TransferReader } from './transfer.ts';

/** What the master is told of the replica, and what the replica has. */
export interface ReplicaAnnouncement {
  readonly listeningPort: number;
  /** Where others can reach it, if the master cannot see that. */
  readonly ipAddress?: string;
  readonly user?: string;
  readonly password?: string;
  /** Version that `REPLCONF version` says. */
  readonly version: string;
  /** History and offset from which it could go on; undefined: it has nothing. */
  readonly position?: { readonly replId: string; readonly offset: number };
  /** The master is asked to step down in favour of this replica. */
  readonly isFailover?: boolean;
}

export interface ReplicaHost {
  send(bytes: Uint8Array): void;
  /** The master answered PING. */
  reached(): void;
  /** A whole data set comes; after its end the stream goes on at `offset` of history `replId`. */
  fullSync(replId: string, offset: number): void;
  /** Its size in bytes, if the master knows it. */
  snapshotBegins(sizeBytes: number | undefined): void;
  snapshot(bytes: Uint8Array, start: number, end: number): void;
  snapshotEnds(): void;
  /** The stream goes on where it broke; `newId`: the master has another history id now. */
  continued(newId: string | undefined): void;
  stream(bytes: Uint8Array, start: number, end: number): void;
  /** A reply that does not stop the handshake, for the log. */
  warned(text: string): void;
  /** The connection is of no use. */
  failed(text: string): void;
}

export type ReplicaPhase = 'connecting' | 'handshake' | 'psync' | 'transfer' | 'stream' | 'failed';

interface Step {
  readonly request: readonly string[];
  /** Looks at the reply; false: the handshake ends. */
  readonly accept: (reply: string) => boolean;
}

export class ReplicaSession {
  phase: ReplicaPhase = 'connecting';
  readonly #host: ReplicaHost;
  readonly #lines = new ReplyLines();
  readonly #steps: Step[];
  #transfer: TransferReader | undefined;
  readonly #position: ReplicaAnnouncement['position'];

  constructor(host: ReplicaHost, announcement: ReplicaAnnouncement) {
    this.#host = host;
    this.#position = announcement.position;
    this.#steps = this.#stepsFor(announcement);
  }

  /** The connection stands. */
  opened(): void {
    this.phase = 'handshake';
    this.#sendStep();
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    try {
      while (at < end && this.phase !== 'failed') {
        if (this.phase === 'stream') {
          this.#host.stream(bytes, at, end);
          return;
        }
        at += this.#transfer === undefined ? this.#takeLine(bytes, at, end) : this.#takeSnapshot(bytes, at, end);
      }
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      this.#fail(`the master sent what cannot be read: ${error.message}`);
    }
  }

  #takeLine(bytes: Uint8Array, start: number, end: number): number {
    const line = this.#lines.next(bytes, start, end);
    if (line !== undefined) {
      if (this.phase === 'transfer') this.#beginTransfer(line);
      else this.#takeReply(line);
    }
    return this.#lines.used;
  }

  #takeReply(line: string): void {
    if (this.phase === 'psync') {
      this.#takePsync(line);
      return;
    }
    const step = this.#steps.shift()!;
    if (!step.accept(line)) return;
    this.#sendStep();
  }

  #sendStep(): void {
    const [step] = this.#steps;
    if (step === undefined) return;
    if (this.#steps.length === 1) this.phase = 'psync';
    this.#host.send(encodeRequest(step.request));
  }

  /** `+FULLRESYNC <id> <offset>`, `+CONTINUE [<id>]`, or why not. */
  #takePsync(line: string): void {
    const [, id, offset] = /^\+FULLRESYNC ([0-9a-f]{40}) (\d{1,16})$/.exec(line) ?? [];
    if (id !== undefined) {
      this.phase = 'transfer';
      this.#host.fullSync(id, Number(offset));
      return;
    }
    const continued = /^\+CONTINUE(?: ([0-9a-f]{40}))?$/.exec(line);
    if (continued === null) this.#fail(`the master refused PSYNC: ${line}`);
    else if (this.#position === undefined) this.#fail('the master continues a stream that was not asked for');
    else {
      this.phase = 'stream';
      this.#host.continued(continued[1]);
    }
  }

  #beginTransfer(line: string): void {
    if (line.startsWith('-')) throw new TransferError(`it gave up the snapshot: ${line}`);
    this.#transfer = new TransferReader(line);
    this.#host.snapshotBegins(this.#transfer.sizeBytes);
    if (this.#transfer.sizeBytes === 0) throw new TransferError('a snapshot of no bytes');
  }

  #takeSnapshot(bytes: Uint8Array, start: number, end: number): number {
    const taken = this.#transfer!.take(bytes, start, end, (from, first, last) =>
      this.#host.snapshot(from, first, last),
    );
    if (taken < 0) return end - start;
    this.#transfer = undefined;
    this.phase = 'stream';
    this.#host.snapshotEnds();
    return taken;
  }

  #fail(text: string): void {
    this.phase = 'failed';
    this.#host.failed(text);
  }

  #stepsFor({ ipAddress, isFailover, listeningPort, password, position, user, version }: ReplicaAnnouncement): Step[] {
    const must = (what: string) => (reply: string) => {
      if (!reply.startsWith('-')) return true;
      this.#fail(`${what}: ${reply}`);
      return false;
    };
    const may = (what: string) => (reply: string) => {
      if (reply.startsWith('-')) this.#host.warned(`(Non critical) Master does not understand ${what}: ${reply}`);
      return true;
    };
    const ping = (reply: string): boolean => {
      // Whoever wants a password first says so to PING already.
      if (!/^(?:\+|-NOAUTH|-NOPERM|-ERR operation not permitted)/.test(reply))
        return must('Error reply to PING from master')(reply);
      this.#host.reached();
      return true;
    };
    const steps: Step[] = [{ request: ['PING'], accept: ping }];
    if (password !== undefined) {
      const request = user === undefined ? ['AUTH', password] : ['AUTH', user, password];
      steps.push({ request, accept: must('Unable to AUTH to MASTER') });
    }
    steps.push({
      request: ['REPLCONF', 'listening-port', String(listeningPort)],
      accept: may('REPLCONF listening-port'),
    });
    if (ipAddress !== undefined) {
      steps.push({ request: ['REPLCONF', 'ip-address', ipAddress], accept: may('REPLCONF ip-address') });
    }
    steps.push({ request: ['REPLCONF', 'capa', 'eof', 'capa', 'psync2'], accept: may('REPLCONF capa') });
    steps.push({ request: ['REPLCONF', 'version', version], accept: () => true });
    // PSYNC counts bytes from 1 and names the first that is lacking.
    const psync = position === undefined ? ['?', '-1'] : [position.replId, String(position.offset + 1)];
    steps.push({ request: ['PSYNC', ...psync, ...(isFailover === true ? ['FAILOVER'] : [])], accept: () => true });
    return steps;
  }
}
