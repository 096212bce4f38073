/** A string of a file: any bytes. */
export type RdbString = Uint8Array<ArrayBuffer>;

export interface RdbField {
  readonly field: RdbString;
  readonly value: RdbString;
  /** Milliseconds since the epoch; undefined: the field does not expire. */
  readonly expireAtMs?: number | undefined;
}

export interface RdbMember {
  readonly member: RdbString;
  readonly score: number;
}

export interface RdbStreamEntry {
  /** `ms-seq`. */
  readonly id: string;
  readonly fields: readonly (readonly [field: RdbString, value: RdbString])[];
}

export interface RdbPending {
  readonly id: string;
  readonly consumer: RdbString;
  readonly deliveredMs: number;
  readonly deliveries: number;
}

export interface RdbConsumer {
  readonly name: RdbString;
  readonly seenMs: number;
  /** -1: never. */
  readonly activeMs: number;
}

export interface RdbGroup {
  readonly name: RdbString;
  readonly lastId: string;
  /** -1: not known. */
  readonly entriesRead: bigint;
  readonly consumers: readonly RdbConsumer[];
  readonly pending: readonly RdbPending[];
}

export interface RdbStream {
  readonly entries: readonly RdbStreamEntry[];
  readonly lastId: string;
  readonly maxDeletedId: string;
  readonly entriesAdded: bigint;
  readonly groups: readonly RdbGroup[];
}

/** A value, whichever encoding it has in the file. */
export type RdbValue =
  | { readonly type: 'string'; readonly value: RdbString }
  | { readonly type: 'list'; readonly value: readonly RdbString[] }
  | { readonly type: 'set'; readonly value: readonly RdbString[] }
  | { readonly type: 'hash'; readonly value: readonly RdbField[] }
  | { readonly type: 'zset'; readonly value: readonly RdbMember[] }
  | { readonly type: 'stream'; readonly value: RdbStream }
  /** Of a module: nobody else can read it. */
  | { readonly type: 'module'; readonly value: string };

/** A key of a file with all that the file says of it. */
export type RdbKey = RdbValue & {
  readonly db: number;
  readonly key: RdbString;
  /** Milliseconds since the epoch. */
  readonly expireAtMs?: number | undefined;
  readonly idleSeconds?: number | undefined;
  readonly freq?: number | undefined;
};

/** What stands in a file beside the keys. */
export type RdbNote =
  | { readonly type: 'aux'; readonly name: string; readonly value: string }
  | { readonly type: 'function'; readonly code: RdbString };
