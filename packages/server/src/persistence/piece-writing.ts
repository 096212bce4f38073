import type { File } from '@kvartz/base';
import type { PieceSource } from './snapshot-source.ts';

/** Bytes that were made and are not written yet, at most, but for the last piece. */
const inFlightBytesMax = 4 * 2 ** 20;
/** So many bytes are synced at a time, so that the last sync has not everything to do. */
const syncBytes = 4 * 2 ** 20;

/**
 * Writes all pieces to the end of a file and syncs it. Pieces are made while those before them are written. `isSyncedInParts`:
 * `rdb-save-incremental-fsync`. Rejects with what the disk or the source says; the source is then to be aborted by the caller.
 */
export async function writePieces(file: File, source: PieceSource, isSyncedInParts: boolean): Promise<void> {
  let inFlightBytes = 0;
  let unsyncedBytes = 0;
  let failure: { readonly error: unknown } | undefined;
  let writing = Promise.resolve();
  const writeAfter = async (before: Promise<void>, piece: Uint8Array<ArrayBuffer>): Promise<void> => {
    await before;
    if (failure !== undefined) return;
    try {
      await file.write(piece);
      unsyncedBytes += piece.length;
      if (isSyncedInParts && unsyncedBytes >= syncBytes) {
        await file.sync();
        unsyncedBytes = 0;
      }
    } catch (error) {
      failure = { error };
    }
    inFlightBytes -= piece.length;
    source.reuse?.(piece);
  };
  try {
    for (let piece = await source.next(); piece !== undefined; piece = await source.next()) {
      inFlightBytes += piece.length;
      writing = writeAfter(writing, piece);
      if (inFlightBytes >= inFlightBytesMax) await writing;
      if (failure !== undefined) break;
    }
  } finally {
    // Whatever happens: nothing is written any more when this function is over.
    await writing;
  }
  if (failure !== undefined) throw failure.error;
  await file.sync();
}
