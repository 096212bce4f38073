export { Backlog, BacklogReader, type BacklogRun } from './backlog.ts';
export { answerPsync, type PsyncAnswer } from './psync.ts';
export { type ReplicaAnnouncement, type ReplicaHost, type ReplicaPhase, ReplicaSession } from './replica-session.ts';
export { ReplicationIds } from './replication-ids.ts';
export { markBytes, TransferError, TransferReader } from './transfer.ts';
