import { ByteBuffer } from '@kvartz/base';
import type { EntryRef, Keyspace } from '@kvartz/engine';
import { RdbWriter } from '../rdb/rdb-writer.ts';
import { ValueWriter } from '../values/value-writer.ts';
import { defaultPieceBytes, type SnapshotOptions, versionFor } from './snapshot-options.ts';

const slotCount = 16_384;
/** Elements between two looks at the size of the piece. */
const stepElements = 4096;

/**
 * A file of all databases as they are, in pieces. Nothing may change before the last one was taken. If fields of hashes have times, the
 * file says version 12, whatever was asked for: older servers then refuse it at its first byte.
 */
export function* writeSnapshot(
  databases: readonly Keyspace[],
  options: SnapshotOptions = {},
): Generator<Uint8Array<ArrayBuffer>, void> {
  const { access = 'none', aux = [], functionLibraries = [], pieceBytes = defaultPieceBytes } = options;
  const writer = new RdbWriter({ ...options, version: versionFor(databases, options.version) });
  const values = new ValueWriter(writer);
  const { out } = writer;
  writer.header();
  for (const [name, value] of aux) writer.aux(name, value);
  for (const code of functionLibraries) writer.functionLibrary(ByteBuffer.from(code), 0, code.length);
  const entries: EntryRef[] = [];
  for (const [db, keyspace] of databases.entries()) {
    if (keyspace.keyCount === 0) continue;
    writer.selectDb(db);
    writer.resizeDb(keyspace.keyCount, keyspace.expiringCount);
    for (let slot = 0; slot < slotCount; slot++) {
      if (keyspace.slotCount(slot) === 0) continue;
      entries.length = 0;
      keyspace.forEachInSlot(slot, Infinity, (e) => entries.push(e));
      for (const e of entries) {
        values.beginKey(keyspace, e, access);
        while (!values.step(stepElements)) if (out.length >= pieceBytes) yield out.take();
        if (out.length >= pieceBytes) yield out.take();
      }
    }
  }
  writer.eof();
  yield out.take();
}
