/** The byte that begins each reply or piece of one, RESP2 and RESP3. */
export const replyType = {
  status: 0x2b,
  error: 0x2d,
  integer: 0x3a,
  bulk: 0x24,
  array: 0x2a,
  null: 0x5f,
  double: 0x2c,
  boolean: 0x23,
  blobError: 0x21,
  verbatim: 0x3d,
  bigNumber: 0x28,
  map: 0x25,
  set: 0x7e,
  push: 0x3e,
  attribute: 0x7c,
  /** A piece of a streamed string. */
  piece: 0x3b,
  /** The end of a streamed aggregate. */
  end: 0x2e,
} as const;
