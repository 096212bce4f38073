import { commandsOfKey, readRdb } from '@kvartz/persistence';
import { encodeRequest } from '@kvartz/resp';
import type { PieceSource } from '../snapshot-source.ts';

const pieceBytes = 256 * 1024;

/** The data of a snapshot as the commands that make them (`aof-use-rdb-preamble no`). */
export class CommandPieces implements PieceSource {
  readonly #source: PieceSource;
  readonly #commands: AsyncGenerator<Uint8Array>;

  constructor(source: PieceSource) {
    this.#source = source;
    this.#commands = commandsOf(source);
  }

  get keysTotal(): number {
    return this.#source.keysTotal;
  }

  get keysDone(): number {
    return this.#source.keysDone;
  }

  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < pieceBytes) {
      const { done, value } = await this.#commands.next();
      if (done === true) break;
      parts.push(value);
      bytes += value.length;
    }
    return bytes === 0 ? undefined : joined(parts, bytes);
  }

  abort(): void {
    this.#source.abort();
  }
}

async function* commandsOf(source: PieceSource): AsyncGenerator<Uint8Array> {
  let db = -1;
  for await (const item of readRdb(piecesOf(source), { isChecksummed: false })) {
    if (item.type === 'aux' || item.type === 'function') continue;
    if (item.db !== db) {
      db = item.db;
      yield encodeRequest(['SELECT', db]);
    }
    yield* commandsOfKey(item);
  }
}

async function* piecesOf(source: PieceSource): AsyncGenerator<Uint8Array> {
  for (let piece = await source.next(); piece !== undefined; piece = await source.next()) yield piece;
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
