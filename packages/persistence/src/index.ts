export type { AofEnd, AofEndKind } from './aof/aof-end.ts';
export { AofError, type AofErrorCode, type AofErrorDetail } from './aof/aof-error.ts';
export { AofEvent, AofReader, beginsWithRdb } from './aof/aof-reader.ts';
export {
  type AofFile,
  type AofFileType,
  Manifest,
  type ManifestChange,
  manifestName,
  temporaryIncrementName,
  temporaryManifestName,
} from './aof/manifest.ts';
export { commandsOfKey } from './aof/rdb-commands.ts';
export { ManifestError } from './aof/manifest-error.ts';
export { formatManifest, parseManifest } from './aof/manifest-text.ts';
export { countCommands } from './aof/swallowed-request.ts';
export { defaultRdbVersion, RdbType, rdbVersionMax, type RdbVersion } from './rdb/format.ts';
export { kindOf, type RdbKind } from './rdb/kinds.ts';
export { lzfCompress, lzfDecompress } from './rdb/lzf.ts';
export { RdbBytes } from './rdb/rdb-bytes.ts';
export { RdbError, type RdbErrorCode, type RdbErrorDetail } from './rdb/rdb-error.ts';
export { RdbEvent } from './rdb/rdb-event.ts';
export type {
  RdbConsumer,
  RdbField,
  RdbGroup,
  RdbKey,
  RdbMember,
  RdbNote,
  RdbPending,
  RdbStream,
  RdbStreamEntry,
  RdbString,
  RdbValue,
} from './rdb/rdb-item.ts';
export { RdbOutput } from './rdb/rdb-output.ts';
export { RdbParser, type RdbParserOptions } from './rdb/rdb-parser.ts';
export { RdbScanner, type RdbScanHandler } from './rdb/rdb-scanner.ts';
export { RdbWriter, type RdbWriterOptions } from './rdb/rdb-writer.ts';
export { readRdb } from './rdb/read-rdb.ts';
export type { RdbStreamId, RdbStreamState } from './rdb/stream-parser.ts';
export { writeRdb } from './rdb/write-rdb.ts';
export { CutSnapshot } from './snapshot/cut-snapshot.ts';
export { SnapshotMemoryError } from './snapshot/held-views.ts';
export { SnapshotLoader, type SnapshotLoaderOptions } from './snapshot/snapshot-loader.ts';
export type { SnapshotOptions } from './snapshot/snapshot-options.ts';
export { writeSnapshot } from './snapshot/write-snapshot.ts';
export { KeyHead } from './values/key-head.ts';
export { LoadState } from './values/load-state.ts';
export { isPayload, PayloadLoader } from './values/payload-loader.ts';
export { PayloadWriter } from './values/payload-writer.ts';
export { ValueLoader } from './values/value-loader.ts';
export { type AccessKind, ValueWriter } from './values/value-writer.ts';
