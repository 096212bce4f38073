/**
 * Which histories of the data set a node can continue. A master writes history `replId`. A replica that is promoted begins
 * one of its own and remembers the one it came from: up to `secondOffset` both are the same, so that its siblings, who know
 * only the old id, need no full resync (PSYNC2).
 */
export class ReplicationIds {
  /** 40 hex digits. */
  replId: string;
  /** The history before the last promotion; undefined: none. */
  secondId: string | undefined;
  /** First offset at which the second history is not ours any more; -1 without one. */
  secondOffset = -1;

  constructor(replId: string) {
    this.replId = replId;
  }

  /** A replica becomes a master at this offset: what it writes from here on nobody else has. */
  promote(newId: string, endOffset: number): void {
    this.secondId = this.replId;
    this.secondOffset = endOffset;
    this.replId = newId;
  }

  /** The history of a master from which all data came just now. */
  adopt(replId: string): void {
    this.replId = replId;
    this.forgetSecond();
  }

  /** The master that is followed has been promoted and goes by a new id; what it had so far is what we have. */
  rename(newId: string, endOffset: number): void {
    if (newId === this.replId) return;
    this.promote(newId, endOffset);
  }

  forgetSecond(): void {
    this.secondId = undefined;
    this.secondOffset = -1;
  }

  /** Whether somebody at `offset` of history `replId` has nothing that ours lacks. */
  isOurs(replId: string, offset: number): boolean {
    if (replId === this.replId) return true;
    return replId === this.secondId && offset <= this.secondOffset;
  }
}
