import type { Keyspace } from '@kvartz/engine';
import { defaultRdbVersion, type RdbVersion } from '../rdb/format.ts';
import type { RdbWriterOptions } from '../rdb/rdb-writer.ts';
import type { AccessKind } from '../values/value-writer.ts';

export interface SnapshotOptions extends RdbWriterOptions {
  /** What the file says of itself: `redis-ver`, `ctime`, ... */
  readonly aux?: readonly (readonly [name: string, value: string])[];
  /** Code of libraries. */
  readonly functionLibraries?: readonly Uint8Array[];
  /** Default: none. */
  readonly access?: AccessKind;
  /** A piece is handed out when it has so many bytes. Default: 256 KiB. */
  readonly pieceBytes?: number;
}

export const defaultPieceBytes: number = 2 ** 18;
/** What reads the times of fields. */
const timedVersion = 12;

/**
 * The version of a file of these databases. If fields of hashes have times it is 12, whatever was asked for: older servers then refuse
 * it at its first byte.
 */
export function versionFor(databases: readonly Keyspace[], wanted: RdbVersion = defaultRdbVersion): RdbVersion {
  return databases.some(({ partlyExpiringCount }) => partlyExpiringCount > 0) ? timedVersion : wanted;
}
