import { type FileHandle, open } from 'node:fs/promises';
import { ByteBuffer } from '@kvartz/base';
import { progressOf } from './progress.ts';

const pieceBytes = 2 ** 20;

/** Bytes `[0, sizeBytes)` of a buffer that the next piece overwrites. */
export interface Piece {
  readonly buffer: ByteBuffer;
  readonly sizeBytes: number;
}

/** The bytes of a file from an offset on, with a bar on long files. Rejects with a system error. */
export async function* bufferedPieces(path: string, offset = 0, label = `Reading ${path}`): AsyncGenerator<Piece> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const progress = progressOf(label, size - offset);
    try {
      yield* readAll(file, offset, (bytes) => progress.add(bytes));
    } finally {
      progress.stop();
    }
  } finally {
    await file.close();
  }
}

/** The same as views. */
export async function* piecesOf(path: string, label?: string): AsyncGenerator<Uint8Array> {
  for await (const { buffer, sizeBytes } of bufferedPieces(path, 0, label)) yield buffer.u8.subarray(0, sizeBytes);
}

async function* readAll(file: FileHandle, offset: number, onBytes: (bytes: number) => void): AsyncGenerator<Piece> {
  const buffer = new ByteBuffer(pieceBytes);
  for (let at = offset; ;) {
    const { bytesRead } = await file.read(buffer.u8, 0, pieceBytes, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield { buffer, sizeBytes: bytesRead };
    onBytes(bytesRead);
  }
}
