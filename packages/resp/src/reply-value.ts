import type { ReplyError } from './errors.ts';

/** A reply as a JavaScript value; see the table in ReplyDecoder. */
export type ReplyValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array<ArrayBuffer>
  | ReplyError
  | VerbatimText
  | ReplyValue[]
  | Map<ReplyValue, ReplyValue>
  | Set<ReplyValue>;

/** A verbatim string with its format, `txt` or `mkd`: what `verbatim: 'object'` asks for. */
export class VerbatimText {
  readonly format: string;
  readonly text: string;

  constructor(format: string, text: string) {
    this.format = format;
    this.text = text;
  }
}

export interface ReplyDecoderOptions {
  /** Bulks as bytes, each in memory of its own, instead of as UTF-8 text. Statuses and errors stay text. */
  readonly bytes?: boolean;
  /**
   * The caller never writes to a chunk again (so it is with the `data` events of a Node socket), and bytes may be views of
   * it. Default false: they are copied.
   */
  readonly ownsChunks?: boolean;
  /** `array`: maps as flat arrays of keys and values, sets as arrays, the way RESP2 has them. Default `native`. */
  readonly aggregates?: 'native' | 'array';
  /** `object`: VerbatimText. Default `text`: its text alone (bytes, if `bytes` is set). */
  readonly verbatim?: 'text' | 'object';
  /** Aggregates within aggregates. Default 128. */
  readonly depthMax?: number;
  /** Longest bulk. Default 512 MiB, Redis's own limit; as text never more than V8's longest string, 24 bytes less. */
  readonly bulkBytesMax?: number;
  /** Most elements of one aggregate. Default 2^27, the longest array that V8 keeps as an array. */
  readonly elementsMax?: number;
  /** Longest line: statuses, errors, big numbers. Default 64 KiB. */
  readonly lineBytesMax?: number;
}
