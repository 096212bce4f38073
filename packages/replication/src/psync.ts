import type { Backlog } from './backlog.ts';
import type { ReplicationIds } from './replication-ids.ts';

/** What a master answers to PSYNC. */
export type PsyncAnswer =
  | { readonly kind: 'continue'; readonly offset: number }
  /** `reason`: why not, for the log; undefined when the replica asked for everything. */
  | { readonly kind: 'full'; readonly reason: string | undefined };

/** `wanted`: the first byte that the replica lacks, counted from 1, as PSYNC says it. */
export function answerPsync(
  ids: ReplicationIds,
  backlog: Backlog | undefined,
  replId: string,
  wanted: number,
): PsyncAnswer {
  if (replId === '?') return { kind: 'full', reason: undefined };
  const offset = wanted - 1;
  if (!ids.isOurs(replId, offset)) {
    const isSecond = replId === ids.secondId;
    const reason = isSecond
      ? `Requested offset for second ID was ${wanted}, but I can reply up to ${ids.secondOffset + 1}`
      : `Replication ID mismatch (Replica asked for '${replId}', my replication IDs are '${ids.replId}' and '${ids.secondId ?? '0'.repeat(40)}')`;
    return { kind: 'full', reason };
  }
  if (backlog?.holds(offset) === true) return { kind: 'continue', offset };
  const held = backlog === undefined ? 'no backlog' : `bytes ${backlog.startOffset + 1} to ${backlog.endOffset}`;
  return { kind: 'full', reason: `lack of backlog (the replica's request was ${wanted}, there is ${held})` };
}
