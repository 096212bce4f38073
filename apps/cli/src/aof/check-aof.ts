import { type AofEnd, AofError, AofEvent, AofReader, beginsWithRdb, RdbError, RdbScanner } from '@kvartz/persistence';
import { RequestBatch } from '@kvartz/resp';
import { bufferedPieces } from '../files/pieces.ts';

/** What reading one file of an append-only file has found. */
export interface AofFileReport {
  readonly path: string;
  readonly sizeBytes: number;
  /** Keys of the RDB file that it begins with. */
  readonly rdbKeys: number;
  readonly commands: number;
  readonly transactions: number;
  /** Up to here the file is good, and could be cut. */
  readonly safeOffset: number;
  /** How it ends; undefined: it is damaged before its end. */
  readonly end: AofEnd | undefined;
  readonly error:
    | { readonly code: string; readonly offset: number; readonly expected: string; readonly found: string }
    | undefined;
  /** The damage is in the RDB file, of which nothing can be cut off. */
  readonly isRdbDamaged: boolean;
}

/** Reads a file to its end, or to where it is damaged. Rejects with a system error. */
export async function checkAofFile(path: string): Promise<AofFileReport> {
  const check = new AofFileCheck();
  let sizeBytes = 0;
  for await (const { buffer, sizeBytes: pieceBytes } of bufferedPieces(path)) {
    sizeBytes += pieceBytes;
    check.run(() => check.feed(buffer, pieceBytes));
  }
  const end = check.run(() => check.finish());
  const { error, rdbKeys, reader } = check;
  return {
    path,
    sizeBytes,
    rdbKeys,
    commands: reader?.commands ?? 0,
    transactions: reader?.transactions ?? 0,
    safeOffset: reader?.safeOffset ?? 0,
    end,
    error: error && { code: error.code, offset: error.offset, expected: error.expected, found: error.found },
    isRdbDamaged: error instanceof RdbError,
  };
}

class AofFileCheck {
  rdbKeys = 0;
  reader: AofReader | undefined;
  error: AofError | RdbError | undefined;
  readonly #batch = new RequestBatch(64);
  #scanner: RdbScanner | undefined;
  #fedBytes = 0;

  /** Nothing more is done once the file is known to be damaged. */
  run<T>(work: () => T): T | undefined {
    if (this.error !== undefined) return undefined;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof AofError || error instanceof RdbError)) throw error;
      this.error = error;
      return undefined;
    }
  }

  feed(buffer: Parameters<AofReader['feed']>[0], sizeBytes: number): void {
    const piece = buffer.u8.subarray(0, sizeBytes);
    if (this.#fedBytes === 0 && beginsWithRdb(piece) === true) {
      this.#scanner = new RdbScanner({ onKey: () => void this.rdbKeys++ });
    }
    const startOffset = this.#fedBytes;
    this.#fedBytes += sizeBytes;
    let start = 0;
    const scanner = this.#scanner;
    if (this.reader === undefined && scanner !== undefined) {
      scanner.feed(piece);
      if (!scanner.isDone) return;
      start = scanner.offset - startOffset;
    }
    const reader = (this.reader ??= new AofReader(startOffset + start));
    reader.feed(buffer, start, sizeBytes);
    while (reader.nextBatch(this.#batch) > 0 || reader.next() !== AofEvent.needMore);
  }

  finish(): AofEnd {
    if (this.reader === undefined) this.#scanner?.finish();
    return (this.reader ??= new AofReader()).finish();
  }
}
