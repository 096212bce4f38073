import { latin1Of, quoteWord } from '@kvartz/base';
import { isStream, isTimedPack, kindOf, type RdbKind } from './kinds.ts';
import { packError } from './packed/pack-reader.ts';
import { PackReaders } from './packed/pack-readers.ts';
import { RdbBytes } from './rdb-bytes.ts';
import { RdbError } from './rdb-error.ts';
import { RdbEvent } from './rdb-event.ts';
import { RdbParser, type RdbParserOptions } from './rdb-parser.ts';
import { StreamNodeReader } from './stream-node-reader.ts';

/** Of a key, in errors. */
const shownKeyBytes = 80;

export interface RdbScanHandler {
  /** A whole key: what the fields of the scanner tell. */
  onKey?(scanner: RdbScanner): void;
  onAux?(name: string, value: string): void;
  onFunctionLibrary?(code: Uint8Array): void;
  onModuleAux?(moduleName: string): void;
}

/**
 * Goes over a file from pieces of any size and looks at every element, packed ones too, without keeping any: for those who count or
 * check. Values may be larger than memory.
 */
export class RdbScanner {
  // Of the key, while `onKey` runs.
  db = 0;
  /** A copy, in memory that the next key takes. */
  readonly key: RdbBytes = new RdbBytes();
  kind: RdbKind = 'string';
  /** Elements, fields, members or entries; bytes of a string. */
  count = 0;
  /** What the key takes in the file, with its time of expiry. A module's value counts to the next key. */
  fileBytes = 0;
  /** Infinity: none. */
  expireAtMs = Infinity;

  readonly #parser: RdbParser;
  readonly #handler: RdbScanHandler;
  readonly #packs = new PackReaders();
  readonly #nodes = new StreamNodeReader();
  readonly #element = new RdbBytes();
  #startOffset = 0;
  #isDone = false;

  constructor(handler: RdbScanHandler, options?: RdbParserOptions) {
    this.#handler = handler;
    this.#parser = new RdbParser(options);
  }

  get version(): number {
    return this.#parser.version;
  }

  /** Bytes that have been read. */
  get offset(): number {
    return this.#parser.offset;
  }

  /** The file is over: what follows is not of it. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The next bytes, which may be used again afterwards. Throws RdbError. */
  feed(piece: Uint8Array): void {
    if (this.#isDone) return;
    const parser = this.#parser;
    parser.feed(piece);
    for (let event = parser.next(); event !== RdbEvent.needMore; event = parser.next()) {
      this.#take(event);
      if (this.#isDone) return;
    }
  }

  /** No more will come. Throws unless the file was whole. */
  finish(): void {
    this.#parser.finish();
  }

  #take(event: RdbEvent): void {
    const parser = this.#parser;
    const handler = this.#handler;
    switch (event) {
      case RdbEvent.string:
        this.#begin(parser.value.sizeBytes);
        return this.#endKey();
      case RdbEvent.blob:
        this.#begin(0);
        this.count = this.#packCount();
        return this.#endKey();
      case RdbEvent.moduleValue:
        this.#begin(0);
        return this.#endKey();
      case RdbEvent.begin:
        return this.#begin(0);
      case RdbEvent.element:
        this.count++;
        return;
      case RdbEvent.node:
        this.count += isStream(parser.type) ? this.#streamNodeCount() : parser.isPlain ? 1 : this.#packCount();
        return;
      case RdbEvent.end:
        return this.#endKey();
      case RdbEvent.aux:
        handler.onAux?.(String(parser.key), String(parser.value));
        break;
      case RdbEvent.functionLibrary:
        handler.onFunctionLibrary?.(parser.value.toBytes());
        break;
      case RdbEvent.moduleAux:
        handler.onModuleAux?.(parser.moduleName);
        break;
      case RdbEvent.eof:
        this.#isDone = true;
        break;
      case RdbEvent.selectDb:
      case RdbEvent.resizeDb:
        break;
      default:
        // What a stream says of its groups.
        return;
    }
    this.#startOffset = parser.offset;
  }

  #begin(count: number): void {
    const { db, expireAtMs, key, type } = this.#parser;
    this.db = db;
    this.expireAtMs = expireAtMs;
    this.kind = kindOf(type);
    this.count = count;
    const { sizeBytes } = key;
    this.key.reserve(sizeBytes).u8.set(key.buffer.u8.subarray(key.start, key.end));
  }

  #endKey(): void {
    const { offset } = this.#parser;
    this.fileBytes = offset - this.#startOffset;
    this.#startOffset = offset;
    this.#handler.onKey?.(this);
  }

  /** Elements of the packed value that has just come. */
  #packCount(): number {
    const { type, value: pack } = this.#parser;
    const reader = this.#packs.of(type);
    const element = this.#element;
    let elements = 0;
    try {
      reader.begin(pack);
      while (reader.next(element)) elements++;
      const kind = kindOf(type);
      const each = kind === 'list' || kind === 'set' ? 1 : isTimedPack(type) ? 3 : 2;
      if (elements % each !== 0) {
        throw packError('pack', pack.sizeBytes, `${each} elements for each entry`, `${elements} elements`);
      }
      return elements / each;
    } catch (error) {
      throw this.#located(error);
    }
  }

  #streamNodeCount(): number {
    const { stream, value: pack } = this.#parser;
    const nodes = this.#nodes;
    try {
      nodes.begin(pack, stream.nodeId);
      while (nodes.nextEntry()) nodes.skip();
      return nodes.count;
    } catch (error) {
      throw this.#located(error);
    }
  }

  /** Readers of packs count from the start of the pack, and do not know whose it is. */
  #located(error: unknown): unknown {
    if (!(error instanceof RdbError)) return error;
    const { buffer, end, start } = this.key;
    const key = quoteWord(latin1Of(buffer.u8, start, Math.min(end, start + shownKeyBytes)));
    return new RdbError({ ...error, offset: this.#parser.offset, expected: `${error.expected}, in the key ${key}` });
  }
}
